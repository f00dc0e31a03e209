import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { systemClock } from '@micronova/lifecycle'
import { FakeClock, temporaryFolder } from '@micronova/testing'
import { priorityFraming } from '../../src/handler.js'
import { BufferedWriter } from '../../src/output/buffered-writer.js'
import type { Sink } from '../../src/output/sink.js'
import { SyslogSink } from '../../src/output/syslog-sink.js'
import { UdpSink } from '../../src/output/udp-sink.js'
import { setupLogging } from '../../src/setup-logging.js'
import { fakeDeps, settingsWith } from '../settings.js'
import { startJournal, startSyslogDaemon, until } from './receivers.js'

const soon = () => AbortSignal.timeout(5_000)
const [INFO, WARNING, ERROR] = [20, 30, 40]
const DAEMON = 3

function writerTo(sink: Sink, clock = systemClock): BufferedWriter {
  return new BufferedWriter({ sink, clock, lostNotice: String, onFailure: () => {} }, { maxBytes: 100_000 })
}

test("lines reach a syslog daemon in syslog's form, each physical line as a message", async (t) => {
  const path = join(temporaryFolder(t), 'log')
  const daemon = await startSyslogDaemon(t, path)
  if (daemon === undefined) return
  const frame = priorityFraming(DAEMON)
  const writer = writerTo(new SyslogSink('nova-compute', { path }))
  writer.push(frame('slow', WARNING), WARNING)
  writer.push(frame(`failed ${'x'.repeat(5_000)}\nTraceback`, ERROR), ERROR)
  await writer.close(soon())
  await until(() => daemon.messages.length === 3)
  const when = '[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d'
  const [first = '', second = '', third = ''] = daemon.messages
  assert.match(first, new RegExp(`^<28>${when} nova-compute: slow$`))
  assert.match(second, new RegExp(`^<27>${when} nova-compute: failed x{5000}$`))
  assert.match(third, new RegExp(`^<27>${when} nova-compute: Traceback$`))
})

test('a SysLogHandler of log_config_append reaches a syslog daemon', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, 'log')
  const daemon = await startSyslogDaemon(t, path)
  if (daemon === undefined) return
  const file = join(folder, 'logging.conf')
  const sections = [
    '[loggers]\nkeys=root\n[logger_root]\nlevel=INFO\nhandlers=h\n[handlers]\nkeys=h\n[formatters]\nkeys=c',
    `[handler_h]\nclass=handlers.SysLogHandler\nargs=('${path}', handlers.SysLogHandler.LOG_LOCAL0)\nformatter=c`,
    '[formatter_c]\nclass=oslo_log.formatters.ContextFormatter\ndatefmt=%H',
  ]
  writeFileSync(file, sections.join('\n'))
  const logging = setupLogging(settingsWith({ log_config_append: file }), fakeDeps({ clock: systemClock }))
  logging.getLogger('nova').warning('slow')
  await logging.close(soon())
  await until(() => daemon.messages.length === 1)
  assert.match(daemon.messages[0] ?? '', /^<132>.* nova-compute: \d\d\.\d{3} \d+ WARNING nova \[-\] slow$/)
})

test('lines reach a real syslog socket of systemd-journald', async (t) => {
  const journal = await startJournal(t)
  if (journal === undefined) return
  const writer = writerTo(new SyslogSink('nova-compute', { path: journal.syslogPath }))
  writer.push(priorityFraming(DAEMON)('hello', WARNING), WARNING)
  await writer.close(soon())
  const [entry] = await journal.entries('nova-compute', 1)
  assert.deepEqual([entry?.MESSAGE, entry?.PRIORITY, entry?.SYSLOG_FACILITY, entry?._TRANSPORT], ['hello', '4', '3', 'syslog'])
})

test('after a syslog daemon was restarted the lines go on', async (t) => {
  const path = join(temporaryFolder(t), 'log')
  const first = await startSyslogDaemon(t, path)
  if (first === undefined) return
  const writer = writerTo(new SyslogSink('x', { path }))
  writer.push('<6>one\n', INFO)
  await until(() => first.messages.length === 1)
  await first.stop()
  const second = await startSyslogDaemon(t, path)
  assert.ok(second)
  let sent = 0
  await until(() => {
    sent += 1
    writer.push(`<6>again ${sent}\n`, INFO)
    return second.messages.length > 0
  })
  await writer.close(soon())
  assert.match(second.messages[0] ?? '', /x: again \d+$/)
})

test('lines wait while there is no syslog daemon, and then reach it', async (t) => {
  const path = join(temporaryFolder(t), 'log')
  const writer = writerTo(new SyslogSink('x', { path }))
  writer.push('<6>early\n', INFO)
  await until(() => writer.stats.failure !== null)
  assert.match(writer.stats.failure ?? '', /ENOENT/)
  const daemon = await startSyslogDaemon(t, path)
  if (daemon === undefined) return writer.close(AbortSignal.abort())
  await until(() => daemon.messages.length === 1)
  await writer.close(soon())
  assert.match(daemon.messages[0] ?? '', /x: early$/)
})

test('where the program `logger` is missing, lines are counted and nothing else happens', async (t) => {
  const clock = new FakeClock()
  const writer = writerTo(new SyslogSink('x', { path: temporaryFolder(t), command: '/nonexistent/logger' }), clock)
  writer.push('<6>x\n', INFO)
  await until(() => writer.stats.failure !== null)
  assert.match(writer.stats.failure ?? '', /ENOENT/)
  await writer.close(AbortSignal.abort())
  assert.equal(writer.stats.lost, 1)
})

test('a `logger` that ends is noticed and started again', async (t) => {
  const folder = temporaryFolder(t)
  const writer = writerTo(new SyslogSink('x', { path: folder, command: 'false' }))
  await until(() => {
    writer.push('<6>x\n', INFO)
    return writer.stats.failure !== null
  })
  assert.match(writer.stats.failure ?? '', /^false ended with status 1$|EPIPE/)
  await writer.close(AbortSignal.abort())
})

test('lines reach a syslog server by UDP, each as a datagram', async (t) => {
  const server = createSocket('udp4').bind(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const messages: string[] = []
  server.on('message', (message) => messages.push(message.toString()))
  const writer = writerTo(new UdpSink('127.0.0.1', server.address().port))
  const frame = priorityFraming(DAEMON)
  writer.push(frame('one\ntwo', WARNING), WARNING)
  writer.push(frame('three', INFO), INFO)
  await until(() => messages.length === 3)
  await writer.close(soon())
  assert.deepEqual(messages, ['<28>one', '<28>two', '<30>three'])
})
