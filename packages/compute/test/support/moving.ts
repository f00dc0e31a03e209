import type { Migration } from '@micronova/model'
import { currentInstance, smallFlavor, tablesOf } from './compute-fixture.js'
import { type ComputePair, largeFlavor, type Move } from './compute-pair.js'

export type Host = 'compute1' | 'compute2'

async function storedMigration({ stores, ctx }: ComputePair, { migration }: Move): Promise<Migration> {
  return stores.migrations.getByIdAndInstance(ctx, migration.id, String(migration.instance_uuid))
}

/** What can be seen of an instance and of what it holds anywhere. */
export async function stateOf(pair: ComputePair, move: Move) {
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

export async function begin(pair: ComputePair, move: Move, host: Host, changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
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
export async function current(pair: ComputePair, move: Move, task: string | null, status: string): Promise<Move> {
  const instance = await currentInstance(pair, move.instance.uuid)
  const migration = await storedMigration(pair, move)
  instance.task_state = task
  migration.status = status
  await pair.stores.instances.save(pair.ctx, instance)
  await pair.stores.migrations.save(pair.ctx, migration)
  return { instance, migration }
}

export async function confirm(pair: ComputePair, move: Move): Promise<void> {
  const { instance, migration } = await current(pair, move, null, 'confirming')
  await pair.api.confirmResize(pair.ctx, { instance, migration, host: 'compute1' })
  await pair.quiet()
}

export async function revert(pair: ComputePair, move: Move): Promise<void> {
  const { instance, migration } = await current(pair, move, 'resize_reverting', 'reverting')
  await pair.api.revertResize(pair.ctx, { instance, migration, requestSpec: null, host: String(instance.host) })
  await pair.quiet()
}
