import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { isNovaError, type Migration, MigrationContext, novaError, powerStates } from '@micronova/model'
import { currentInstance, smallFlavor, tablesOf } from '../../test/support/compute-fixture.js'
import { type ComputePair, type ComputePairOptions, computePair, largeFlavor, type Move, moveOf } from '../../test/support/compute-pair.js'
import { current, stateOf } from '../../test/support/moving.js'
import type { StoreCall } from '../../test/support/recording-stores.js'

const { running, shutdown } = powerStates
const imageId = '11111111-2222-4333-8444-555555555555'
const boom = () => Promise.reject(new Error('boom'))

/** Two hosts that the conductor treats as of two cells. The stores are one here: what it copies between cells is there already. */
async function crossing(t: TestContext, options: ComputePairOptions & { readonly isOff?: boolean } = {}) {
  const pair = await computePair(t, options)
  const move = await moveOf(pair, 'compute2', largeFlavor, options.isOff)
  const { instance, migration } = move
  migration.cross_cell_move = true
  instance.new_flavor = largeFlavor.objClone()
  instance.system_metadata = { ...instance.system_metadata, old_vm_state: String(instance.vm_state) }
  await pair.stores.instances.save(pair.ctx, instance)
  return { pair, move }
}

async function prepAtDestination({ api, ctx }: ComputePair, { instance, migration }: Move, node = 'compute2'): Promise<unknown> {
  return api.prepSnapshotBasedResizeAtDest(ctx, {
    instance,
    flavor: largeFlavor,
    nodename: node,
    migration,
    limits: {},
    requestSpec: null,
    host: 'compute2',
  })
}

async function prepAtSource(pair: ComputePair, move: Move, snapshotId: string | null = imageId): Promise<Move> {
  const now = await current(pair, move, 'resize_migrating', 'pre-migrating')
  await pair.api.prepSnapshotBasedResizeAtSource(pair.ctx, { ...now, snapshotId })
  return now
}

async function finishAtDestination(pair: ComputePair, move: Move, snapshotId: string | null = imageId): Promise<void> {
  const now = await current(pair, move, 'resize_migrated', 'post-migrating')
  await pair.api.finishSnapshotBasedResizeAtDest(pair.ctx, { ...now, snapshotId, requestSpec: null })
}

/** All that the conductor asks for until the user may decide. */
async function resized(t: TestContext, options: { readonly isOff?: boolean } = {}) {
  const { pair, move } = await crossing(t, options)
  for (const { parts } of [pair.compute1, pair.compute2]) breakMethod(parts.images, 'get', async () => ({ status: 'active' }))
  await prepAtDestination(pair, move)
  await prepAtSource(pair, move)
  await finishAtDestination(pair, move)
  return { pair, move }
}

function breakMethod<T, K extends keyof T>(object: T, name: K, method: T[K]): void {
  object[name] = method
}

test('the claim at the destination is answered with the migration context that the source needs too', async (t) => {
  const { pair, move } = await crossing(t)
  const context = await prepAtDestination(pair, move)
  assert.ok(context instanceof MigrationContext)
  assert.equal(context.migration_id, move.migration.id)
  assert.deepEqual((await stateOf(pair, move)).used, [1, 4])
})

test('a destination that cannot take the guest says so in the words of the pre-checks, and leaves the task state to the conductor', async (t) => {
  const { pair, move } = await crossing(t)
  await assert.rejects(prepAtDestination(pair, move, 'no-such-node'), (err) => {
    assert.ok(isNovaError(err, 'MigrationPreCheckError'))
    assert.match(err.message, /^Migration pre-check error: Pre-checks failed on host 'compute2'\. Error: .*no-such-node/)
    return true
  })
  const { vm_state, task_state } = await stateOf(pair, move)
  assert.deepEqual([vm_state, task_state], ['active', 'resize_prep'])
})

test('a guest that leaves for another cell becomes an image and is gone from its source', async (t) => {
  const { pair, move } = await crossing(t)
  await prepAtDestination(pair, move)
  const made: unknown[] = []
  const { snapshots } = pair.compute1.driver
  breakMethod(snapshots, 'snapshot', async (_ctx, _instance, id) => void made.push(id))
  const kept: unknown[] = []
  const destroy = pair.compute1.driver.destroy.bind(pair.compute1.driver)
  breakMethod(pair.compute1.driver, 'destroy', async (ctx, guest, options?: { readonly keepDisks?: boolean }) => {
    kept.push(options?.keepDisks)
    await destroy(ctx, guest)
  })
  await prepAtSource(pair, move)
  const { vm_state, task_state, host, migration, guests } = await stateOf(pair, move)
  assert.deepEqual(
    { vm_state, task_state, host, migration, guests, made, kept },
    {
      vm_state: 'active',
      task_state: 'resize_migrated',
      host: 'compute1',
      migration: 'post-migrating',
      guests: ['none', 'none'],
      made: [imageId],
      kept: [true],
    },
  )
})

for (const isOff of [false, true]) {
  test(`a guest that was ${isOff ? 'off stays off' : 'running runs'} in its new cell, with its new size and its own image`, async (t) => {
    const { pair, move } = await resized(t, { isOff })
    const { vm_state, task_state, host, flavor, migration, guests, used } = await stateOf(pair, move)
    assert.deepEqual(
      { vm_state, task_state, host, flavor, migration, guest: guests[1], used: used[1] },
      {
        vm_state: 'resized',
        task_state: null,
        host: 'compute2',
        flavor: 'm1.large',
        migration: 'finished',
        guest: isOff ? shutdown : running,
        used: 4,
      },
    )
    const { image_ref } = await currentInstance(pair, move.instance.uuid)
    assert.equal(image_ref, move.instance.image_ref)
  })
}

test('a confirmed move leaves nothing at its source', async (t) => {
  const { pair, move } = await resized(t)
  const removed: string[] = []
  breakMethod(pair.compute1.driver.leftoverDisks, 'removeDisks', async (_ctx, { uuid }) => void removed.push(uuid))
  const now = await current(pair, move, null, 'confirming')
  await pair.api.confirmSnapshotBasedResizeAtSource(pair.ctx, now)
  const { migration, migrationHas, context, used } = await stateOf(pair, move)
  assert.deepEqual(
    { migration, migrationHas, context, used: used[0] },
    { migration: 'confirmed', migrationHas: null, context: false, used: 0 },
  )
  assert.deepEqual(removed, [move.instance.uuid])
})

for (const isOff of [false, true]) {
  test(`a move that is taken back leaves the guest ${isOff ? 'off' : 'running'} at its source as it was`, async (t) => {
    const { pair, move } = await resized(t, { isOff })
    const now = await current(pair, move, 'resize_reverting', 'reverting')
    await pair.api.revertSnapshotBasedResizeAtDest(pair.ctx, now)
    const again = await current(pair, move, 'resize_reverting', 'reverting')
    await pair.api.finishRevertSnapshotBasedResizeAtSource(pair.ctx, again)
    assert.deepEqual(await stateOf(pair, move), {
      vm_state: isOff ? 'stopped' : 'active',
      task_state: null,
      host: 'compute1',
      node: 'compute1',
      flavor: 'm1.tiny',
      vcpus: smallFlavor.vcpus,
      old_flavor: null,
      new_flavor: null,
      old_vm_state: null,
      context: false,
      migration: 'reverted',
      guests: [isOff ? shutdown : running, 'none'],
      used: [1, 0],
      instanceHas: ['compute1'],
      migrationHas: null,
      faults: 0,
    })
  })
}

test('a snapshot that fails deletes its image, and the guest runs again as if nothing had been asked', async (t) => {
  const { pair, move } = await crossing(t)
  const deleted: string[] = []
  breakMethod(pair.compute1.driver.snapshots, 'snapshot', boom)
  breakMethod(pair.compute1.parts.images, 'delete', async (_ctx, id) => void deleted.push(id))
  await assert.rejects(prepAtSource(pair, move))
  const { vm_state, task_state, guests, migration } = await stateOf(pair, move)
  assert.deepEqual(
    { vm_state, task_state, guests, migration, deleted },
    { vm_state: 'active', task_state: null, guests: [running, 'none'], migration: 'error', deleted: [imageId] },
  )
})

test('a guest that cannot be powered off is InstancePowerOffFailure, which the conductor expects', async (t) => {
  const { pair, move } = await crossing(t)
  breakMethod(pair.compute1.driver, 'powerOff', boom)
  await assert.rejects(prepAtSource(pair, move), (err) => isNovaError(err, 'InstancePowerOffFailure'))
  assert.equal((await stateOf(pair, move)).vm_state, 'active')
})

type Fail = (call: StoreCall) => unknown

for (const [what, prepare, fail] of [
  [
    'the ports',
    ({ compute1 }: ComputePair) =>
      breakMethod(compute1.parts.networks, 'migrateInstanceStart', async (_ctx, _instance, host) =>
        host === 'compute2' ? boom() : undefined,
      ),
    undefined,
  ],
  ['resize_migrated', () => {}, failOnceAt('resize_migrated')],
] as const) {
  test(`a guest that has left and fails at '${what}' is brought back to a source that is in ERROR`, async (t) => {
    const { pair, move } = await crossing(t, fail === undefined ? {} : { fail })
    prepare(pair)
    await assert.rejects(prepAtSource(pair, move))
    const { vm_state, task_state, host, guests, migration } = await stateOf(pair, move)
    assert.deepEqual(
      { vm_state, task_state, host, guests, migration },
      { vm_state: 'error', task_state: null, host: 'compute1', guests: [running, 'none'], migration: 'error' },
    )
  })
}

/** The first save of that task state by a compute; the test itself saves past it. */
function failOnceAt(task: string): Fail {
  let isOver = false
  return ({ method, changes }) => {
    if (isOver || method !== 'instances.save' || changes.task_state !== task) return undefined
    isOver = true
    return new Error('no conductor')
  }
}

test('a guest that does not come up in its new cell leaves nothing there, and its ports go back', async (t) => {
  const { pair, move } = await crossing(t)
  breakMethod(pair.compute2.parts.images, 'get', async () => ({ status: 'active' }))
  await prepAtDestination(pair, move)
  await prepAtSource(pair, move)
  const bound: unknown[] = []
  breakMethod(pair.compute2.parts.networks, 'migrateInstanceStart', async (_ctx, _instance, host) => void bound.push(host))
  breakMethod(pair.compute2.driver, 'spawn', boom)
  await assert.rejects(finishAtDestination(pair, move))
  const { vm_state, task_state, guests, migration, host } = await stateOf(pair, move)
  assert.deepEqual(
    { vm_state, task_state, guests, migration, host, bound },
    { vm_state: 'error', task_state: null, guests: ['none', 'none'], migration: 'error', host: 'compute1', bound: ['compute1'] },
  )
})

test('bindings that cannot be deleted do not keep a move from being confirmed', async (t) => {
  const { pair, move } = await resized(t)
  const stuck = () => Promise.reject(novaError('PortBindingDeletionFailed', { port_id: 'p', host: 'compute1' }))
  breakMethod(pair.compute1.parts.networks, 'cleanupInstanceNetworkOnHost', stuck)
  const now: { migration: Migration; instance: Move['instance'] } = await current(pair, move, null, 'confirming')
  await pair.api.confirmSnapshotBasedResizeAtSource(pair.ctx, now)
  assert.equal((await stateOf(pair, move)).migration, 'confirmed')
})

test('a confirmation that fails gives the allocations of the source up all the same', async (t) => {
  const { pair, move } = await resized(t)
  breakMethod(pair.compute1.driver.leftoverDisks, 'removeDisks', boom)
  const now = await current(pair, move, null, 'confirming')
  await assert.rejects(pair.api.confirmSnapshotBasedResizeAtSource(pair.ctx, now))
  const { vm_state, migrationHas } = await stateOf(pair, move)
  assert.deepEqual({ vm_state, migrationHas }, { vm_state: 'error', migrationHas: null })
  assert.ok(tablesOf(pair.stores).faults.find(() => true))
})
