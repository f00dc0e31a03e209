import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { FakeClock } from '@micronova/testing'
import { never, timeoutError } from '../test/support.js'
import { type ConductorPing, waitForConductor } from './wait-for-conductor.js'

/** A conductor that answers from its `answersFrom`-th ping on. */
function conductor(clock: FakeClock, answersFrom: number): ConductorPing & { readonly asked: number[] } {
  const asked: number[] = []
  return {
    asked,
    async ping(timeoutSeconds, signal) {
      asked.push(timeoutSeconds)
      if (asked.length >= answersFrom) return
      await clock.sleep(timeoutSeconds * 1000, signal)
      throw timeoutError()
    },
  }
}

test('a conductor that answers at once is not spoken of', async () => {
  const log = new RecordingLogger()
  const peer = conductor(new FakeClock(), 1)
  await waitForConductor({ conductor: peer, log }, never)
  assert.deepEqual([peer.asked, log.messages()], [[10], []])
})

test('each try of 10 seconds that fails gives one warning, and the answer one line', async () => {
  const clock = new FakeClock()
  const log = new RecordingLogger()
  const peer = conductor(clock, 4)
  const done = waitForConductor({ conductor: peer, log }, never)
  await clock.advance(30_000)
  await done
  assert.deepEqual(peer.asked, [10, 10, 10, 10])
  assert.equal(log.messages('WARNING').length, 3)
  assert.deepEqual(log.messages('INFO'), ['nova-conductor connection established successfully'])
})

test('the wait goes on for ever with the same time for each try', async () => {
  const clock = new FakeClock()
  const halt = new AbortController()
  const peer = conductor(clock, Number.POSITIVE_INFINITY)
  const done = waitForConductor({ conductor: peer, log: new RecordingLogger() }, halt.signal)
  done.catch(() => {})
  await clock.advance(3_600_000)
  assert.equal(peer.asked.length, 361)
  assert.deepEqual(new Set(peer.asked), new Set([10]))
  halt.abort(new Error('enough'))
  await assert.rejects(done, /enough/)
})

test('the wait ends at once when it is cancelled, also if the ping does not listen', async () => {
  const halt = new AbortController()
  const deaf: ConductorPing = { ping: () => new Promise(() => {}) }
  const done = waitForConductor({ conductor: deaf, log: new RecordingLogger() }, halt.signal)
  halt.abort(new Error('enough'))
  await assert.rejects(done, /enough/)
})

test('an answer that is an error ends the wait: the conductor is there and will not get better', async () => {
  const peer: ConductorPing = { ping: () => Promise.reject(new Error('version 1.0 is not supported')) }
  await assert.rejects(waitForConductor({ conductor: peer, log: new RecordingLogger() }, never), /not supported/)
})
