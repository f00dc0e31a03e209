import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { FakeClock } from '@micronova/testing'
import { ARE_YOU_ALIVE, I_AM_ALIVE, Supervisor, WORKER_IS_UP, WORKER_LISTENS, type WorkerProcess, WorkersFailed } from './supervisor.js'

class FakeWorker extends EventEmitter implements WorkerProcess {
  readonly pid: number | undefined
  readonly signals: string[] = []
  readonly received: string[] = []
  constructor(pid: number | undefined) {
    super()
    this.pid = pid
  }
  send(message: string): boolean {
    this.received.push(message)
    return true
  }
  kill(signal: NodeJS.Signals): boolean {
    this.signals.push(signal)
    return true
  }
}

function fixture(workers: number) {
  const clock = new FakeClock()
  const forked: { readonly at: number; readonly worker: FakeWorker }[] = []
  const fork = () => {
    const worker = new FakeWorker(100 + forked.length)
    forked.push({ at: clock.monotonicMs(), worker })
    return worker
  }
  return { clock, forked, supervisor: new Supervisor({ clock, log: nullLogger, fork }, { workers }) }
}

test('the start is over when the first worker is up', async () => {
  const { clock, forked, supervisor } = fixture(3)
  let up = false
  const start = supervisor.start().then(() => {
    up = true
  })
  await clock.advance(0)
  assert.deepEqual([forked.length, up], [3, false])
  forked[1]?.worker.emit('message', WORKER_IS_UP)
  await start
  assert.equal(up, true)
})

test('a report is asked of each worker that serves, and of no other', async () => {
  const { clock, forked, supervisor } = fixture(2)
  const start = supervisor.start()
  await clock.advance(0)
  forked[1]?.worker.emit('message', WORKER_IS_UP)
  await start
  supervisor.report()
  assert.deepEqual(
    forked.map(({ worker }) => worker.signals),
    [[], ['SIGUSR2']],
  )
})

test('workers that end at once are replaced after a pause', async () => {
  const { clock, forked, supervisor } = fixture(2)
  const start = supervisor.start()
  await clock.advance(0)
  forked[0]?.worker.emit('message', WORKER_IS_UP)
  await start
  const ended = new Set<FakeWorker>()
  for (let i = 0; i < 100; i++) {
    for (const { worker } of forked.filter((fork) => !ended.has(fork.worker))) {
      ended.add(worker)
      worker.emit('exit', 1, null)
    }
    await clock.advance(100)
  }
  // Two at the start and one more are free; the next two wait, as the oldest of the last three is less than 2 s old.
  assert.deepEqual(
    forked.slice(0, 5).map(({ at }) => at),
    [0, 0, 0, 1000, 2000],
  )
  assert.ok(forked.length <= 20, `${forked.length} in 10 s, of 200 without a pause`)
})

test('a worker that ends with a status before any is up fails the start; one that is killed does not', async () => {
  const { clock, forked, supervisor } = fixture(2)
  const start = supervisor.start()
  start.catch(() => {})
  await clock.advance(0)
  forked[0]?.worker.emit('exit', null, 'SIGKILL')
  await clock.advance(0)
  assert.equal(forked.length, 3)
  forked[1]?.worker.emit('exit', 1, null)
  await assert.rejects(start, WorkersFailed)
})

test('a process that cannot be made is tried again', async () => {
  const clock = new FakeClock()
  const workers = [new FakeWorker(undefined), new FakeWorker(7)]
  const supervisor = new Supervisor({ clock, log: nullLogger, fork: () => workers.shift() ?? new FakeWorker(8) }, { workers: 1 })
  const [lost, next] = workers
  const start = supervisor.start()
  await clock.advance(0)
  lost?.emit('error', new Error('EAGAIN'))
  await clock.advance(0)
  next?.emit('message', WORKER_IS_UP)
  await start
})

test('a stop waits for each worker; its deadline kills those that are left, and that is no clean stop', async () => {
  const { clock, forked, supervisor } = fixture(2)
  void supervisor.start()
  await clock.advance(0)
  const [first, second] = forked.map(({ worker }) => worker)
  const deadline = new AbortController()
  const stop = supervisor.stop(deadline.signal)
  stop.catch(() => {})
  first?.emit('exit', 0, null)
  await clock.advance(5000)
  assert.deepEqual([first?.signals, second?.signals], [['SIGTERM'], ['SIGTERM']])
  deadline.abort()
  await clock.advance(0)
  assert.deepEqual(second?.signals, ['SIGTERM', 'SIGKILL'])
  second?.emit('exit', null, 'SIGKILL')
  await assert.rejects(stop, /1 of 2 workers did not stop cleanly/)
  assert.equal(forked.length, 2)
})

test('a worker that was only loading when it was told to stop has stopped cleanly', async () => {
  const { clock, forked, supervisor } = fixture(1)
  void supervisor.start()
  await clock.advance(0)
  const stop = supervisor.stop(new AbortController().signal)
  forked[0]?.worker.emit('exit', null, 'SIGTERM')
  await stop
})

for (const workers of [1, 3]) {
  test(`of ${workers} workers that die at every start, ${workers + 1} are made in ${workers} s, however long it lasts`, async () => {
    const clock = new FakeClock()
    const forkedAt: number[] = []
    const fork = () => {
      const worker = new FakeWorker(100 + forkedAt.length)
      const isFirst = forkedAt.push(clock.monotonicMs()) === 1
      process.nextTick(() => {
        if (isFirst) worker.emit('message', WORKER_IS_UP) // or the start would have failed
        worker.emit('exit', 1, null)
      })
      return worker
    }
    await new Supervisor({ clock, log: nullLogger, fork }, { workers }).start()
    for (let second = 0; second < 600; second++) await clock.advance(1000)
    assert.equal(forkedAt.length, (workers + 1) * (1 + 600 / workers))
  })
}

test('a process that cannot even be tried is tried again after a pause', async () => {
  const clock = new FakeClock()
  let tries = 0
  const fork = () => {
    if (++tries < 5) throw new Error('spawn ENOMEM')
    return worker
  }
  const worker = new FakeWorker(7)
  const start = new Supervisor({ clock, log: nullLogger, fork }, { workers: 1 }).start()
  await clock.advance(0)
  assert.equal(tries, 2)
  await clock.advance(1000)
  assert.equal(tries, 4)
  await clock.advance(1000)
  assert.equal(tries, 5)
  worker.emit('message', WORKER_IS_UP)
  await start
})

test('SIGHUP is sent to the workers that listen, and to one that is loading as soon as it listens, but not to one of later', async () => {
  const { clock, forked, supervisor } = fixture(2)
  void supervisor.start()
  await clock.advance(0)
  const [listening, loading] = forked.map(({ worker }) => worker)
  listening?.emit('message', WORKER_LISTENS)
  await supervisor.reset()
  assert.deepEqual([listening?.signals, loading?.signals], [['SIGHUP'], []])
  loading?.emit('message', WORKER_LISTENS)
  assert.deepEqual(loading?.signals, ['SIGHUP'])
  listening?.emit('exit', null, 'SIGKILL')
  await clock.advance(0)
  forked[2]?.worker.emit('message', WORKER_LISTENS)
  assert.deepEqual(forked[2]?.worker.signals, [])
})

test('a worker that does not answer until it is asked again is killed and replaced; the others are left alone', async () => {
  const { clock, forked, supervisor } = fixture(3)
  const start = supervisor.start()
  await clock.advance(0)
  const [fit, stuck, starting] = forked.map(({ worker }) => worker) as [FakeWorker, FakeWorker, FakeWorker]
  for (const worker of [fit, stuck]) worker.emit('message', WORKER_IS_UP)
  await start
  for (let beat = 0; beat < 3; beat++) {
    await clock.advance(30_000)
    fit.emit('message', I_AM_ALIVE)
  }
  assert.deepEqual(fit.received, [ARE_YOU_ALIVE, ARE_YOU_ALIVE, ARE_YOU_ALIVE])
  assert.deepEqual([fit.signals, starting.signals], [[], []])
  assert.deepEqual(starting.received, [])
  assert.equal(stuck.signals[0], 'SIGKILL')
  stuck.emit('exit', null, 'SIGKILL')
  await clock.advance(0)
  assert.equal(forked.length, 4)
})
