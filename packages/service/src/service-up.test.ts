import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { isServiceUp, serviceDownTime } from './service-up.js'

test('the down time is the option unless reports come no more often than that', () => {
  const log = new RecordingLogger()
  assert.equal(serviceDownTime({ report_interval: 10, service_down_time: 60 }, log), 60)
  assert.deepEqual(log.messages(), [])
  assert.equal(serviceDownTime({ report_interval: 75, service_down_time: 60 }, log), 187)
  assert.equal(serviceDownTime({ report_interval: 60, service_down_time: 60 }, log), 150)
  assert.equal(log.messages('WARNING').length, 2)
})

test('a service is up while its last report, or its making, is no further away than the down time', () => {
  const now = Date.UTC(2023, 0, 1, 12)
  const before = (seconds: number) => new Date(now - seconds * 1000)
  const service = { forcedDown: false, lastSeenUp: before(60), createdAt: before(5000) }
  assert.equal(isServiceUp(service, 60, now), true)
  assert.equal(isServiceUp({ ...service, lastSeenUp: before(61) }, 60, now), false)
  assert.equal(isServiceUp({ ...service, lastSeenUp: before(-61) }, 60, now), false)
  assert.equal(isServiceUp({ ...service, lastSeenUp: null }, 60, now), false)
  assert.equal(isServiceUp({ ...service, lastSeenUp: null, createdAt: before(10) }, 60, now), true)
  assert.equal(isServiceUp({ ...service, forcedDown: true }, 60, now), false)
})
