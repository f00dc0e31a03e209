import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { FloodReport } from '../children/flood.js'

const program = fileURLToPath(new URL('../children/flood.js', import.meta.url))

async function flooding(t: TestContext): Promise<ChildProcess & { readonly stdout: NonNullable<ChildProcess['stdout']> }> {
  const child = fork(program, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  t.after(() => child.kill('SIGKILL'))
  const { stdout } = child
  assert.ok(stdout)
  await once(child, 'message')
  return Object.assign(child, { stdout })
}

async function reportOf(child: ChildProcess): Promise<FloodReport> {
  const [report] = (await once(child, 'message')) as [FloodReport]
  return report
}

test('a pipe that nobody reads neither blocks the event loop, nor grows the memory, nor holds up the exit', async (t) => {
  const child = await flooding(t)
  child.send('go')
  const report = await reportOf(child)
  assert.ok(report.lost > 1_000, `${report.lost} lost`)
  assert.ok(report.bufferedBytes <= 256 * 1024 + 65_536, `${report.bufferedBytes} bytes wait`)
  assert.ok(report.longestDelayMs < 20_000, `${report.longestDelayMs} ms without the event loop`)
  child.send('end')
  const [status] = (await once(child, 'exit')) as [number | null]
  assert.equal(status, 0)
})

test('a pipe that is read late has whole lines in their order, and one that tells how many are missing', async (t) => {
  const child = await flooding(t)
  child.send('go')
  const { lost } = await reportOf(child)
  const output = text(child.stdout)
  child.send('end')
  const lines = (await output).split('\n').slice(0, -1)
  const numbers = lines.flatMap((line) => /^[\d-]+ [\d:.]+ \d+ INFO nova\.flood \[-\] line (\d+)$/.exec(line)?.[1] ?? [])
  const notices = lines.flatMap(
    (line) => / WARNING nova\.log \[-\] (\d+) lines lost: standard output did not take them$/.exec(line)?.[1] ?? [],
  )
  assert.deepEqual(notices, [String(lost)])
  assert.equal(numbers.length + notices.length, lines.length)
  assert.equal(numbers.length + lost, 20_000)
  assert.ok(numbers.every((number, index) => index === 0 || Number(number) > Number(numbers[index - 1])))
})

test('a pipe whose reader is gone does no harm', async (t) => {
  const child = await flooding(t)
  child.stdout.destroy()
  await once(child.stdout, 'close')
  child.send('go')
  const report = await reportOf(child)
  assert.match(report.failure ?? '', /EPIPE/)
  child.send('end')
  const [status] = (await once(child, 'exit')) as [number | null]
  assert.equal(status, 0)
})
