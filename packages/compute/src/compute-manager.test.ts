import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { BlockDeviceMappingList, type Instance, isNovaError } from '@micronova/model'
import { readFixtureJson, temporaryFolder } from '@micronova/testing'
import { FakeDriver } from '@micronova/virt'
import {
  currentInstance,
  forever,
  host,
  requestedNetworks,
  rootDisk,
  runningInstance,
  storedInstance,
} from '../test/support/compute-fixture.js'
import { type LiveCompute, liveCompute } from '../test/support/live-compute.js'
import { JournalFile } from './journal/journal-file.js'

test('the endpoints are the two versions of compute and baseapi', (t) => {
  const { manager } = liveCompute(temporaryFolder(t))
  const base = readFixtureJson<{ server: object }>('reference/base-rpc.json')
  assert.deepEqual(
    manager.endpoints.map(({ target }) => [target.namespace ?? null, target.version]),
    [
      [null, '6.1'],
      [null, '5.13'],
      ['baseapi', '1.1'],
    ],
  )
  assert.deepEqual(Object.keys(manager.endpoints[2]?.methods ?? {}).sort(), Object.keys(base.server).sort())
})

test('before the queues are opened the record of each compute node is written', async (t) => {
  const { manager, fixture } = liveCompute(temporaryFolder(t))
  await manager.initHost(forever)
  fixture.calls.length = 0
  await manager.preStartHook(forever)
  assert.ok(fixture.calls.some(({ method }) => method === 'tracker.updateAvailableResource'))
  await manager.cleanupHost(forever)
})

test('an operation that came over the queue is done, and its journal is empty afterwards', async (t) => {
  const folder = temporaryFolder(t)
  const live = liveCompute(folder)
  await live.start()
  const instance = await runningInstance(live.fixture, { task_state: 'powering-off' })
  await live.fixture.stores.actions.start(live.fixture.ctx, instance.uuid, 'stop')
  await live.api.stopInstance(live.fixture.ctx, { instance, cleanShutdown: true })
  await live.api.getConsoleOutput(live.fixture.ctx, { instance, tailLength: 1 }) // behind the stop in the same queue
  await live.stop()
  assert.equal((await currentInstance(live.fixture, instance.uuid)).vm_state, 'stopped')

  const next = liveCompute(folder)
  await next.start()
  assert.equal(await next.manager.replayed(), undefined)
  assert.ok(!next.fixture.calls.some(({ method }) => method === 'instances.save'))
  await next.stop()
})

test('a call is answered with what the operation gives', async (t) => {
  const live = liveCompute(temporaryFolder(t))
  await live.start()
  const instance = await runningInstance(live.fixture)
  const output = await live.api.getConsoleOutput(live.fixture.ctx, { instance, tailLength: 1 })
  assert.equal(output, 'LAST LINE')
  await live.stop()
})

test('a stop without work in hand closes the journal and lets the driver go', async (t) => {
  const live = liveCompute(temporaryFolder(t))
  const left: string[] = []
  live.fixture.parts.driver.cleanupHost = async (name) => void left.push(name)
  await live.start()
  await live.stop()
  assert.deepEqual(left, [host])
})

test('the journal is closed even if the driver cannot let go', async (t) => {
  const live = liveCompute(temporaryFolder(t))
  live.fixture.parts.driver.cleanupHost = () => Promise.reject(new Error('the hypervisor hangs'))
  const close = t.mock.method(JournalFile.prototype, 'close')
  await live.start()
  await assert.rejects(live.stop(), /hypervisor hangs/)
  assert.equal(close.mock.callCount(), 1)
})

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Asks for a stop of `count` instances that other operations hold, and cuts the service off meanwhile. */
async function cutOffWhileWaiting(folder: string, count: number): Promise<readonly Instance[]> {
  const live = liveCompute(folder)
  await live.start()
  const releases: (() => void)[] = []
  const instances: Instance[] = []
  for (let n = 0; n < count; n++) {
    const instance = await runningInstance(live.fixture, { task_state: 'powering-off' })
    instances.push(instance)
    void live.fixture.parts.locks.run(instance.uuid, () => new Promise<void>((resolve) => releases.push(resolve)))
    await live.fixture.stores.actions.start(live.fixture.ctx, instance.uuid, 'stop')
    await live.api.stopInstance(live.fixture.ctx, { instance, cleanShutdown: true })
  }
  while (live.fixture.calls.filter(({ method }) => method === 'actions.startEvent').length < count) await turn()
  await live.server.stop(AbortSignal.abort())
  for (const release of releases) release()
  await turn()
  await live.manager.cleanupHost(AbortSignal.abort())
  await live.transport.stop(AbortSignal.abort())
  return instances
}

test('an operation that waited for its turn when the service was cut off is done by the next start', async (t) => {
  const folder = temporaryFolder(t)
  const [instance] = await cutOffWhileWaiting(folder, 1)
  const next = liveCompute(folder)
  const before = await currentInstance(next.fixture, instance!.uuid)
  assert.deepEqual([before.vm_state, before.task_state], ['active', 'powering-off'])
  await next.start()
  await next.stop()
  assert.equal((await currentInstance(next.fixture, instance!.uuid)).vm_state, 'stopped')
})

/** Its guests go off when told to. */
class SlowDriver extends FakeDriver {
  readonly waiting: (() => void)[] = []
  override async powerOff(...args: Parameters<FakeDriver['powerOff']>): Promise<void> {
    await new Promise<void>((resolve) => this.waiting.push(resolve))
    await super.powerOff(...args)
  }
}

test('a stop waits for the replays that have begun, and leaves the others to the next start', async (t) => {
  const folder = temporaryFolder(t)
  const instances = await cutOffWhileWaiting(folder, 20)
  const stopped = async ({ fixture }: LiveCompute) => {
    const states = await Promise.all(instances.map(({ uuid }) => currentInstance(fixture, uuid)))
    return states.filter(({ vm_state: state }) => state === 'stopped').length
  }
  let driver: SlowDriver | undefined
  const second = liveCompute(folder, { driver: (stateFile) => (driver = new SlowDriver({ log: nullLogger }, { stateFile })) })
  await second.start()
  while (driver!.waiting.length < 16) await turn()
  const stopping = second.server.stop(forever).then(() => second.manager.cleanupHost(forever))
  for (const release of driver!.waiting) release()
  await stopping
  await second.transport.stop(forever)
  assert.equal(await stopped(second), 16)

  const third = liveCompute(folder)
  await third.start()
  await third.stop()
  assert.equal(await stopped(third), 20)
})

test('a delete in the middle of a build waits for it, and leaves neither guest nor address nor record', async (t) => {
  const [begun, released] = [new EventEmitter(), new EventEmitter()]
  class SlowSpawnDriver extends FakeDriver {
    override async spawn(...args: Parameters<FakeDriver['spawn']>): Promise<void> {
      begun.emit('spawn')
      await once(released, 'spawn')
      await super.spawn(...args)
    }
  }
  const live = liveCompute(temporaryFolder(t), { driver: () => new SlowSpawnDriver({ log: nullLogger }) })
  const { fixture, api } = live
  const { stores, ctx, parts } = fixture
  await live.start()
  const instance = await storedInstance(fixture)
  await stores.actions.start(ctx, instance.uuid, 'create')
  const spawning = once(begun, 'spawn')
  await api.buildAndRunInstance(ctx, {
    instance,
    image: {},
    requestSpec: null,
    filterProperties: {},
    requestedNetworks: requestedNetworks('41a80805-e88a-406c-bd3b-484a882f0439'),
    blockDeviceMapping: await rootDisk(fixture, instance),
    node: host,
    host,
  })
  await spawning
  const doomed = await currentInstance(fixture, instance.uuid)
  doomed.task_state = 'deleting'
  await stores.instances.save(ctx, doomed)
  await stores.actions.start(ctx, instance.uuid, 'delete')
  await api.terminateInstance(ctx, { instance: doomed, bdms: new BlockDeviceMappingList() })
  while (live.server.inHand.length < 2) await turn()
  released.emit('spawn')
  await live.stop()
  await assert.rejects(stores.instances.getByUuid(ctx, instance.uuid), (err) => isNovaError(err, 'InstanceNotFound'))
  assert.deepEqual(await parts.driver.listGuests(), [])
  assert.deepEqual(await stores.virtualInterfaces.listByInstanceUuid(ctx, instance.uuid), [])
  assert.equal(parts.locks.size, 0)
})
