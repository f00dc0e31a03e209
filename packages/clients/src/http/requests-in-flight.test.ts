import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@micronova/testing'
import { RequestsInFlight } from './requests-in-flight.js'

test('a request is in flight from its beginning to its end, with its attempt, and without its query', () => {
  const clock = new FakeClock()
  const inFlight = new RequestsInFlight(clock)
  const request = inFlight.begin({ service: 'network', method: 'GET', path: '/v2.0/ports?device_id=a' }, 'req-1')
  const shown = { service: 'network', method: 'GET', path: '/v2.0/ports', requestId: 'req-1', sinceMs: clock.now() }
  assert.deepEqual(inFlight.report(), [{ ...shown, attempt: 0 }])
  request.attempt = 2
  assert.deepEqual(inFlight.report(), [{ ...shown, attempt: 2 }])
  request.end()
  assert.deepEqual(inFlight.report(), [])
})
