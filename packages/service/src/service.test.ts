import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Lifecycle, LifecycleState } from '@micronova/lifecycle'
import { RecordingLogger } from '@micronova/log'
import { FakeClock } from '@micronova/testing'
import { defaultConfig } from '../test/config.js'
import { FakeRecords } from '../test/fake-records.js'
import { deferred, fixedRandom, never, timeoutError } from '../test/support.js'
import { StartCancelled, UnknownManager } from './errors.js'
import type { Manager, PeriodicTask } from './manager.js'
import { type CreateServiceOptions, Service, type ServiceDeps } from './service.js'
import { StartSteps } from './start-steps.js'

/** What happens, in order. `hooks` replaces single calls: to fail, to wait. */
class World {
  readonly clock = new FakeClock()
  readonly log = new RecordingLogger()
  readonly events: string[] = []
  readonly records = new FakeRecords()
  readonly steps = new StartSteps({ clock: this.clock, log: this.log })
  readonly hooks = new Map<string, (signal: AbortSignal) => Promise<void>>()
  readonly tasks: PeriodicTask[] = []

  constructor() {
    const { create, save } = this.records
    this.records.create = (record) => this.call('create record', never).then(() => create.call(this.records, record))
    this.records.save = (record) => this.call('save record', never).then(() => save.call(this.records, record))
  }

  async call(event: string, signal: AbortSignal): Promise<void> {
    this.events.push(event)
    await this.hooks.get(event)?.(signal)
  }

  create(options: Partial<CreateServiceOptions> = {}, deps: Partial<ServiceDeps<Manager>> = {}): Service {
    return Service.create(
      { program: '/usr/bin/nova-compute', config: defaultConfig, version: '26.2.2', ...options },
      {
        log: this.log,
        clock: this.clock,
        random: fixedRandom(0),
        steps: this.steps,
        conductor: { ping: (_timeout, signal) => this.call('ping', signal) },
        records: this.records,
        managers: { 'nova.compute.manager.ComputeManager': () => this.manager() },
        listen: ({ host, topic }) => this.server(`${topic}.${host}`),
        ...deps,
      },
    )
  }

  manager(): Manager {
    return {
      serviceName: 'compute',
      initHost: (signal) => this.call('initHost', signal),
      preStartHook: (signal) => this.call('preStartHook', signal),
      postStartHook: (signal) => this.call('postStartHook', signal),
      periodicTasks: this.tasks,
      reset: (signal) => this.call('reset', signal),
      cleanupHost: (deadline) => this.call('cleanupHost', deadline),
    }
  }

  server(name: string): Lifecycle {
    let state: LifecycleState = 'new'
    return {
      get state() {
        return state
      },
      start: async (signal) => {
        state = 'starting'
        await this.call(`listen ${name}`, signal)
        state = 'running'
      },
      stop: async (deadline) => {
        state = 'stopping'
        await this.call(`stop ${name}`, deadline)
        state = 'stopped'
      },
    }
  }
}

/** Settles with the signal's reason when it aborts, never otherwise: work that listens. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

const started = ['ping', 'initHost', 'create record', 'preStartHook', 'listen compute.compute1', 'postStartHook']

test('a service starts in the order of Nova, each step named with its duration', async () => {
  const world = new World()
  world.hooks.set('initHost', () => world.clock.sleep(1200))
  const service = world.create()
  const start = service.start(never)
  await world.clock.advance(1200)
  await start
  assert.equal(service.state, 'running')
  assert.deepEqual(world.events, started)
  assert.deepEqual(
    world.steps.steps.map((step) => `${step.name} ${step.outcome} ${step.durationMs}`),
    [
      'conductor done 0',
      'temporary_folder done 0',
      'init_host done 1200',
      'service_record done 0',
      'pre_start_hook done 0',
      'rpc_server done 0',
      'post_start_hook done 0',
      'heartbeat done 0',
      'periodic_tasks done 0',
    ],
  )
  const lines = world.log.messages('INFO')
  assert.deepEqual(lines.slice(0, 2), ['Start-up step conductor done after 0 ms', 'Starting compute node (version 26.2.2)'])
  assert.equal(lines.filter((line) => line.startsWith('Start-up step')).length, 9)
  await service.stop(never)
})

test('nothing is touched before the conductor has answered', async () => {
  const world = new World()
  let answers = false
  world.hooks.set('ping', async () => {
    await world.clock.sleep(10_000)
    if (!answers) throw timeoutError()
  })
  const service = world.create()
  const start = service.start(never)
  await world.clock.advance(25_000)
  assert.deepEqual(new Set(world.events), new Set(['ping']))
  answers = true
  await world.clock.advance(5_000)
  await start
  assert.deepEqual(world.events.slice(3), started.slice(1))
  await service.stop(never)
})

test('the conductor itself waits for no one, and checks run before the host is touched', async () => {
  const world = new World()
  const service = world.create(
    {
      program: 'nova-conductor',
      manager: 'nova.compute.manager.ComputeManager',
    },
    { conductor: null, checks: (signal) => world.call('checks', signal) },
  )
  await service.start(never)
  assert.deepEqual(world.events.slice(0, 3), ['checks', 'initHost', 'create record'])
  assert.deepEqual(service.identity, { host: 'compute1', binary: 'nova-conductor', topic: 'conductor' })
  await service.stop(never)
})

test('a stop closes the queues first, cleans up when the work is done, and reports alive until then', async () => {
  const world = new World()
  const drained = deferred()
  world.hooks.set('stop compute.compute1', () => drained.promise)
  const service = world.create()
  await service.start(never)
  world.events.length = 0
  const stop = service.stop(never)
  assert.equal(service.stop(never), stop)
  await world.clock.advance(20_000)
  assert.deepEqual(world.events, ['stop compute.compute1', 'save record', 'save record'])
  assert.equal(service.state, 'stopping')
  drained.resolve()
  await stop
  assert.equal(world.events.at(-1), 'cleanupHost')
  assert.equal(service.state, 'stopped')
  assert.equal(world.clock.pendingTimers, 0)
})

test('everything is stopped although parts of it fail, and all failures are told', async () => {
  const world = new World()
  world.hooks.set('stop compute.compute1', () => Promise.reject(new Error('channel lost')))
  world.hooks.set('cleanupHost', () => Promise.reject(new Error('driver stuck')))
  const service = world.create()
  await service.start(never)
  await assert.rejects(service.stop(never), (err) => {
    assert.ok(err instanceof AggregateError)
    assert.deepEqual(
      err.errors.map((e) => e.message),
      ['channel lost', 'driver stuck'],
    )
    return true
  })
  assert.equal(service.state, 'stopped')
  assert.equal(world.clock.pendingTimers, 0)
})

/** By step: what has to be undone when it fails, or when the service is stopped in the middle of it. */
const undone: Record<string, string[]> = {
  ping: [],
  initHost: ['cleanupHost'],
  'create record': ['cleanupHost'],
  preStartHook: ['cleanupHost'],
  'listen compute.compute1': ['stop compute.compute1', 'cleanupHost'],
  postStartHook: ['stop compute.compute1', 'cleanupHost'],
}

for (const [event, undo] of Object.entries(undone)) {
  test(`a start that fails in "${event}" is undone and rejects with that failure`, async () => {
    const world = new World()
    const failure = new Error('no')
    world.hooks.set(event, () => Promise.reject(failure))
    const service = world.create()
    await assert.rejects(service.start(never), failure)
    assert.deepEqual(world.events, [...started.slice(0, started.indexOf(event) + 1), ...undo])
    assert.equal(service.state, 'stopped')
    assert.equal(world.steps.steps.at(-1)?.outcome, 'failed')
    assert.equal(world.clock.pendingTimers, 0)
    await service.stop(never)
  })

  test(`a stop in the middle of "${event}" cancels the start and undoes it`, async () => {
    const world = new World()
    const reached = deferred()
    world.hooks.set(event, (signal) => {
      reached.resolve()
      return event === 'create record' ? new Promise(() => {}) : untilAborted(signal)
    })
    const service = world.create()
    const start = service.start(never)
    start.catch(() => {})
    await reached.promise
    await service.stop(never)
    await assert.rejects(start, StartCancelled)
    assert.deepEqual(world.events, [...started.slice(0, started.indexOf(event) + 1), ...undo])
    assert.equal(service.state, 'stopped')
    assert.equal(world.steps.steps.at(-1)?.outcome, 'cancelled')
    assert.equal(world.clock.pendingTimers, 0)
  })
}

test('a step that answers its cancelling with an error of its own does not make the stop look like a failure', async () => {
  const world = new World()
  world.hooks.set('initHost', (signal) => untilAborted(signal).catch(() => Promise.reject(new Error('driver connection closed'))))
  const service = world.create()
  const start = service.start(never)
  start.catch(() => {})
  await world.clock.advance(0)
  await service.stop(never)
  await assert.rejects(start, StartCancelled)
})

test('checks whose answer does not come do not hold up a stop', async () => {
  const world = new World()
  const reached = deferred()
  const service = world.create(
    {},
    {
      checks: () => {
        reached.resolve()
        return new Promise(() => {})
      },
    },
  )
  const start = service.start(never)
  start.catch(() => {})
  await reached.promise
  await service.stop(never)
  await assert.rejects(start, StartCancelled)
})

test('the signal of a start cancels it too, and has no say afterwards', async () => {
  const world = new World()
  world.hooks.set('preStartHook', untilAborted)
  const halt = new AbortController()
  const start = world.create().start(halt.signal)
  await world.clock.advance(0)
  halt.abort(new Error('enough'))
  await assert.rejects(start, /enough/)

  const other = new World()
  const afterwards = new AbortController()
  const service = other.create()
  await service.start(afterwards.signal)
  afterwards.abort()
  await other.clock.advance(5_000)
  assert.equal(service.state, 'running')
  assert.equal(other.records.saved.length, 1)
  await service.stop(never)
})

test('the deadline of a stop cuts short the undoing of a start', async () => {
  const world = new World()
  world.hooks.set('initHost', untilAborted)
  world.hooks.set('cleanupHost', untilAborted)
  const service = world.create()
  const start = service.start(never)
  start.catch(() => {})
  await world.clock.advance(0)
  const deadline = new AbortController()
  const stop = service.stop(deadline.signal)
  await world.clock.advance(0)
  assert.equal(service.state, 'stopping')
  deadline.abort()
  await stop
  await assert.rejects(start, StartCancelled)
  assert.equal(service.state, 'stopped')
})

test('undoing a start that failed takes no longer than graceful_shutdown_timeout, and its failure does not hide the first', async () => {
  const world = new World()
  world.hooks.set('preStartHook', () => Promise.reject(new Error('first')))
  world.hooks.set('cleanupHost', untilAborted)
  const start = world.create().start(never)
  start.catch(() => {})
  await world.clock.advance(60_000)
  await assert.rejects(start, /first/)
  assert.deepEqual(world.log.messages('ERROR'), ['The start could not be undone altogether'])
})

test('a service starts once', async () => {
  const world = new World()
  const service = world.create()
  await service.start(never)
  await assert.rejects(service.start(never), /it is running/)
  await service.stop(never)
  const unused = world.create()
  await unused.stop(never)
  await assert.rejects(unused.start(never), /it is stopped/)
})

test('the heartbeat and the periodic tasks run at their intervals until the service stops', async () => {
  const world = new World()
  const ran: number[] = []
  world.tasks.push({
    name: '_sync_power_states',
    spacingSeconds: () => 20,
    runImmediately: true,
    run: async () => {
      ran.push(world.clock.monotonicMs() / 1000)
    },
  })
  const service = world.create({ periodicFuzzyDelaySeconds: 0 })
  await service.start(never)
  await world.clock.advance(45_000)
  assert.deepEqual(ran, [0, 20, 40])
  assert.deepEqual(world.records.saved, [1, 2, 3, 4, 5])
  const { identity, state, heartbeat, periodicTasks } = service.report()
  assert.deepEqual(
    [identity, state, heartbeat],
    [service.identity, 'running', { intervalSeconds: 10, lastReportedAt: world.clock.now(), isFailing: false }],
  )
  assert.equal(periodicTasks[0]?.lastResult, 'done')
  await service.stop(never)
  await world.clock.advance(60_000)
  assert.equal(ran.length, 3)
  assert.equal(world.records.saved.length, 5)
})

test('report_interval 0 reports nothing, periodic_enable false runs no task', async () => {
  const world = new World()
  world.tasks.push({ name: 't', spacingSeconds: () => 1, runImmediately: true, run: () => world.call('task', never) })
  const service = world.create({ config: { ...defaultConfig, report_interval: 0, periodic_enable: false } })
  await service.start(never)
  await world.clock.advance(120_000)
  assert.deepEqual(world.events, started)
  assert.deepEqual([service.report().heartbeat, service.report().periodicTasks], [null, []])
  await service.stop(never)
})

test('a reset reaches the manager while the service runs, and only then', async () => {
  const world = new World()
  const service = world.create()
  await service.reset(never)
  await service.start(never)
  await service.reset(never)
  await service.stop(never)
  await service.reset(never)
  assert.equal(world.events.filter((event) => event === 'reset').length, 1)
})

test('a manager that this program does not have is refused before anything is started', () => {
  const world = new World()
  assert.throws(() => world.create({ config: { ...defaultConfig, compute_manager: 'acme.Missing' } }), UnknownManager)
  assert.deepEqual(world.events, [])
})
