import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Migration, powerStates } from '@micronova/model'
import { currentInstance, smallFlavor, tablesOf } from '../../test/support/compute-fixture.js'
import { type ComputePair, type ComputePairOptions, computePair, largeFlavor, type Move, moveOf } from '../../test/support/compute-pair.js'

type Host = 'compute1' | 'compute2'

async function storedMigration({ stores, ctx }: ComputePair, { migration }: Move): Promise<Migration> {
  return stores.migrations.getByIdAndInstance(ctx, migration.id, String(migration.instance_uuid))
}

/** What can be seen of an instance and of what it holds anywhere. */
async function stateOf(pair: ComputePair, move: Move) {
  const { stores, ctx, placement, compute1, compute2 } = pair
  const { uuid } = move.instance
  const instance = await currentInstance(pair, uuid)
  const guestOn = async ({ driver }: typeof compute1) =>
    (await driver.guestExists(uuid)) ? (await driver.guestInfo(uuid)).powerState : 'none'
  for (const { tracker, parts } of [compute1, compute2]) await tracker.updateAvailableResource(ctx, parts.host)
  return {
    vm_state: instance.vm_state,
    task_state: instance.task_state,
    host: instance.host,
    node: instance.node,
    flavor: instance.flavor.name,
    vcpus: instance.vcpus,
    old_flavor: instance.old_flavor?.name ?? null,
    new_flavor: instance.new_flavor?.name ?? null,
    old_vm_state: instance.system_metadata.old_vm_state ?? null,
    context: (await stores.instances.getByUuid(ctx, uuid, ['migration_context'])).migration_context !== null,
    migration: (await storedMigration(pair, move)).status,
    guests: [await guestOn(compute1), await guestOn(compute2)],
    used: [compute1, compute2].map(({ tracker, parts }) => tracker.nodes.get(parts.host)?.vcpus_used),
    instanceHas: placement.holders[uuid],
    migrationHas: placement.holders[move.migration.uuid] ?? null,
    faults: tablesOf(stores).faults.filter(() => true).length,
  }
}

async function begin(pair: ComputePair, move: Move, host: Host, changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { instance, migration } = move
  await pair.api.prepResize(pair.ctx, {
    instance,
    image: {},
    flavor: migration.new_instance_type_id === 1 ? smallFlavor : largeFlavor,
    requestSpec: null,
    filterProperties: {},
    node: host,
    migration,
    cleanShutdown: true,
    hostList: [],
    host,
    ...changes,
  })
  await pair.quiet()
}

/** As the API sends it. */
async function current(pair: ComputePair, move: Move, task: string | null, status: string): Promise<Move> {
  const instance = await currentInstance(pair, move.instance.uuid)
  const migration = await storedMigration(pair, move)
  instance.task_state = task
  migration.status = status
  await pair.stores.instances.save(pair.ctx, instance)
  await pair.stores.migrations.save(pair.ctx, migration)
  return { instance, migration }
}

async function confirm(pair: ComputePair, move: Move): Promise<void> {
  const { instance, migration } = await current(pair, move, null, 'confirming')
  await pair.api.confirmResize(pair.ctx, { instance, migration, host: 'compute1' })
  await pair.quiet()
}

async function revert(pair: ComputePair, move: Move): Promise<void> {
  const { instance, migration } = await current(pair, move, 'resize_reverting', 'reverting')
  await pair.api.revertResize(pair.ctx, { instance, migration, requestSpec: null, host: String(instance.host) })
  await pair.quiet()
}

async function prepared(
  t: TestContext,
  host: Host,
  options: ComputePairOptions & { readonly flavor?: typeof smallFlavor; readonly isOff?: boolean } = {},
) {
  const pair = await computePair(t, options)
  return { pair, move: await moveOf(pair, host, options.flavor, options.isOff) }
}

const { running, shutdown } = powerStates
const ends = { old_flavor: null, new_flavor: null, old_vm_state: null, context: false, faults: 0, task_state: null }
const resized = {
  vm_state: 'resized',
  task_state: null,
  flavor: 'm1.large',
  vcpus: 4,
  old_flavor: 'm1.tiny',
  new_flavor: 'm1.large',
  faults: 0,
}
const waiting = { ...resized, old_vm_state: 'active', context: true, migration: 'finished' }
const before = { vm_state: 'active', host: 'compute1', node: 'compute1', flavor: 'm1.tiny', vcpus: 1 }

for (const host of ['compute1', 'compute2'] as const) {
  const isSame = host === 'compute1'

  test(`a resize to ${isSame ? 'the same host' : 'another host'} waits to be confirmed, and holds both sizes`, async (t) => {
    const { pair, move } = await prepared(t, host)
    await begin(pair, move, host)
    assert.deepEqual(await stateOf(pair, move), {
      ...waiting,
      host,
      node: host,
      guests: isSame ? [running, 'none'] : [shutdown, running],
      used: isSame ? [5, 0] : [1, 4],
      instanceHas: [host],
      migrationHas: ['compute1'],
    })
  })

  test(`a resize to ${isSame ? 'the same host' : 'another host'} that is confirmed leaves nothing of the old size`, async (t) => {
    const { pair, move } = await prepared(t, host)
    await begin(pair, move, host)
    await confirm(pair, move)
    const expected = {
      ...ends,
      vm_state: 'active',
      host,
      node: host,
      flavor: 'm1.large',
      vcpus: 4,
      migration: 'confirmed',
      guests: isSame ? [running, 'none'] : ['none', running],
      used: isSame ? [4, 0] : [0, 4],
      instanceHas: [host],
      migrationHas: null,
    }
    assert.deepEqual(await stateOf(pair, move), expected)
    await confirm(pair, move)
    assert.deepEqual(await stateOf(pair, move), expected, 'and once more does no harm')
  })

  test(`a resize to ${isSame ? 'the same host' : 'another host'} that is reverted leaves nothing of the new size`, async (t) => {
    const { pair, move } = await prepared(t, host)
    await begin(pair, move, host)
    await revert(pair, move)
    assert.deepEqual(await stateOf(pair, move), {
      ...ends,
      ...before,
      migration: 'reverted',
      guests: [running, 'none'],
      used: [1, 0],
      instanceHas: ['compute1'],
      migrationHas: null,
    })
  })
}

for (const [end, finish] of [
  ['confirmed', confirm],
  ['reverted', revert],
] as const) {
  test(`a guest that was off stays off, whether its resize is ${end}`, async (t) => {
    const { pair, move } = await prepared(t, 'compute2', { isOff: true })
    await begin(pair, move, 'compute2')
    assert.deepEqual((await stateOf(pair, move)).guests, [shutdown, shutdown])
    await finish(pair, move)
    const { vm_state, task_state, guests, faults } = await stateOf(pair, move)
    const expected = end === 'confirmed' ? ['none', shutdown] : [shutdown, 'none']
    assert.deepEqual({ vm_state, task_state, guests, faults }, { vm_state: 'stopped', task_state: null, guests: expected, faults: 0 })
  })
}

test('a cold migration keeps the size', async (t) => {
  const { pair, move } = await prepared(t, 'compute2', { flavor: smallFlavor })
  await begin(pair, move, 'compute2')
  const { flavor, host, migration } = await stateOf(pair, move)
  assert.deepEqual({ flavor, host, migration }, { flavor: 'm1.tiny', host: 'compute2', migration: 'finished' })
})

test('a cold migration to the host where the guest is, is refused by a driver that cannot, and changes nothing', async (t) => {
  const { pair, move } = await prepared(t, 'compute1', { flavor: smallFlavor })
  await begin(pair, move, 'compute1')
  const { vm_state, task_state, guests, migration, instanceHas } = await stateOf(pair, move)
  assert.deepEqual(
    { vm_state, task_state, guests, migration, instanceHas },
    { vm_state: 'active', task_state: null, guests: [running, 'none'], migration: 'error', instanceHas: ['compute1'] },
  )
  assert.match(String(tablesOf(pair.stores).faults.find(() => true)?.message), /Unable to migrate instance .* to current host/)
})

test('a cold migration to the host where the guest is goes on with a driver that can', async (t) => {
  const { pair, move } = await prepared(t, 'compute1', { flavor: smallFlavor, toSameHost: true })
  await begin(pair, move, 'compute1')
  assert.equal((await stateOf(pair, move)).vm_state, 'resized')
})
