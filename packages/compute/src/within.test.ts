import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@micronova/testing'
import { within } from './within.js'

const never = new Promise<string>(() => {})

function options() {
  const stop = new AbortController()
  return { clock: new FakeClock(), ms: 10, signal: stop.signal, stop }
}

test('what comes in time is the result, and no timer is left', async () => {
  const given = options()
  assert.equal(await within(Promise.resolve('here'), given), 'here')
  assert.equal(given.clock.pendingTimers, 0)
})

test('what does not come in time is null', async () => {
  const given = options()
  const waiting = within(never, given)
  await given.clock.advance(10)
  assert.equal(await waiting, null)
})

test('an abort ends the waiting with its reason, and a failure comes through', async () => {
  const given = options()
  const waiting = within(never, given)
  given.stop.abort(new Error('stopped'))
  await assert.rejects(waiting, /stopped/)
  await assert.rejects(within(Promise.reject(new Error('broken')), options()), /broken/)
})
