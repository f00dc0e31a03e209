import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@micronova/testing'
import { FakeSink, type Step } from '../../test/fake-sink.js'
import { BufferedWriter } from './buffered-writer.js'

const INFO = 20
const ERROR = 40

function writerTo(sink: FakeSink, { maxBytes = 1_000 } = {}) {
  const clock = new FakeClock()
  const failures: string[] = []
  const writer = new BufferedWriter(
    { sink, clock, lostNotice: (count) => `(${count} lost)\n`, onFailure: (_, reason) => failures.push(reason) },
    { maxBytes },
  )
  return { writer, clock, failures }
}

function scripted(...script: Step[]) {
  const sink = new FakeSink(...script)
  return { sink, ...writerTo(sink) }
}

const soon = () => AbortSignal.timeout(5_000)
const now = AbortSignal.abort()

test('lines of one turn of the event loop are written together, after it', async () => {
  const { sink, writer } = scripted()
  writer.push('a\n', INFO)
  writer.push('b\n', INFO)
  assert.deepEqual(sink.taken, [])
  await writer.flush(soon())
  assert.deepEqual(sink.taken, ['a\nb\n'])
})

test('lines that come while a write is in hand wait for it and go out together', async () => {
  const { sink, writer, clock } = scripted({ hang: true })
  writer.push('a\n', INFO)
  await clock.advance(0)
  for (const line of ['b\n', 'c\n']) writer.push(line, INFO)
  await clock.advance(0)
  assert.deepEqual(sink.taken, [])
  sink.resume()
  await writer.flush(soon())
  assert.deepEqual(sink.taken, ['a\n', 'b\nc\n'])
})

test('a sink that takes a part of a batch is given the rest', async () => {
  const { sink, writer } = scripted({ take: 3 }, { take: 1 })
  writer.push('one line\n', INFO)
  await writer.flush(soon())
  assert.deepEqual(sink.taken, ['one', ' ', 'line\n'])
  assert.equal(writer.stats.written, 1)
})

test('what failed is tried again with growing delays, on a sink opened anew', async () => {
  const { sink, writer, clock, failures } = scripted({ fail: 'ENOSPC' }, { fail: 'ENOSPC' }, { fail: 'EIO' })
  writer.push('a\n', INFO)
  await clock.advance(249)
  assert.equal(sink.reopened, 0)
  assert.equal(writer.stats.failure, 'ENOSPC')
  await clock.advance(1)
  assert.equal(sink.reopened, 1)
  await clock.advance(500 + 1_000)
  assert.deepEqual(sink.taken, ['a\n'])
  assert.deepEqual(failures, ['ENOSPC'])
  assert.deepEqual(writer.stats, { name: 'fake', written: 1, lost: 0, bufferedBytes: 0, failure: null })
})

test('a long failure is looked at every five seconds', async () => {
  const sink = new FakeSink()
  sink.script.push(...Array.from({ length: 50 }, () => ({ fail: 'ENOSPC' })))
  const { writer, clock } = writerTo(sink)
  writer.push('a\n', INFO)
  await clock.advance(60_000)
  const before = sink.reopened
  await clock.advance(50_000)
  assert.equal(sink.reopened - before, 10)
})

test('a sink that cannot be opened again is tried until it can', async () => {
  const { sink, writer, clock } = scripted({ fail: 'EIO' })
  sink.reopenFailure = 'ENOENT'
  writer.push('a\n', INFO)
  await clock.advance(2_000)
  assert.deepEqual(sink.taken, [])
  sink.reopenFailure = null
  await clock.advance(5_000)
  assert.deepEqual(sink.taken, ['a\n'])
})

test('after a failure in the middle of a line the same output is continued', async () => {
  const { sink, writer, clock } = scripted({ take: 5 }, { fail: 'ENOSPC' })
  writer.push('abc\ndef\n', INFO)
  await clock.advance(250)
  assert.equal(sink.text, 'abc\ndef\n')
})

test('after a failure in the middle of a line a new output is given the whole line', async () => {
  const { sink, writer, clock } = scripted({ take: 5 }, { fail: 'EPIPE' })
  sink.fresh = true
  writer.push('abc\ndef\n', INFO)
  await clock.advance(250)
  assert.deepEqual(sink.taken, ['abc\nd', 'def\n'])
})

test('lines without room are counted and reported before those that come after them', async () => {
  const sink = new FakeSink({ hang: true })
  const { writer, clock } = writerTo(sink, { maxBytes: 6 })
  writer.push('0\n', INFO)
  await clock.advance(0)
  for (const [line, level] of [
    ['a\n', INFO],
    ['B\n', ERROR],
    ['c\n', INFO],
    ['D\n', ERROR],
    ['E\n', ERROR],
  ] as const)
    writer.push(line, level)
  assert.equal(writer.stats.lost, 2)
  sink.resume()
  await writer.flush(soon())
  assert.deepEqual(sink.taken, ['0\n', '(2 lost)\nB\nD\nE\n'])
  assert.deepEqual(writer.stats, { name: 'fake', written: 4, lost: 2, bufferedBytes: 0, failure: null })
})

test('memory stays bounded while a sink takes nothing', async () => {
  const sink = new FakeSink({ hang: true })
  const { writer, clock } = writerTo(sink, { maxBytes: 10_000 })
  for (let i = 0; i < 100_000; i += 1) {
    writer.push('a line of some length\n', INFO)
    if (i === 0) await clock.advance(0)
  }
  assert.ok(writer.stats.bufferedBytes <= 10_000 + 22)
  assert.equal(writer.stats.lost, 100_000 - 1 - Math.floor(10_000 / 22))
  sink.resume()
  await writer.close(soon())
})

test('reopen ends the wait of a failing sink and lets go of a healthy one before its next write', async () => {
  const { sink, writer, clock } = scripted({ fail: 'ENOENT' })
  writer.push('a\n', INFO)
  await clock.advance(0)
  writer.reopen()
  await writer.flush(soon())
  assert.deepEqual([sink.reopened, sink.text], [1, 'a\n'])
  writer.reopen()
  await writer.flush(soon())
  assert.equal(sink.reopened, 2)
})

test('close writes what waits, then closes the sink; later lines are counted as lost', async () => {
  const { sink, writer } = scripted()
  writer.push('a\n', INFO)
  await writer.close(soon())
  assert.deepEqual([sink.text, sink.closed], ['a\n', true])
  writer.push('b\n', INFO)
  await writer.close(soon())
  assert.equal(writer.stats.lost, 1)
})

test('close tries a failing sink at once, and gives up at its deadline', async () => {
  const { sink, writer, clock } = scripted({ fail: 'ENOSPC' })
  writer.push('a\n', INFO)
  await clock.advance(0)
  await writer.close(soon())
  assert.equal(sink.text, 'a\n')

  const hopeless = scripted({ fail: 'ENOSPC' }, { fail: 'ENOSPC' }, { fail: 'ENOSPC' })
  hopeless.writer.push('a\nb\n', INFO)
  hopeless.writer.push('c\n', INFO)
  await hopeless.clock.advance(0)
  await hopeless.writer.close(now)
  await hopeless.clock.advance(0)
  assert.deepEqual([hopeless.writer.stats.lost, hopeless.sink.closed, hopeless.clock.pendingTimers], [2, true, 0])
})

test('close does not wait beyond its deadline for a write that hangs, and closes the sink after it', async () => {
  const { sink, writer, clock } = scripted({ hang: true })
  writer.push('a\n', INFO)
  await clock.advance(0)
  await writer.close(now)
  assert.deepEqual([writer.stats.lost, sink.closed], [1, false])
  sink.resume()
  await clock.advance(0)
  assert.equal(sink.closed, true)
})

test('flushSync writes what waits before it returns, but not again what is on its way', async () => {
  const { sink, writer, clock } = scripted({ hang: true })
  writer.push('a\n', INFO)
  await clock.advance(0)
  writer.push('b\n', INFO)
  assert.equal(writer.flushSync(), true)
  assert.deepEqual(sink.taken, ['b\n'])
  sink.resume()
  await writer.flush(soon())
  assert.deepEqual(sink.taken, ['b\n', 'a\n'])
})

test('flushSync writes a batch that waits for another try', async () => {
  const { sink, writer, clock } = scripted({ fail: 'EIO' })
  writer.push('a\n', INFO)
  await clock.advance(0)
  assert.equal(writer.flushSync(), true)
  await clock.advance(10_000)
  assert.deepEqual(sink.taken, ['a\n'])
})

test('flushSync says so if a sink cannot', async () => {
  const { sink, writer } = scripted()
  Object.assign(sink, { writeSync: undefined })
  writer.push('a\n', INFO)
  assert.equal(writer.flushSync(), false)
  await writer.flush(soon())
  assert.equal(sink.text, 'a\n')
})
