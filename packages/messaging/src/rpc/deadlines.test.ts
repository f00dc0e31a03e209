import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@micronova/testing'
import { Deadlines } from './deadlines.js'

test('deadlines expire in time whatever their order, behind one timer', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines({ clock })
  const expired: string[] = []
  const add = (name: string, atMs: number) => {
    const deadline = { atMs, expire: () => expired.push(`${name} ${clock.monotonicMs()}`) }
    deadlines.add(deadline)
    return deadline
  }
  add('b', 200)
  add('a', 100)
  const removed = add('removed', 150)
  const moved = add('moved', 120)
  assert.equal(clock.pendingTimers, 1)
  deadlines.remove(removed)
  moved.atMs = 300
  await clock.advance(250)
  assert.deepEqual(expired, ['a 100', 'b 200'])
  await clock.advance(50)
  assert.deepEqual(expired.at(-1), 'moved 300')
  assert.equal(clock.pendingTimers, 0)
})

test('a deadline may add another when it expires', async () => {
  const clock = new FakeClock()
  const deadlines = new Deadlines({ clock })
  const expired: number[] = []
  const again = { atMs: 30, expire: () => expired.push(clock.monotonicMs()) }
  deadlines.add({ atMs: 10, expire: () => deadlines.add(again) })
  deadlines.add({ atMs: 500, expire: () => expired.push(clock.monotonicMs()) })
  await clock.advance(600)
  assert.deepEqual(expired, [30, 500])
})
