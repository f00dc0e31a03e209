import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDatabaseError } from '../errors.js'
import { loadLibrary } from './library.js'

test('a library that is not installed is named in one sentence', async () => {
  const missing = 'micronova-no-such-package'
  await assert.rejects(
    loadLibrary('mysql2', () => import(missing)),
    (err) => isDatabaseError(err, 'invalid_url') && err.message.endsWith('the npm package mysql2 is not installed'),
  )
})

test('a library that is installed but broken says so itself', async () => {
  const broken = async () => {
    throw new SyntaxError('unexpected token')
  }
  await assert.rejects(loadLibrary('mysql2', broken), SyntaxError)
})
