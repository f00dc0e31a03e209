import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@micronova/testing'
import { isDeletedForLong, isOlderThan } from './age.js'

test('what lies exactly so many seconds back is not older', () => {
  const clock = new FakeClock()
  assert.ok(!isOlderThan(clock, new Date(clock.now() - 60_000), 60))
  assert.ok(isOlderThan(clock, new Date(clock.now() - 60_001), 60))
})

test('what was deleted at an unknown time was deleted long ago', () => {
  const clock = new FakeClock()
  assert.ok(isDeletedForLong(clock, { deleted_at: null }, 1e9))
  assert.ok(!isDeletedForLong(clock, { deleted_at: new Date(clock.now()) }, 1))
})
