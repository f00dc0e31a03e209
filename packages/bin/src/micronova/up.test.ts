import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { CloudError } from '@micronova/cloud'
import { temporaryFolder } from '@micronova/testing'
import { CommandFailed } from '../usage-error.js'
import { startCloud, type UpOptions } from './up.js'

const forever = new AbortController().signal

function prepared(t: Parameters<typeof temporaryFolder>[0]) {
  const folder = temporaryFolder(t)
  const options: UpOptions & { readyFile: string } = {
    stateDir: join(folder, 'state'),
    hosts: 1,
    driver: 'fake',
    readyFile: join(folder, 'ready'),
  }
  const terminal = (write: (text: string) => void = () => {}) => ({ stdout: { write }, stderr: { write }, environment: {} })
  return { options, terminal }
}

test('the ready file of an earlier run is gone until everything answers, and the new one comes in one piece', async (t) => {
  const { options, terminal } = prepared(t)
  writeFileSync(options.readyFile, 'of an earlier run')
  const shown: string[] = []
  const { stop } = await startCloud(
    options,
    terminal((text) => existsSync(options.readyFile) && shown.push(text)),
    forever,
  )
  t.after(() => stop(forever))
  assert.equal(shown.length, 1)
  assert.match(shown[0] ?? '', /ready after/)
  assert.equal(JSON.parse(readFileSync(options.readyFile, 'utf8')).pid, process.pid)
  assert.equal(statSync(options.readyFile).mode & 0o777, 0o600)
  assert.deepEqual(
    readdirSync(dirname(options.readyFile)).filter((name) => name.startsWith(basename(options.readyFile))),
    ['ready'],
  )
})

test('a second cloud on the same state directory is refused and leaves the ready file of the first', async (t) => {
  const { options, terminal } = prepared(t)
  const { stop } = await startCloud(options, terminal(), forever)
  t.after(() => stop(forever))
  await assert.rejects(startCloud(options, terminal(), forever), (err) => err instanceof CloudError && err.pid === process.pid)
  assert.ok(existsSync(options.readyFile))
})

test('a ready file that cannot be written ends the start and gives the state directory back', async (t) => {
  const { options, terminal } = prepared(t)
  for (const readyFile of [join(options.readyFile, 'nonesuch'), dirname(options.readyFile)])
    await assert.rejects(
      startCloud({ ...options, readyFile }, terminal(), forever),
      (err) => err instanceof CommandFailed && err.message.includes(readyFile),
    )
  const { stop } = await startCloud(options, terminal(), forever)
  await stop(forever)
})
