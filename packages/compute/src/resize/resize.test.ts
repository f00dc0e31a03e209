import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { MigrationContext, powerStates } from '@micronova/model'
import { currentInstance, smallFlavor, tablesOf } from '../../test/support/compute-fixture.js'
import { type ComputePairOptions, computePair, largeFlavor, moveOf } from '../../test/support/compute-pair.js'
import { begin, confirm, current, type Host, revert, stateOf } from '../../test/support/moving.js'

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

test('a confirmation that comes again when the guest is on its way elsewhere touches nothing of the new move', async (t) => {
  const { pair, move } = await prepared(t, 'compute2')
  await begin(pair, move, 'compute2')
  const { instance, migration } = await current(pair, move, null, 'confirming')
  await pair.api.confirmResize(pair.ctx, { instance, migration, host: 'compute1' })
  await pair.quiet()
  const { stores, ctx } = pair
  const moving = await currentInstance(pair, instance.uuid)
  moving.task_state = 'resize_prep'
  moving.old_flavor = null
  moving.new_flavor = largeFlavor.objClone()
  moving.migration_context = new MigrationContext({ instance_uuid: moving.uuid, migration_id: 99 })
  moving.system_metadata = { ...moving.system_metadata, old_vm_state: 'active' }
  await stores.instances.save(ctx, moving)
  pair.placement.held.set(migration.uuid, { compute1: { resources: { VCPU: 1 } } })
  await pair.api.confirmResize(ctx, { instance, migration, host: 'compute1' })
  await pair.quiet()
  const { vm_state, task_state, new_flavor, old_vm_state, context, migrationHas, migration: status } = await stateOf(pair, move)
  assert.deepEqual(
    { vm_state, task_state, new_flavor, old_vm_state, context, migrationHas, status },
    {
      vm_state: 'active',
      task_state: 'resize_prep',
      new_flavor: 'm1.large',
      old_vm_state: 'active',
      context: true,
      migrationHas: null,
      status: 'confirmed',
    },
  )
})
