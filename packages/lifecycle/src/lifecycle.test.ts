import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { test } from 'node:test'
import { aborted, doneOrAborted, follow, stopAll } from './lifecycle.js'

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

test('a follower aborts with the reason of the signal', () => {
  const [leader, follower] = [new AbortController(), new AbortController()]
  follow(follower, leader.signal)
  leader.abort('why')
  assert.equal(follower.signal.reason, 'why')
})

test('a follower of a signal that has aborted aborts at once', () => {
  const follower = new AbortController()
  follow(follower, AbortSignal.abort('why'))
  assert.equal(follower.signal.reason, 'why')
})

test('nothing is left on a signal that is no longer followed', () => {
  const [leader, follower] = [new AbortController(), new AbortController()]
  follow(follower, leader.signal)()
  assert.equal(listenersOf(leader.signal), 0)
  leader.abort()
  assert.equal(follower.signal.aborted, false)
})

test('aborted resolves when the signal aborts, and leaves nothing on it', async () => {
  const controller = new AbortController()
  const waiting = aborted(controller.signal)
  assert.equal(listenersOf(controller.signal), 1)
  controller.abort()
  await waiting
  assert.equal(listenersOf(controller.signal), 0)
  await aborted(controller.signal)
})

test('a wait ends with the work or with the signal, and leaves nothing on the signal', async () => {
  const controller = new AbortController()
  await doneOrAborted(Promise.resolve(), controller.signal)
  await assert.rejects(doneOrAborted(Promise.reject(new Error('failed')), controller.signal), /failed/)
  assert.equal(listenersOf(controller.signal), 0)
  const waiting = doneOrAborted(new Promise(() => {}), controller.signal)
  controller.abort()
  await waiting
  await doneOrAborted(new Promise(() => {}), controller.signal)
  assert.equal(listenersOf(controller.signal), 0)
})

test('parts are stopped in reverse, all of them, and every failure is told', async () => {
  const stopped: number[] = []
  const part = (n: number, failure?: Error) => ({
    async stop() {
      stopped.push(n)
      if (failure) throw failure
    },
  })
  const [first, second] = [new Error('first'), new Error('second')]
  await assert.rejects(stopAll([part(1, second), part(2), part(3, first)], new AbortController().signal), (err: AggregateError) => {
    assert.deepEqual(err.errors, [first, second])
    return true
  })
  assert.deepEqual(stopped, [3, 2, 1])
})
