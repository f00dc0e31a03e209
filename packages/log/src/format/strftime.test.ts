import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SecondClock, strftime } from './strftime.js'

process.env.TZ = 'UTC'

test('the text of a second is that of its own second, also when time goes back', () => {
  const clock = new SecondClock('%H:%M:%S')
  assert.deepEqual(
    [1_500, 1_999, 2_000, 1_000].map((timeMs) => clock.format(timeMs)),
    ['00:00:01', '00:00:01', '00:00:02', '00:00:01'],
  )
})

test('without a format the time has milliseconds', () => {
  assert.equal(new SecondClock('').format(1_007), '1970-01-01 00:00:01,007')
})

test('the zone is named where its name is known, and what is no directive stays', () => {
  assert.equal(strftime('%Z %z %Q 100%', new Date(0)), 'UTC +0000 %Q 100%')
})
