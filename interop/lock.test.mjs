import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockCloud } from './lock.mjs'

function fixture(t) {
  const folder = mkdtempSync(join(tmpdir(), 'micronova-interop-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const lines = []
  return { file: join(folder, 'lock'), lines, log: (line) => lines.push(line) }
}

test('a second run waits, says for whom, and begins when the first has given the cloud back', async (t) => {
  const { file, lines, log } = fixture(t)
  const order = []
  const unlock = await lockCloud(file, log)
  const second = lockCloud(file, log, { pid: process.ppid, everyMs: 1 }).then(() => order.push('second begins'))
  order.push('first ends')
  unlock()
  await second
  assert.deepEqual(order, ['first ends', 'second begins'])
  assert.equal(lines.length, 1)
  assert.match(lines[0], new RegExp(`process ${process.pid} uses the cloud`))
})

test('a lock of a process that is not there any more is taken', async (t) => {
  const { file, log } = fixture(t)
  writeFileSync(file, '2147483647')
  await lockCloud(file, log, { everyMs: 1 })
})
