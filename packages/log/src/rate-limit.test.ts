import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@micronova/testing'
import { RateLimit } from './rate-limit.js'

const [INFO, CRITICAL] = [20, 50]

test('after the burst lines are dropped until the interval is over, the first of them with a notice', async () => {
  const clock = new FakeClock()
  const limit = new RateLimit(clock, { burst: 2, intervalSeconds: 10, exceptLevelNumber: CRITICAL })
  const judge = (times: number) => Array.from({ length: times }, () => limit.judge(INFO))
  assert.deepEqual(judge(4), ['pass', 'pass', 'first_dropped', 'drop'])
  assert.equal(limit.judge(CRITICAL), 'pass')
  await clock.advance(10_000)
  assert.deepEqual(judge(3), ['pass', 'pass', 'first_dropped'])
  assert.equal(limit.notice, 'Logging rate limit: drop after 2 records/10 sec')
})
