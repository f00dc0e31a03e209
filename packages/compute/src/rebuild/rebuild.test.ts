import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { type Instance, isNovaError, Migration, novaError, powerStates } from '@micronova/model'
import type { JsonObject } from '@micronova/versionedobjects'
import { FakeDriver } from '@micronova/virt'
import {
  computeFixture,
  currentInstance,
  type FixtureOptions,
  forever,
  nextUuid,
  rootDisk,
  runningInstance,
  tablesOf,
} from '../../test/support/compute-fixture.js'
import { type ComputePair, type ComputePairOptions, computePair, moveOf } from '../../test/support/compute-pair.js'
import { ownCalls, recordedCallsWithin } from '../../test/support/conductor-calls.js'
import { recordedArguments, seedRecorded } from '../../test/support/recorded-message.js'
import type { StoreCall } from '../../test/support/recording-stores.js'
import { runOperation } from '../run-operation.js'
import { rebuildInstance } from './rebuild-instance.js'

const { running, shutdown } = powerStates

/** As the conductor sends it. */
const wireArguments = {
  orig_image_ref: 'old-image',
  image_ref: 'new-image',
  injected_files: [],
  new_pass: 'secret',
  orig_sys_metadata: {},
  bdms: null,
  recreate: false,
  on_shared_storage: false,
  preserve_ephemeral: false,
  migration: null,
  scheduled_node: null,
  limits: null,
  request_spec: null,
  accel_uuids: [],
  reimage_boot_volume: false,
}

const images = { get: async () => ({ name: 'new' }), listByProperties: async () => [], delete: async () => {} }

async function prepared(values: { readonly vm_state?: string } = {}, options: FixtureOptions = {}) {
  const driver = new FakeDriver({ log: nullLogger })
  const fixture = computeFixture({ driver, images, ...options })
  const instance = await runningInstance(fixture, { task_state: 'rebuilding', ...values })
  await rootDisk(fixture, instance)
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'rebuild')
  const run = (args: object = {}) =>
    runOperation(fixture.parts, rebuildInstance, fixture.ctx, { instance, ...wireArguments, ...args }, forever)
  return { fixture, driver, instance, run }
}

async function statesOf(fixture: Parameters<typeof currentInstance>[0], { uuid }: Instance) {
  const { vm_state, task_state } = await currentInstance(fixture, uuid)
  return [vm_state, task_state]
}

test('what an instance was made of is told with its usage before a rebuild, and its new image with the rebuild', async () => {
  const told: [event: string, payload: JsonObject][] = []
  const { run } = await prepared({}, { told: (...args) => void told.push(args) })
  await run({ orig_sys_metadata: { image_os_distro: 'old', other: 'x' } })
  const legacy = told.filter(([event]) => event.startsWith('compute.')).map(([event, payload]) => [event.slice(17), payload] as const)
  assert.deepEqual(
    legacy.map(([event]) => event),
    ['exists', 'rebuild.start', 'rebuild.end'],
  )
  const [[, exists], [, start]] = legacy as [(typeof legacy)[0], (typeof legacy)[0]]
  assert.deepEqual([exists.image_ref_url, exists.image_meta], ['old-image', { os_distro: 'old' }])
  assert.equal(start.image_name, 'new')
})

test('what a rebuild sends is what a Python nova-compute sent, in its order', async () => {
  const recording = 'wire/11-console-and-actions.jsonl'
  const fixture = computeFixture({ images })
  const args = await recordedArguments(recording, 'rebuild_instance', 1)
  const instance = args.instance as Instance
  await seedRecorded(fixture, args)
  await fixture.parts.driver.spawn(
    fixture.ctx,
    { instance, network: [], blockDevices: [], image: {}, injectedFiles: [], adminPassword: null },
    forever,
  )
  const metadata = { ...instance.system_metadata }
  fixture.calls.length = 0
  await runOperation(fixture.parts, rebuildInstance, fixture.ctx, args, forever)
  assert.deepEqual(ownCalls(fixture.calls, metadata), recordedCallsWithin(recording, 'rebuild_instance', 1))
})

test('a rebuilt guest is made of the new image and runs', async () => {
  const { fixture, driver, instance, run } = await prepared()
  const made: unknown[] = []
  const spawn = driver.spawn.bind(driver)
  driver.spawn = async (ctx, request, signal) => {
    made.push([request.image, request.adminPassword])
    await spawn(ctx, request, signal)
  }
  await run()
  assert.deepEqual(made, [[{ name: 'new', id: 'new-image' }, 'secret']])
  assert.deepEqual(await statesOf(fixture, instance), ['active', null])
  assert.equal((await driver.guestInfo(instance.uuid)).powerState, running)
})

test('an instance that was stopped is rebuilt and stopped again', async () => {
  const { fixture, driver, instance, run } = await prepared({ vm_state: 'stopped' })
  await run()
  assert.deepEqual(await statesOf(fixture, instance), ['stopped', null])
  assert.equal((await driver.guestInfo(instance.uuid)).powerState, shutdown)
  const events = tablesOf(fixture.stores).actions[0]?.events.map(({ event, result }) => [event, result])
  assert.deepEqual(events, [
    ['compute_rebuild_instance', 'Success'],
    ['compute_stop_instance', 'Success'],
  ])
})

test('an image that is not there leaves the guest as it was', async () => {
  const get = () => Promise.reject(novaError('ImageNotFound', { image_id: 'new-image' }))
  const { fixture, driver, instance, run } = await prepared({}, { images: { ...images, get } })
  await assert.rejects(run(), (err) => isNovaError(err, 'ImageNotFound'))
  assert.deepEqual(await statesOf(fixture, instance), ['active', null])
  assert.equal((await driver.guestInfo(instance.uuid)).powerState, running)
})

test('a rebuild that fails leaves an instance in ERROR that can be rebuilt', async () => {
  const { fixture, driver, instance, run } = await prepared()
  const spawn = driver.spawn
  driver.spawn = () => Promise.reject(new Error('disk full'))
  await assert.rejects(run(), /disk full/)
  assert.deepEqual(await statesOf(fixture, instance), ['error', null])
  driver.spawn = spawn
  instance.task_state = 'rebuilding'
  await fixture.stores.instances.save(fixture.ctx, instance)
  await run()
  assert.deepEqual(await statesOf(fixture, instance), ['active', null])
})

test('disks that no driver can preserve are refused by the error that callers expect', async () => {
  const { run } = await prepared()
  await assert.rejects(run({ preserve_ephemeral: true }), (err) => isNovaError(err, 'PreserveEphemeralNotSupported'))
  assert.ok(rebuildInstance.policy.expected?.includes('PreserveEphemeralNotSupported'))
})

for (const task of ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning']) {
  test(`an instance that is deleted while its task state is ${task} is left to the deletion`, async () => {
    let isDeleting = false
    const fail = ({ method, changes }: StoreCall) => {
      if (method === 'instances.save' && changes.task_state === task) isDeleting = true
      return isDeleting && method === 'instances.save'
        ? novaError('UnexpectedDeletingTaskStateError', { instance_uuid: '', expected: {}, actual: {} })
        : undefined
    }
    const { fixture, instance, run } = await prepared({}, { fail })
    await run()
    assert.equal((await statesOf(fixture, instance))[0], 'active')
  })
}

interface Evacuation {
  readonly pair: ComputePair
  readonly instance: Instance
  readonly migration: Migration
  readonly nodes: readonly [string, string]
  run(args?: object): Promise<void>
}

/** A guest on compute1, which is gone, that is to come to compute2. */
async function evacuation(t: TestContext, options: ComputePairOptions & { readonly isOff?: boolean } = {}): Promise<Evacuation> {
  const pair = await computePair(t, options)
  const { compute1, compute2, ctx, stores, placement } = pair
  const { instance } = await moveOf(pair, 'compute2', undefined, options.isOff)
  await pair.stopListening('compute1')
  instance.task_state = 'rebuilding'
  await stores.instances.save(ctx, instance)
  const migration = new Migration({
    uuid: nextUuid(),
    instance_uuid: instance.uuid,
    source_compute: 'compute1',
    source_node: 'compute1',
    dest_compute: 'compute2',
    old_instance_type_id: 1,
    new_instance_type_id: 1,
    migration_type: 'evacuation',
    status: 'accepted',
    hidden: false,
    cross_cell_move: false,
  })
  await stores.migrations.create(ctx, migration)
  const nodes = [String(compute1.tracker.nodes.get('compute1')?.uuid), String(compute2.tracker.nodes.get('compute2')?.uuid)] as const
  placement.held.set(instance.uuid, Object.fromEntries(nodes.map((uuid) => [uuid, { resources: { VCPU: 1 } }])))
  return {
    pair,
    instance,
    migration,
    nodes,
    async run(args = {}) {
      const message = { newPass: null, injectedFiles: [], imageRef: '', origImageRef: '', origSysMetadata: {}, bdms: null, recreate: true }
      const rest = {
        onSharedStorage: null,
        preserveEphemeral: false,
        node: 'compute2',
        limits: {},
        requestSpec: null,
        accelUuids: [],
        reimageBootVolume: false,
      }
      await pair.api.rebuildInstance(ctx, { instance, migration, ...message, ...rest, ...args, host: 'compute2' })
      await pair.quiet()
    },
  }
}

async function resultOf({ pair, instance, migration }: Evacuation) {
  const { compute2, ctx, placement, stores } = pair
  await compute2.tracker.updateAvailableResource(ctx, 'compute2')
  const current = await currentInstance(pair, instance.uuid)
  return {
    vm_state: current.vm_state,
    task_state: current.task_state,
    host: current.host,
    node: current.node,
    context: (await stores.instances.getByUuid(ctx, instance.uuid, ['migration_context'])).migration_context !== null,
    migration: (await stores.migrations.getByIdAndInstance(ctx, migration.id, instance.uuid)).status,
    guest: (await compute2.driver.guestExists(instance.uuid)) ? (await compute2.driver.guestInfo(instance.uuid)).powerState : 'none',
    used: compute2.tracker.nodes.get('compute2')?.vcpus_used,
    has: placement.holders[instance.uuid],
    faults: tablesOf(stores).faults.filter(() => true).length,
  }
}

for (const isOff of [false, true]) {
  test(`an evacuated guest that ${isOff ? 'was off is off' : 'ran runs'} on its new host`, async (t) => {
    const evacuated = await evacuation(t, { isOff })
    await evacuated.run()
    assert.deepEqual(await resultOf(evacuated), {
      vm_state: isOff ? 'stopped' : 'active',
      task_state: null,
      host: 'compute2',
      node: 'compute2',
      context: false,
      migration: 'done',
      guest: isOff ? shutdown : running,
      used: 1,
      has: evacuated.nodes, // the old host gives its part up when it starts again
      faults: 0,
    })
  })
}

/** The instance is its old host's still, and nothing of it is here. */
const unmoved = {
  host: 'compute1',
  node: 'compute1',
  task_state: null,
  context: false,
  migration: 'failed',
  guest: 'none',
  used: 0,
  faults: 1,
}

test('an evacuation to a host that has not the resources leaves the instance as it was', async (t) => {
  const evacuated = await evacuation(t)
  await evacuated.run({ node: 'no-such-node' })
  const { has, ...result } = await resultOf(evacuated)
  assert.deepEqual(result, { ...unmoved, vm_state: 'active' })
  assert.equal(has?.length, 2, 'of a node that is not there nothing can be taken off')
})

const breakages: readonly (readonly [string, (compute: ComputePair['compute2']) => void])[] = [
  ['a driver that fails', ({ driver }) => breakMethod(driver, 'spawn', () => Promise.reject(new Error('disk full')))],
  [
    'networks that fail',
    ({ parts }) => breakMethod(parts.networks, 'setupInstanceNetworkOnHost', () => Promise.reject(new Error('no ports'))),
  ],
  ['disks that are where nobody expected them', ({ driver }) => breakMethod(driver.evacuating, 'hasDisks', async () => true)],
]

function breakMethod<T, K extends keyof T>(object: T, name: K, method: T[K]): void {
  object[name] = method
}

for (const [what, prepare] of breakages) {
  test(`an evacuation with ${what} ends in ERROR and leaves nothing on its new host`, async (t) => {
    const evacuated = await evacuation(t)
    prepare(evacuated.pair.compute2)
    await evacuated.run({ onSharedStorage: false })
    assert.deepEqual(await resultOf(evacuated), { ...unmoved, vm_state: 'error', has: [evacuated.nodes[0]] })
  })
}

test('an evacuation of a stopped instance that cannot be stopped again leaves no guest on its new host', async (t) => {
  const evacuated = await evacuation(t, { isOff: true })
  evacuated.pair.compute2.driver.powerOff = () => Promise.reject(new Error('stuck'))
  await evacuated.run()
  const { faults, ...result } = await resultOf(evacuated)
  const { faults: _, ...expected } = unmoved
  assert.deepEqual(result, { ...expected, vm_state: 'error', has: [evacuated.nodes[0]] })
  assert.ok(faults > 0)
})

for (const task of ['rebuild_block_device_mapping', 'rebuild_spawning', null]) {
  test(`an evacuation whose instance cannot be saved with the task state ${task} leaves no guest on its new host`, async (t) => {
    let isOver = false
    const fail = ({ method, changes }: StoreCall) => {
      if (isOver || method !== 'instances.save' || changes.task_state !== task || changes.vm_state === 'error') return undefined
      isOver = true
      return new Error('no conductor')
    }
    const evacuated = await evacuation(t, { fail })
    await evacuated.run()
    assert.deepEqual(await resultOf(evacuated), { ...unmoved, vm_state: 'error', has: [evacuated.nodes[0]] })
  })
}

test('disks that the old host sees too outlive an evacuation that fails', async (t) => {
  const evacuated = await evacuation(t)
  const { driver } = evacuated.pair.compute2
  driver.evacuating.hasDisks = async () => true
  driver.spawn = () => Promise.reject(new Error('no memory'))
  const kept: unknown[] = []
  driver.destroy = async (_ctx, _guest, options?: { readonly keepDisks?: boolean }) => void kept.push(options?.keepDisks)
  await evacuated.run({ onSharedStorage: true })
  assert.deepEqual(kept, [true])
})
