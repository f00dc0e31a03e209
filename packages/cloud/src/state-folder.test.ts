import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { CloudError } from './errors.js'
import { takeStateFolder } from './state-folder.js'

const refused = (code: CloudError['code'], pid: number | null) => (err: unknown) =>
  err instanceof CloudError && err.code === code && err.pid === pid

test('a state folder is made for its owner only and can be taken again after its release', (t) => {
  const path = join(temporaryFolder(t), 'state')
  const folder = takeStateFolder(path)
  assert.equal(statSync(path).mode & 0o777, 0o700)
  assert.throws(() => takeStateFolder(path), refused('state_folder_in_use', process.pid))
  folder.release()
  takeStateFolder(path).release()
  assert.equal(existsSync(join(path, 'lock')), false)
})

test('a second process is told the pid of the first', async (t) => {
  const path = join(temporaryFolder(t), 'state')
  takeStateFolder(path).release()
  const other = spawn('sleep', ['60'])
  t.after(() => other.kill())
  await once(other, 'spawn')
  takeStateFolder(path, other.pid)
  assert.throws(() => takeStateFolder(path), refused('state_folder_in_use', other.pid as number))
})

test('the lock of a process that is gone is taken over, also if its pid lives on in another', async (t) => {
  const path = join(temporaryFolder(t), 'state')
  const gone = spawn('sleep', ['60'])
  await once(gone, 'spawn')
  takeStateFolder(path, gone.pid)
  gone.kill('SIGKILL')
  await once(gone, 'exit')
  takeStateFolder(path).release()
  writeFileSync(join(path, 'lock'), JSON.stringify({ pid: process.pid, startTicks: '1' }))
  takeStateFolder(path).release()
  writeFileSync(join(path, 'lock'), 'torn')
  takeStateFolder(path).release()
})

test('a folder that others may read is refused', (t) => {
  const path = temporaryFolder(t)
  chmodSync(path, 0o755)
  assert.throws(() => takeStateFolder(path), refused('state_folder_unusable', null))
})

test('a path that cannot be a folder is refused with the reason', (t) => {
  const file = join(temporaryFolder(t), 'file')
  writeFileSync(file, '')
  assert.throws(() => takeStateFolder(join(file, 'state')), /state directory .* cannot be used: ENOTDIR/)
})
