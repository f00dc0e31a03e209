import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { FakeClock } from '@micronova/testing'
import { deferred, fixedRandom } from '../test/support.js'
import { LoopingCallTimeout } from './errors.js'
import { LoopingCallDone } from './looping-call.js'
import { BackOffLoopingCall, DynamicLoopingCall, FixedIntervalLoopingCall } from './looping-calls.js'

function fixture() {
  const clock = new FakeClock()
  const log = new RecordingLogger()
  const begun: number[] = []
  const begin = () => begun.push(clock.monotonicMs() / 1000)
  return { clock, log, begun, begin }
}

test('runs of a fixed interval begin one interval apart, however long each of them takes', async () => {
  const { clock, log, begun, begin } = fixture()
  const loop = new FixedIntervalLoopingCall(
    { clock, log },
    {
      name: 'tick',
      intervalSeconds: 10,
      initialDelaySeconds: 5,
      run: async () => {
        begin()
        await clock.sleep(4000)
      },
    },
  )
  loop.start()
  await clock.advance(30_000)
  assert.deepEqual(begun, [5, 15, 25])
  loop.stop()
  await clock.advance(0)
  assert.equal(await loop.wait(), undefined)
  assert.deepEqual(log.lines, [])
})

test('a run that outlasts its interval is warned about and followed by the next one at once', async () => {
  const { clock, log, begun, begin } = fixture()
  const loop = new FixedIntervalLoopingCall(
    { clock, log },
    {
      name: 'slow',
      intervalSeconds: 10,
      run: async () => {
        begin()
        await clock.sleep(12_345)
      },
    },
  )
  loop.start()
  await clock.advance(13_000)
  assert.deepEqual(begun, [0, 12.345])
  assert.deepEqual(log.messages('WARNING'), ["Function 'slow' run outlasted interval by 2.35 sec"])
  loop.stop()
})

test('a loop whose function is done ends with its value and can be started again', async () => {
  const { clock, log } = fixture()
  let runs = 0
  const loop = new FixedIntervalLoopingCall<string>(
    { clock, log },
    { name: 'poll', intervalSeconds: 1, run: async () => (++runs % 3 === 0 ? new LoopingCallDone('ready') : undefined) },
  )
  loop.start()
  assert.throws(() => loop.start(), /can only run once at a time/)
  await clock.advance(2000)
  assert.equal(await loop.wait(), 'ready')
  assert.equal(clock.pendingTimers, 0)
  loop.start()
  await clock.advance(2000)
  assert.equal(await loop.wait(), 'ready')
  assert.equal(runs, 6)
})

test('stopping a loop tells the run under way and waits for it; none follows', async () => {
  const { clock, log } = fixture()
  const gate = deferred()
  let told = false
  let runs = 0
  const loop = new FixedIntervalLoopingCall(
    { clock, log },
    {
      name: 'busy',
      intervalSeconds: 1,
      run: async (signal) => {
        runs++
        signal.addEventListener('abort', () => {
          told = true
        })
        await gate.promise
      },
    },
  )
  loop.start()
  loop.stop()
  let ended = false
  const wait = loop.wait().then(() => {
    ended = true
  })
  await clock.advance(5000)
  assert.deepEqual([told, ended], [true, false])
  gate.resolve()
  await wait
  assert.equal(runs, 1)
})

test('an exception ends a loop, is logged, and is what wait rejects with', async () => {
  const { clock, log } = fixture()
  const failure = new Error('broken')
  const loop = new FixedIntervalLoopingCall({ clock, log }, { name: 'f', intervalSeconds: 1, run: () => Promise.reject(failure) })
  loop.start()
  await clock.advance(5000)
  await assert.rejects(loop.wait(), failure)
  assert.deepEqual(
    log.lines.map(({ level, message, err }) => ({ level, message, err })),
    [{ level: 'ERROR', message: "Fixed interval looping call 'f' failed", err: failure }],
  )
})

test('a loop that does not stop on exceptions logs each and goes on', async () => {
  const { clock, log } = fixture()
  const loop = new FixedIntervalLoopingCall(
    { clock, log },
    { name: 'f', intervalSeconds: 1, stopOnException: false, run: () => Promise.reject(new Error('again')) },
  )
  loop.start()
  await clock.advance(2000)
  assert.equal(log.messages('ERROR').length, 3)
  loop.stop()
  await loop.wait()
})

test('a dynamic loop sleeps as long as its function says, at most the largest interval', async () => {
  const { clock, log, begun, begin } = fixture()
  const delays = [3, 100, null, 7]
  const loop = new DynamicLoopingCall(
    { clock, log },
    {
      name: 'd',
      intervalMaxSeconds: 20,
      run: async () => {
        begin()
        return delays.shift() ?? 1000
      },
    },
  )
  loop.start()
  await clock.advance(70_000)
  assert.deepEqual(begun, [0, 3, 23, 43, 50, 70])
  loop.stop()
})

test('a dynamic loop without a largest interval fails when its function gives none', async () => {
  const { clock, log } = fixture()
  const loop = new DynamicLoopingCall({ clock, log }, { name: 'd', run: async () => null })
  loop.start()
  await assert.rejects(loop.wait(), /neither an interval/)
})

/** With chance at 0 the back-off's factor is its mean. */
const mean = fixedRandom(0)

test('a back-off doubles by the mean of its jitter from failure to failure and starts over after a success', async () => {
  const { clock, log, begun, begin } = fixture()
  const outcomes = [false, false, false, true, false]
  const loop = new BackOffLoopingCall<string>(
    { clock, log, random: mean },
    {
      name: 'b',
      run: async () => {
        begin()
        return outcomes.shift() ?? new LoopingCallDone('end')
      },
    },
  )
  loop.start()
  await clock.advance(20_000)
  assert.equal(await loop.wait(), 'end')
  assert.deepEqual(
    begun.slice(1).map((at, i) => at - (begun[i] ?? 0)),
    [1.5, 2.25, 3.375, 0.75, 1.5],
  )
})

test('a back-off keeps each sleep between its bounds and ends with a timeout rather than sleep beyond it', async () => {
  const { clock, log, begun, begin } = fixture()
  const loop = new BackOffLoopingCall(
    { clock, log, random: mean },
    {
      name: 'b',
      startingIntervalSeconds: 8,
      maxIntervalSeconds: 10,
      timeoutSeconds: 35,
      run: async () => {
        begin()
        return false
      },
    },
  )
  loop.start()
  await clock.advance(60_000)
  await assert.rejects(
    loop.wait(),
    (err) => err instanceof LoopingCallTimeout && err.message === 'looping call timed out after 40.00 seconds',
  )
  assert.deepEqual(begun, [0, 10, 20, 30])
})

test('the jitter of a back-off follows the normal distribution around its mean', async () => {
  const { clock, log, begun, begin } = fixture()
  // sqrt(-2 ln(1 - u)) = 2 for u = 1 - e^-2, and cos(0) = 1: two deviations above the mean.
  const loop = new BackOffLoopingCall(
    { clock, log, random: fixedRandom(1 - Math.exp(-2), 0) },
    {
      name: 'b',
      run: async () => {
        begin()
        return begun.length < 2 ? true : new LoopingCallDone(undefined)
      },
    },
  )
  loop.start()
  await clock.advance(2000)
  assert.ok(Math.abs((begun[1] ?? 0) - 0.95) < 1e-9)
})
