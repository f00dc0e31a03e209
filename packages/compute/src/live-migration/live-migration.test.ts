import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LibvirtLiveMigrateData, type Migration, novaError, powerStates } from '@micronova/model'
import type { LiveMigration } from '@micronova/virt'
import { currentInstance, tablesOf } from '../../test/support/compute-fixture.js'
import type { ComputePair, Move } from '../../test/support/compute-pair.js'
import { ended, prepared, start } from '../../test/support/live-migrating.js'
import { giveUpLiveMigrations } from './give-up.js'

const { running } = powerStates

/** The source's driver with other ways. */
function source({ compute1 }: ComputePair, changes: Partial<LiveMigration>): void {
  Object.assign(compute1.driver, { liveMigration: { ...compute1.driver.liveMigration, ...changes } })
}

function destination({ compute2 }: ComputePair, changes: Partial<LiveMigration>): void {
  Object.assign(compute2.driver, { liveMigration: { ...compute2.driver.liveMigration, ...changes } })
}

async function stateOf(pair: ComputePair, { instance: { uuid }, migration }: Move) {
  const { stores, ctx, placement, compute1, compute2 } = pair
  const instance = await currentInstance(pair, uuid)
  for (const { tracker, parts } of [compute1, compute2]) await tracker.updateAvailableResource(ctx, parts.host)
  const stored: Migration = await stores.migrations.getByIdAndInstance(ctx, migration.id, uuid)
  return {
    states: [instance.vm_state, instance.task_state, instance.power_state],
    at: [instance.host, instance.node],
    migration: stored.status,
    guests: await Promise.all([compute1, compute2].map(({ driver }) => driver.guestExists(uuid))),
    used: [compute1, compute2].map(({ tracker, parts }) => tracker.nodes.get(parts.host)?.vcpus_used),
    instanceHas: placement.holders[uuid],
    migrationHas: placement.holders[migration.uuid] ?? null,
    faults: tablesOf(stores).faults.filter(() => true).length,
  }
}

const atDestination = {
  states: ['active', null, running],
  at: ['compute2', 'compute2'],
  guests: [false, true],
  used: [0, 1],
  instanceHas: ['compute2'],
  migrationHas: null,
}
const atSource = {
  states: ['active', null, running],
  at: ['compute1', 'compute1'],
  guests: [true, false],
  used: [1, 0],
  instanceHas: ['compute1'],
  migrationHas: null,
}

test('a guest that migrates is at its destination alone, and so is all that it has', async (t) => {
  const { pair, move } = await prepared(t)
  await start(pair, move)
  await ended(pair)
  assert.deepEqual(await stateOf(pair, move), { ...atDestination, migration: 'completed', faults: 0 })
})

test('what both hosts check is what upstream said of the same hypervisor', async (t) => {
  const { pair, move } = await prepared(t)
  const asked = { host: 'compute2', instance: move.instance, blockMigration: false, diskOverCommit: null, migration: null, limits: null }
  const data = await pair.api.checkCanLiveMigrateDestination(pair.ctx, asked)
  assert.ok(data instanceof LibvirtLiveMigrateData)
  const { filename, disk_available_mb, is_shared_instance_path, is_volume_backed, block_migration } = data
  assert.deepEqual(
    { filename, disk_available_mb, is_shared_instance_path, is_volume_backed, block_migration, over: data.objIsSet('disk_over_commit') },
    {
      filename: 'fake',
      disk_available_mb: 100000,
      is_shared_instance_path: true,
      is_volume_backed: false,
      block_migration: false,
      over: false,
    },
  )
})

test('a destination that cannot be prepared leaves the guest where it was, with what it had', async (t) => {
  const { pair, move } = await prepared(t)
  destination(pair, { prepareDestination: () => Promise.reject(novaError('MigrationError', { reason: 'no bridge' })) })
  await start(pair, move)
  await ended(pair)
  assert.deepEqual(await stateOf(pair, move), { ...atSource, migration: 'failed', faults: 1 })
})

test('a destination that is not there leaves the guest where it was, with what it had', async (t) => {
  const { pair, move } = await prepared(t)
  const asked = { host: 'compute2', instance: move.instance, blockMigration: null, diskOverCommit: null, migration: null, limits: null }
  const migrateData = await pair.api.checkCanLiveMigrateDestination(pair.ctx, asked)
  const { computes } = pair.compute1.parts
  Object.assign(pair.compute1.parts, { computes: { ...computes, preLiveMigration: () => Promise.reject(new Error('no reply')) } })
  const { instance, migration } = move
  await pair.api.liveMigration(pair.ctx, { host: 'compute1', instance, dest: 'compute2', blockMigration: null, migrateData, migration })
  await ended(pair)
  assert.deepEqual(await stateOf(pair, move), { ...atSource, migration: 'failed', faults: 0 })
})

test('where disks are not shared a failed migration has the destination remove what it made', async (t) => {
  const { pair, move } = await prepared(t)
  const removed: boolean[] = []
  destination(pair, {
    checkDestination: async () => new LibvirtLiveMigrateData({ is_shared_instance_path: false, is_shared_block_storage: false }),
    prepareDestination: () => Promise.reject(novaError('MigrationError', { reason: 'no space' })),
    rollbackDestination: async (_ctx, _guest, { destroyDisks }) => void removed.push(destroyDisks),
  })
  await start(pair, move)
  await ended(pair)
  assert.deepEqual(removed, [true])
  assert.deepEqual(await stateOf(pair, move), { ...atSource, migration: 'failed', faults: 1 })
})

test('a guest that the hypervisor could not move is in ERROR where it is, without a task', async (t) => {
  const { pair, move } = await prepared(t)
  source(pair, { migrate: () => Promise.reject(novaError('MigrationError', { reason: 'the guest stands still' })) })
  await start(pair, move)
  await ended(pair)
  const { states, at, migration, guests } = await stateOf(pair, move)
  assert.deepEqual([states, at, migration, guests], [['error', null, running], ['compute1', 'compute1'], 'error', [true, false]])
})

test('a guest that runs at its destination belongs there even if the destination fails to take it over', async (t) => {
  const { pair, move } = await prepared(t)
  destination(pair, {
    arrive: async () => {
      throw novaError('MigrationError', { reason: 'no domain' })
    },
  })
  await start(pair, move)
  await ended(pair)
  const { states, at, migration, instanceHas, migrationHas } = await stateOf(pair, move)
  assert.deepEqual([states[0], states[1], at], ['error', null, ['compute2', 'compute2']])
  assert.deepEqual([migration, instanceHas, migrationHas], ['completed', ['compute2'], null])
})

test('a source that cannot clean up after itself does not keep the guest', async (t) => {
  const { pair, move } = await prepared(t)
  source(pair, { leaveSource: () => Promise.reject(new Error('device busy')) })
  await start(pair, move)
  await ended(pair)
  const { at, states, migration } = await stateOf(pair, move)
  assert.deepEqual(at, ['compute2', 'compute2'])
  assert.deepEqual([states[0], states[1], migration], ['error', null, 'error'])
})

test('a migration that waits for its turn can be aborted, and never begins', async (t) => {
  const { pair, move } = await prepared(t)
  let free = () => {}
  void pair.compute1.parts.liveMigrations.submit('other', move.migration, () => new Promise<void>((resolve) => (free = resolve)))
  await start(pair, move)
  await pair.quiet()
  await pair.api.liveMigrationAbort(pair.ctx, { instance: move.instance, migrationId: move.migration.id })
  await pair.quiet()
  assert.deepEqual(await stateOf(pair, move), { ...atSource, migration: 'cancelled', faults: 0 })
  free()
  await ended(pair)
  assert.deepEqual(await stateOf(pair, move), { ...atSource, migration: 'cancelled', faults: 0 })
})

test('a migration that is aborted while its destination is prepared goes back by itself', async (t) => {
  const { pair, move } = await prepared(t)
  destination(pair, {
    prepareDestination: async (_ctx, _guest, _disk, data) => {
      await pair.api.liveMigrationAbort(pair.ctx, { instance: move.instance, migrationId: move.migration.id })
      for (let turns = 0; turns < 10; turns++) await new Promise((resolve) => setImmediate(resolve))
      return data
    },
  })
  await start(pair, move)
  await ended(pair)
  assert.deepEqual(await stateOf(pair, move), { ...atSource, migration: 'cancelled', faults: 0 })
})

test('a guest that is on its way is aborted, or made to arrive, by the hypervisor', async (t) => {
  for (const [act, end] of [
    ['liveMigrationAbort', { ...atSource, migration: 'cancelled' }],
    ['liveMigrationForceComplete', { ...atDestination, migration: 'completed' }],
  ] as const) {
    const { pair, move } = await prepared(t)
    let finish: (end: 'completed' | 'cancelled') => void = () => {}
    source(pair, {
      migrate: () => new Promise((resolve) => (finish = resolve)),
      abort: async () => finish('cancelled'),
      forceComplete: async () => finish('completed'),
    })
    await start(pair, move)
    await pair.quiet()
    const { instance, migration } = move
    if (act === 'liveMigrationAbort') await pair.api.liveMigrationAbort(pair.ctx, { instance, migrationId: migration.id })
    else await pair.api.liveMigrationForceComplete(pair.ctx, { instance, migration })
    await ended(pair)
    assert.deepEqual(await stateOf(pair, move), { ...end, faults: 0 }, act)
  }
})

test('what no longer runs cannot be aborted: the fault says so', async (t) => {
  const { pair, move } = await prepared(t)
  await start(pair, move)
  await ended(pair)
  const instance = await currentInstance(pair, move.instance.uuid)
  instance.host = 'compute1' // an API that has not read it again
  await pair.api.liveMigrationAbort(pair.ctx, { instance, migrationId: move.migration.id })
  await pair.quiet()
  const [fault] = tablesOf(pair.stores).faults.filter(() => true)
  assert.match(String(fault?.message), /Migration \d+ state of instance .* is completed\. Cannot abort live migration/)
})

test('an instance that is deleted while it migrates is not brought back', async (t) => {
  const { pair, move } = await prepared(t)
  source(pair, {
    migrate: async () => {
      await pair.stores.instances.destroy(pair.ctx, await currentInstance(pair, move.instance.uuid))
      throw novaError('MigrationError', { reason: 'the guest is gone' })
    },
  })
  await start(pair, move)
  await ended(pair)
  const { deleted, vm_state } = await currentInstance(pair, move.instance.uuid)
  assert.deepEqual([deleted, vm_state], [true, 'active'])
})

for (const status of ['queued', 'preparing', 'running']) {
  test(`at start-up a live migration that was ${status} is given up, with what it held`, async (t) => {
    const { pair, move } = await prepared(t)
    move.migration.status = status
    await pair.stores.migrations.save(pair.ctx, move.migration)
    const { instance } = move
    await giveUpLiveMigrations(pair.compute1.parts, pair.ctx, instance)
    const { migration, guests, instanceHas, migrationHas } = await stateOf(pair, move)
    assert.deepEqual({ migration, guests, instanceHas, migrationHas }, { ...pick(atSource), migration: 'error' })
  })
}

function pick({ guests, instanceHas, migrationHas }: typeof atSource) {
  return { guests, instanceHas, migrationHas }
}
