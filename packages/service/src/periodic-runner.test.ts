import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { FakeClock, readFixtureJson } from '@micronova/testing'
import { deferred, fixedRandom, never } from '../test/support.js'
import type { PeriodicTask } from './manager.js'
import { PeriodicRunner, type PeriodicRunnerOptions } from './periodic-runner.js'

interface Ran {
  readonly at: number
  readonly name: string
}

function fixture(chance = 0) {
  const clock = new FakeClock()
  const log = new RecordingLogger()
  const ran: Ran[] = []
  const task = (name: string, spacing: number | (() => number), more: Partial<PeriodicTask> = {}): PeriodicTask => ({
    name,
    spacingSeconds: typeof spacing === 'number' ? () => spacing : spacing,
    runImmediately: false,
    run: async () => {
      ran.push({ at: clock.monotonicMs() / 1000, name })
    },
    ...more,
  })
  const runner = (tasks: PeriodicTask[], options: Partial<PeriodicRunnerOptions> = {}) =>
    new PeriodicRunner({ clock, log, random: fixedRandom(chance) }, { owner: 'ComputeManager', tasks, ...options })
  return { clock, log, ran, task, runner, times: (name: string) => ran.filter((r) => r.name === name).map((r) => r.at) }
}

test('a task first runs one spacing after the start, or at once if it says so', async () => {
  const { clock, times, task, runner } = fixture()
  const periodic = runner([task('later', 30), task('now', 30, { runImmediately: true })])
  await periodic.start()
  await clock.advance(100_000)
  assert.deepEqual(times('later'), [30, 60, 90])
  assert.deepEqual(times('now'), [0, 30, 60, 90])
  await periodic.stop(never)
})

test('spacing 0 means 60 seconds, below 0 never', async () => {
  const { clock, log, times, task, runner } = fixture()
  const periodic = runner([task('default', 0), task('off', -1, { runImmediately: true })])
  await periodic.start()
  await clock.advance(130_000)
  assert.deepEqual(times('default'), [60, 120])
  assert.deepEqual(times('off'), [])
  assert.deepEqual(log.messages('INFO'), ['Skipping periodic task off because its interval is negative'])
  await periodic.stop(never)
})

test("the spacings of Nova's tasks come out as in the table of Nova", async () => {
  interface Row {
    readonly name: string
    readonly spacing_default: number
    readonly effective_spacing_at_defaults: number | null
  }
  const table = readFixtureJson<Record<string, { tasks?: Row[] }>>('reference/periodic-tasks.json')
  const rows = Object.values(table).flatMap((manager) => manager.tasks ?? [])
  assert.equal(rows.length, 18)
  const { task, runner } = fixture()
  const report = runner(rows.map((row) => task(row.name, row.spacing_default))).report()
  assert.deepEqual(
    report.map((r) => (r.spacingSeconds < 0 ? null : r.spacingSeconds)),
    rows.map((row) => row.effective_spacing_at_defaults),
  )
})

test('the spacing is read again for each run', async () => {
  const { clock, times, task, runner } = fixture()
  let spacing = 10
  const periodic = runner([task('t', () => spacing)])
  await periodic.start()
  await clock.advance(25_000)
  spacing = 40
  await clock.advance(60_000)
  assert.deepEqual(times('t'), [10, 20, 60])
  await periodic.stop(never)
})

test('a run that comes late counts from when it was due: the next ones keep to the multiples of the spacing', async () => {
  const { clock, times, task, runner, ran } = fixture()
  const slow = task('slow', 100, {
    runImmediately: true,
    run: async () => {
      ran.push({ at: clock.monotonicMs() / 1000, name: 'slow' })
      await clock.sleep(25_000)
    },
  })
  const periodic = runner([slow, task('quick', 10)], { intervalMaxSeconds: 1 })
  await periodic.start()
  await clock.advance(45_000)
  assert.deepEqual(times('quick'), [25, 30, 40])
  await periodic.stop(never)
})

test('up to 5 % of the spacing is added at random, in whole seconds', async () => {
  const { clock, times, task, runner } = fixture(0.999)
  const periodic = runner([task('long', 100, { runImmediately: true }), task('short', 19, { runImmediately: true })])
  await periodic.start()
  await clock.advance(330_000)
  assert.deepEqual(times('long'), [0, 100, 204, 308])
  assert.deepEqual(times('short').slice(0, 4), [0, 19, 38, 57])
  await periodic.stop(never)
})

test('the runner waits a random whole number of seconds before it first looks at the tasks', async () => {
  const { clock, times, task, runner } = fixture(0.5)
  const periodic = runner([task('t', 60, { runImmediately: true })], { fuzzyDelaySeconds: 60 })
  await periodic.start()
  await clock.advance(29_000)
  assert.deepEqual(times('t'), [])
  await clock.advance(2_000)
  assert.deepEqual(times('t'), [30])
  await periodic.stop(never)
})

test('the longest possible fuzzy delay is the option itself', async () => {
  const { clock, times, task, runner } = fixture(0.9999)
  const periodic = runner([task('t', 600, { runImmediately: true })], { fuzzyDelaySeconds: 60 })
  await periodic.start()
  await clock.advance(60_000)
  assert.deepEqual(times('t'), [60])
  await periodic.stop(never)
})

test('the largest interval makes the runner look more often, not the tasks run more often', async () => {
  const { clock, times, task, runner } = fixture()
  let looks = 0
  const spacing = () => {
    looks++
    return 60
  }
  const periodic = runner([task('t', spacing)], { intervalMaxSeconds: 5 })
  await periodic.start()
  await clock.advance(60_000)
  assert.deepEqual(times('t'), [60])
  assert.ok(looks >= 12, `${looks} looks`)
  await periodic.stop(never)
})

test('tasks run one after the other in their order, and an error stops neither the others nor the next run', async () => {
  const { clock, log, ran, task, runner } = fixture()
  const broken = task('b', 10, { run: () => Promise.reject(new Error('no')) })
  const periodic = runner([task('a', 10), broken, task('c', 10)])
  await periodic.start()
  await clock.advance(20_000)
  assert.deepEqual(
    ran.map((r) => `${r.at} ${r.name}`),
    ['10 a', '10 c', '20 a', '20 c'],
  )
  assert.deepEqual(log.messages('ERROR'), ['Error during ComputeManager.b', 'Error during ComputeManager.b'])
  await periodic.stop(never)
})

test('the report shows start, duration and result of the last run of each task', async () => {
  const { clock, task, runner } = fixture()
  const slow = task('slow', 10, { run: () => clock.sleep(3000) })
  const broken = task('broken', 20, { run: () => Promise.reject(new Error('no')) })
  const began = clock.now()
  const periodic = runner([slow, broken, task('off', -1)])
  await periodic.start()
  assert.equal(periodic.report()[0]?.lastResult, 'never')
  await clock.advance(11_000)
  assert.equal(periodic.report()[0]?.lastResult, 'running')
  await clock.advance(14_000)
  assert.deepEqual(periodic.report(), [
    { name: 'slow', spacingSeconds: 10, lastStartedAt: began + 20_000, lastDurationMs: 3000, lastResult: 'done', runs: 2, failures: 0 },
    { name: 'broken', spacingSeconds: 20, lastStartedAt: began + 23_000, lastDurationMs: 0, lastResult: 'failed', runs: 1, failures: 1 },
    { name: 'off', spacingSeconds: -1, lastStartedAt: null, lastDurationMs: null, lastResult: 'never', runs: 0, failures: 0 },
  ])
  await periodic.stop(never)
})

test('stopping tells the task under way, waits for it, runs no other, and logs no error', async () => {
  const { clock, log, ran, task, runner } = fixture()
  const long = task('long', 10, {
    run: (signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  })
  const periodic = runner([long, task('next', 10)])
  await periodic.start()
  await clock.advance(10_000)
  await periodic.stop(never)
  assert.equal(periodic.state, 'stopped')
  assert.deepEqual(ran, [])
  assert.deepEqual(log.messages('ERROR'), [])
  assert.equal(periodic.report()[0]?.lastResult, 'cancelled')
  assert.equal(clock.pendingTimers, 0)
})

test('a deadline cuts short the wait for a task that does not listen', async () => {
  const { clock, task, runner } = fixture()
  const gate = deferred()
  const periodic = runner([task('deaf', 10, { run: () => gate.promise })])
  await periodic.start()
  await clock.advance(10_000)
  await periodic.stop(AbortSignal.abort())
  assert.equal(periodic.state, 'stopped')
  gate.resolve()
})

test('tasks for an external process are left to it when they are not run here', async () => {
  const { clock, times, task, runner } = fixture()
  const tasks = () => [task('external', 10, { externalProcessOk: true }), task('ours', 10)]
  const without = runner(tasks(), { runExternal: false })
  await without.start()
  await clock.advance(10_000)
  await without.stop(never)
  assert.deepEqual([times('external').length, times('ours').length], [0, 1])
  const withThem = runner(tasks())
  await withThem.start()
  await clock.advance(10_000)
  await withThem.stop(never)
  assert.deepEqual([times('external').length, times('ours').length], [1, 2])
})
