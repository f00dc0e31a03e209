import assert from 'node:assert/strict'
import { test } from 'node:test'
import { currentAuditPeriod, lastCompletedAuditPeriod } from './audit-period.js'

// Nova 26.2.2, utils.last_completed_audit_period(unit, before), run for each of these.
const cases = [
  ['month', '2026-11-22T12:06:03Z', '2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z'],
  ['month@15', '2026-11-10T00:00:00Z', '2026-09-15T00:00:00Z', '2026-10-15T00:00:00Z'],
  ['month', '2026-01-01T00:00:00Z', '2025-11-01T00:00:00Z', '2025-12-01T00:00:00Z'],
  ['day@18', '2026-11-22T12:06:03Z', '2026-11-20T18:00:00Z', '2026-11-21T18:00:00Z'],
  ['day', '2026-11-22T12:06:03Z', '2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z'],
  ['hour@30', '2026-11-22T12:06:03Z', '2026-11-22T10:30:00Z', '2026-11-22T11:30:00Z'],
  ['hour', '2026-11-22T00:00:00Z', '2026-11-21T22:00:00Z', '2026-11-21T23:00:00Z'],
  ['year@3', '2026-11-22T12:06:03Z', '2025-03-01T00:00:00Z', '2026-03-01T00:00:00Z'],
  ['year', '2026-01-01T00:00:00Z', '2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z'],
] as const

for (const [period, now, begin, end] of cases) {
  test(`at ${now} the last completed ${period} is the one from ${begin}`, () => {
    assert.deepEqual(lastCompletedAuditPeriod(period, Date.parse(now)), { begin: new Date(begin), end: new Date(end) })
  })
}

test('the period under way begins where the last one ended, and ends now', () => {
  const now = Date.UTC(2026, 10, 22, 12, 6, 3, 208)
  assert.deepEqual(currentAuditPeriod('month', now), { begin: new Date('2026-11-01T00:00:00Z'), end: new Date(now) })
})
