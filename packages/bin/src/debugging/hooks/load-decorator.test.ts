import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { adminContext } from '@micronova/model'
import { temporaryFolder } from '@micronova/testing'
import { loadDecorator } from './load-decorator.js'

test('a decorator is an export of an ES module', async (t) => {
  const path = join(temporaryFolder(t), 'audit.mjs')
  writeFileSync(path, 'export function audit(name, call) { return async (...of) => [name, await call(...of)] }\n')
  const decorator = loadDecorator({ kind: 'file', path, exported: 'audit' }, {})
  const ctx = adminContext({ clock: systemClock, random: systemRandom })
  assert.deepEqual(await decorator('a.b', async () => 1)(ctx, {}, new AbortController().signal), ['a.b', 1])
  assert.throws(() => loadDecorator({ kind: 'file', path, exported: 'nothing' }, {}), /audit\.mjs exports no function nothing$/)
})

test('a file that is missing or wrong is named in one line', (t) => {
  const folder = temporaryFolder(t)
  const load = (path: string) => loadDecorator({ kind: 'file', path, exported: 'x' }, {})
  assert.throws(
    () => load('/nowhere/audit.mjs'),
    /^CommandFailed: monkey_patch_modules: \/nowhere\/audit\.mjs cannot be loaded: .*Cannot find module [^\n]*$/,
  )
  const wrong = join(folder, 'wrong.mjs')
  writeFileSync(wrong, 'export function x( {')
  assert.throws(() => load(wrong), /wrong\.mjs cannot be loaded: SyntaxError: [^\n]*$/)
})
