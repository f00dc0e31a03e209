import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { systemClock } from '@micronova/lifecycle'
import { temporaryFolder } from '@micronova/testing'
import { priorityFraming } from '../../src/handler.js'
import { BufferedWriter } from '../../src/output/buffered-writer.js'
import { JournalSink } from '../../src/output/journal-sink.js'
import { startJournal } from './receivers.js'

const soon = () => AbortSignal.timeout(5_000)
const [INFO, ERROR, CRITICAL] = [20, 40, 50]

function writerTo(sink: JournalSink): BufferedWriter {
  return new BufferedWriter({ sink, clock: systemClock, lostNotice: String, onFailure: () => {} }, { maxBytes: 100_000 })
}

/** A stand-in for journald: hands out its connections one by one. */
function fakeJournald(t: TestContext, path: string) {
  const connections: Socket[] = []
  const waiting: ((socket: Socket) => void)[] = []
  const server = createServer((socket) => {
    const next = waiting.shift()
    if (next === undefined) connections.push(socket)
    else next(socket)
  })
  server.listen(path)
  t.after(() => server.close())
  const connection = (): Promise<Socket> => {
    const socket = connections.shift()
    return socket === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(socket)
  }
  return { connection }
}

test('lines reach the journal with their priority, one entry for each physical line', async (t) => {
  const journal = await startJournal(t)
  if (journal === undefined) return
  const frame = priorityFraming()
  const writer = writerTo(new JournalSink('nova-compute', journal.streamPath))
  writer.push(frame('a line with ünï', INFO), INFO)
  writer.push(frame('failed\nTraceback', ERROR), ERROR)
  await writer.close(soon())
  const entries = await journal.entries('nova-compute', 3)
  assert.deepEqual(
    entries.map(({ MESSAGE, PRIORITY, SYSLOG_IDENTIFIER, _PID }) => [MESSAGE, PRIORITY, SYSLOG_IDENTIFIER, _PID]),
    [
      ['a line with ünï', '6', 'nova-compute', String(process.pid)],
      ['failed', '3', 'nova-compute', String(process.pid)],
      ['Traceback', '3', 'nova-compute', String(process.pid)],
    ],
  )
})

test('a connection begins with its header', async (t) => {
  const path = join(temporaryFolder(t), 'stdout')
  const journald = fakeJournald(t, path)
  const writer = writerTo(new JournalSink('nova-compute', path))
  writer.push(priorityFraming()('the end', CRITICAL), CRITICAL)
  const received = text(await journald.connection())
  await writer.close(soon())
  assert.equal(await received, 'nova-compute\n\n6\n1\n0\n0\n0\n<2>the end\n')
})

test('after the journal has gone and come back the lines go on', async (t) => {
  const path = join(temporaryFolder(t), 'stdout')
  const journald = fakeJournald(t, path)
  const sink = new JournalSink('x', path)
  const writer = writerTo(sink)
  writer.push('one\n', INFO)
  const first = await journald.connection()
  await writer.flush(soon())
  const closed = new Promise((resolve) => first.once('close', resolve))
  first.destroy()
  await closed
  writer.push('two\n', INFO)
  const received = text(await journald.connection())
  await writer.close(soon())
  assert.equal(await received, 'x\n\n6\n1\n0\n0\n0\ntwo\n')
  assert.equal(writer.stats.lost, 0)
})
