import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from './fake-clock.js'

test('a fake clock fires timers in the order of their times, and those that a timer sets', async () => {
  const clock = new FakeClock(0)
  const seen: string[] = []
  clock.setTimer(20, () => seen.push(`b ${clock.now()}`))
  clock.setTimer(10, () => {
    seen.push(`a ${clock.now()}`)
    clock.setTimer(5, () => seen.push(`c ${clock.now()}`))
  })
  clock.setTimer(15, () => seen.push('never')).cancel()
  await clock.advance(30)
  assert.deepEqual(seen, ['a 10', 'c 15', 'b 20'])
  assert.equal(clock.now(), 30)
})

test('a sleep ends with the reason of its signal', async () => {
  const clock = new FakeClock()
  const halt = new AbortController()
  const sleep = clock.sleep(10, halt.signal)
  halt.abort(new Error('enough'))
  await assert.rejects(sleep, /enough/)
  assert.equal(clock.pendingTimers, 0)
})
