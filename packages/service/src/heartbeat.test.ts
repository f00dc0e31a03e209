import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { FakeClock } from '@micronova/testing'
import { FakeRecords } from '../test/fake-records.js'
import { deferred, never, novaError, timeoutError } from '../test/support.js'
import { ServiceHeartbeat } from './heartbeat.js'

function fixture() {
  const clock = new FakeClock()
  const log = new RecordingLogger()
  const record = { version: 64, report_count: 40 }
  const records = new FakeRecords(record)
  const heartbeat = new ServiceHeartbeat(
    { records, log, clock },
    { identity: { host: 'compute1', binary: 'nova-compute', topic: 'compute' }, record, intervalSeconds: 10 },
  )
  return { clock, log, record, records, heartbeat }
}

test('the first report comes after 5 seconds, the next ones an interval apart, each one higher', async () => {
  const { clock, records, heartbeat } = fixture()
  await heartbeat.start()
  await clock.advance(4_999)
  assert.deepEqual(records.saved, [])
  await clock.advance(1)
  assert.deepEqual(records.saved, [41])
  await clock.advance(20_000)
  assert.deepEqual(records.saved, [41, 42, 43])
  await heartbeat.stop(never)
  await clock.advance(60_000)
  assert.equal(records.saved.length, 3)
})

test('a conductor that does not answer is named once, reports go on, and its return is said once', async () => {
  const { clock, log, records, heartbeat } = fixture()
  await heartbeat.start()
  records.saveFails = timeoutError()
  await clock.advance(25_000)
  assert.equal(log.messages('WARNING').length, 1)
  assert.deepEqual(heartbeat.report(), { intervalSeconds: 10, lastReportedAt: null, isFailing: true })
  records.saveFails = null
  await clock.advance(20_000)
  assert.deepEqual(log.messages('INFO'), ['Recovered from being unable to report status.'])
  assert.deepEqual(records.saved, [44, 45])
  assert.deepEqual(heartbeat.report(), { intervalSeconds: 10, lastReportedAt: clock.now(), isFailing: false })
  await heartbeat.stop(never)
})

test('a row that is gone and any other failure are errors each time, and the reports go on', async () => {
  const { clock, log, records, heartbeat } = fixture()
  await heartbeat.start()
  records.saveFails = novaError('ServiceNotFound')
  await clock.advance(15_000)
  assert.equal(log.messages('ERROR').length, 2)
  assert.match(log.messages('ERROR')[0] ?? '', /nova-compute on compute1 in the services table is gone/)
  records.saveFails = new Error('odd')
  await clock.advance(10_000)
  assert.deepEqual(log.messages('ERROR').at(-1), 'Unexpected error while reporting service status')
  assert.equal(log.lines.at(-1)?.err, records.saveFails)
  await heartbeat.stop(never)
})

test('stopping waits for the report under way, but not beyond the deadline', async () => {
  const { clock, records, heartbeat } = fixture()
  const gate = deferred()
  records.save = () => gate.promise
  await heartbeat.start()
  await clock.advance(5_000)
  let stopped = false
  const stop = heartbeat.stop(never).then(() => {
    stopped = true
  })
  await clock.advance(1_000)
  assert.equal(stopped, false)
  await heartbeat.stop(AbortSignal.abort())
  assert.equal(heartbeat.state, 'stopped')
  gate.resolve()
  await stop
})
