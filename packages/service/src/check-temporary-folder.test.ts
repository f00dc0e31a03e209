import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { checkTemporaryFolder } from './check-temporary-folder.js'
import { BadTemporaryFolder } from './errors.js'

test('a temporary folder that can be written to is left as it was', (t) => {
  const folder = temporaryFolder(t)
  checkTemporaryFolder(folder)
  assert.deepEqual(readdirSync(folder), [])
  checkTemporaryFolder(null)
})

test('one that cannot is named', (t) => {
  const missing = join(temporaryFolder(t), 'missing')
  assert.throws(
    () => checkTemporaryFolder(missing),
    (err) => err instanceof BadTemporaryFolder && err.message.includes(`${missing} cannot be written to (ENOENT)`),
  )
})
