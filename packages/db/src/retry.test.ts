import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { FakeClock } from '@micronova/testing'
import { DatabaseError, type DatabaseErrorCode } from './errors.js'
import { retryDelayMs, withRetries } from './retry.js'

const policy = { maxRetries: 3, intervalMs: 1000, doubleInterval: true, maxIntervalMs: 3000 }
const random = { ...systemRandom, next: () => 0.5 }

function failing(...codes: DatabaseErrorCode[]): { attempt: () => Promise<string>; times: number[]; clock: FakeClock } {
  const clock = new FakeClock()
  const times: number[] = []
  const attempt = async () => {
    times.push(clock.monotonicMs())
    const code = codes.shift()
    if (code !== undefined) throw new DatabaseError(code, code)
    return 'done'
  }
  return { attempt, times, clock }
}

test('after a lost connection the work runs again at once, then with growing waits', async () => {
  const { attempt, times, clock } = failing('connection_lost', 'unavailable', 'unavailable')
  const result = withRetries({ clock, random, log: nullLogger }, policy, attempt)
  await clock.advance(10_000)
  assert.equal(await result, 'done')
  assert.deepEqual(times, [0, 0, 2000, 5000])
})

test('after a deadlock the waits are short and differ by chance', () => {
  const err = new DatabaseError('deadlock', '')
  const delays = [0, 1, 2, 20].map((tries) => retryDelayMs(err, tries, policy, random))
  assert.deepEqual(delays, [5, 10, 20, 1500])
})

test('work that fails once more than max_retries is given up with its own error', async () => {
  const { attempt, times, clock } = failing('deadlock', 'deadlock', 'deadlock', 'deadlock')
  const result = withRetries({ clock, random, log: nullLogger }, policy, attempt)
  const outcome = assert.rejects(result, { code: 'deadlock' })
  await clock.advance(60_000)
  await outcome
  assert.equal(times.length, 4)
})

test('other errors are not tried again, an uncertain commit least of all', async () => {
  for (const code of ['commit_unknown', 'unique_violation', 'query', 'refused'] as const) {
    const { attempt, times, clock } = failing(code)
    await assert.rejects(withRetries({ clock, random, log: nullLogger }, policy, attempt), { code })
    assert.equal(times.length, 1)
  }
})
