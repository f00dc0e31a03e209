import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { writeReport } from './write-report.js'

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678)

test("a report is a file of its own, named as upstream's, that only its owner reads", (t) => {
  const folder = temporaryFolder(t)
  const path = writeReport(fs, { logDir: folder, service: 'nova-compute', pid: 7 }, 'text ä\n', now)
  assert.equal(path, join(folder, 'nova-compute_gurumeditation_20260102030405'))
  assert.equal(fs.readFileSync(String(path), 'utf8'), 'text ä\n')
  assert.equal(fs.statSync(String(path)).mode & 0o777, 0o600)
})

test('reports of several workers in one second do not overwrite each other', (t) => {
  const logDir = temporaryFolder(t)
  const paths = [7, 8, 8].map((pid) => writeReport(fs, { logDir, service: 'nova-conductor', pid }, `of ${pid}`, now))
  assert.deepEqual(
    paths.map((path) => path?.slice(logDir.length)),
    ['', '_8', '_8_2'].map((rest) => `/nova-conductor_gurumeditation_20260102030405${rest}`),
  )
})

/** A file system that shows what comes to standard error. */
function recordingStderr() {
  let written = ''
  let refusals = 2
  const writeSync = (fd: number, bytes: Uint8Array, at: number) => {
    assert.equal(fd, 2)
    if (refusals-- > 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' })
    const piece = bytes.slice(at, at + 5)
    written += new TextDecoder('latin1').decode(piece)
    return piece.length
  }
  return { fs: { ...fs, writeSync: writeSync as typeof fs.writeSync }, written: () => written }
}

test('without a folder a report goes to standard error, in as many pieces as that takes', () => {
  const stderr = recordingStderr()
  assert.equal(writeReport(stderr.fs, { logDir: null, service: 'nova-compute', pid: 7 }, 'a report of many bytes', now), null)
  assert.equal(stderr.written(), 'a report of many bytes')
})

test('a folder that is not there sends the report to standard error, and says why', () => {
  const stderr = recordingStderr()
  writeReport(stderr.fs, { logDir: '/nonexistent', service: 'nova-compute', pid: 7 }, 'the report', now)
  assert.match(
    stderr.written(),
    /^Unable to dump Guru Meditation Report to file \/nonexistent\/nova-compute_gurumeditation_20260102030405: ENOENT.*\nthe report$/,
  )
})
