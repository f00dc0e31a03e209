import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultRabbitOptions } from './rabbit-options.js'
import { ReconnectSchedule } from './reconnect-schedule.js'

const latest = { next: () => 1, uuid: () => '', hex: () => '' }
const earliest = { ...latest, next: () => 0 }

test('the wait grows by the back-off up to its maximum while the broker refuses', () => {
  const schedule = new ReconnectSchedule(defaultRabbitOptions, latest)
  const waits = Array.from({ length: 20 }, () => schedule.afterFailureMs(false))
  assert.deepEqual(waits.slice(0, 4), [1000, 3000, 5000, 7000])
  assert.equal(waits.at(-1), 30_000)
  schedule.succeeded()
  assert.equal(schedule.afterFailureMs(false), 1000)
})

test('while nothing answers the wait never exceeds 3 s, after hours too', () => {
  const schedule = new ReconnectSchedule(defaultRabbitOptions, latest)
  for (let attempt = 0; attempt < 1000; attempt++) assert.ok(schedule.afterFailureMs(true) <= 3000)
  for (let attempt = 0; attempt < 20; attempt++) schedule.afterFailureMs(false)
  assert.equal(schedule.afterFailureMs(true), 3000)
})

test('chance spreads the clients of a broker that restarts', () => {
  assert.equal(new ReconnectSchedule(defaultRabbitOptions, earliest).afterLossMs(), 0)
  assert.equal(new ReconnectSchedule(defaultRabbitOptions, latest).afterLossMs(), 1000)
  assert.equal(new ReconnectSchedule(defaultRabbitOptions, earliest).afterFailureMs(false), 500)
})
