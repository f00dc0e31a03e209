import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { systemClock } from '@micronova/lifecycle'
import { setupLogging } from '../../src/setup-logging.js'
import { fakeDeps, settingsWith } from '../settings.js'

/** A disk of 64 KiB in memory, or why there is none. */
function smallDisk(t: TestContext): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'micronova-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    rmdirSync(folder)
    t.skip('a tmpfs cannot be mounted here')
    return undefined
  }
  t.after(() => {
    execFileSync('umount', ['--lazy', folder])
    rmdirSync(folder)
  })
  return folder
}

test('a full disk costs no whole line as long as there is memory, and is used again once it has room', async (t) => {
  const disk = smallDisk(t)
  if (disk === undefined) return
  const path = join(disk, 'x.log')
  const deps = fakeDeps({ clock: systemClock })
  const logging = setupLogging(settingsWith({ log_file: path, logging_default_format_string: '%(message)s' }), deps)
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(56 * 1024))
  for (let i = 0; i < 400; i += 1) logging.root.info(`line ${i} ${'x'.repeat(90)}`)
  while (logging.stats.outputs[0]?.failure === null) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.match(deps.stderr.text, /ENOSPC/)
  rmSync(join(disk, 'ballast'))
  await logging.flush(AbortSignal.timeout(10_000))
  await logging.close(AbortSignal.timeout(10_000))
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  assert.deepEqual(
    lines.map((line) => line.slice(0, -91)),
    Array.from({ length: 400 }, (_, i) => `line ${i}`),
  )
})

test('while a disk is full and memory is used up, errors outlast what matters less', async (t) => {
  const disk = smallDisk(t)
  if (disk === undefined) return
  const path = join(disk, 'x.log')
  writeFileSync(path, Buffer.alloc(64 * 1024))
  const deps = fakeDeps({ clock: systemClock, maxBufferedBytes: 2_000 })
  const logging = setupLogging(settingsWith({ log_file: path, logging_default_format_string: '%(message)s' }), deps)
  logging.root.info('the first')
  while (logging.stats.outputs[0]?.failure === null) await new Promise((resolve) => setTimeout(resolve, 5))
  for (let i = 0; i < 1_000; i += 1) logging.root[i % 100 === 0 ? 'error' : 'info'](`line ${i}`)
  writeFileSync(path, '')
  await logging.close(AbortSignal.timeout(10_000))
  const text = readFileSync(path, 'utf8')
  const lost = logging.stats.outputs[0]?.lost ?? 0
  for (let i = 0; i < 1_000; i += 100) assert.match(text, new RegExp(`^line ${i}$`, 'm'))
  assert.match(text, new RegExp(`^the first\n${lost} lines lost: .*/x\\.log did not take them\n`))
  assert.equal(text.split('\n').length - 1 - 1 + lost, 1_001)
})
