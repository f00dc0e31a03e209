import type { Flavor, Instance, Migration } from '@micronova/model'

const resizing: readonly unknown[] = ['resize_prep', 'resize_migrating', 'resize_migrated', 'resize_finish']
const rebuilding: readonly unknown[] = ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning']

/** One end of a migration. `hasGuest`: the instance is counted there already, as it is on that node. */
export interface MigrationEnd {
  readonly host: string
  readonly node: string
  readonly hasGuest: boolean
}

/** A resize, rebuild or live migration is under way, or a resize waits to be confirmed. */
function isMoving({ vm_state: vmState, task_state: task }: Instance): boolean {
  if (vmState === 'resized') return true
  if ((vmState === 'active' || vmState === 'stopped') && (resizing.includes(task) || rebuilding.includes(task))) return true
  return (vmState === 'active' || vmState === 'paused') && task === 'migrating'
}

/** For each instance that moves, its latest migration. Others are leftovers of moves that ended badly. */
export function latestMigrations(migrations: readonly Migration[], instances: ReadonlyMap<string, Instance>): Map<Instance, Migration> {
  const latest = new Map<Instance, Migration>()
  for (const migration of migrations) {
    const instance = instances.get(migration.instance_uuid ?? '')
    if (instance === undefined || !isMoving(instance)) continue
    const other = latest.get(instance)
    if (other === undefined || touchedAt(migration) > touchedAt(other)) latest.set(instance, migration)
  }
  return latest
}

function touchedAt(migration: Migration): number {
  return (migration.updated_at ?? migration.created_at)?.getTime() ?? 0
}

/** The instance is in another move than this one, which never ended: its record is an error. */
export function isStale(migration: Migration, instance: Instance): boolean {
  return instance.migration_context !== null && instance.migration_context.migration_id !== migration.id
}

/**
 * The flavor for which the node holds resources beside those of the instances that are on it: the new one while a guest
 * comes, the old one while it may come back. Null: none.
 *
 * @see nova 26.2.2, `compute/resource_tracker.py`, `_update_usage_from_migration`
 */
export function heldFlavor(migration: Migration, instance: Instance, at: MigrationEnd): Flavor | null {
  const isIncoming = migration.dest_compute === at.host && migration.dest_node === at.node
  const isOutbound = migration.source_compute === at.host && migration.source_node === at.node
  const [oldFlavor, newFlavor] =
    migration.migration_type === 'resize' ? [instance.old_flavor, instance.new_flavor] : [instance.flavor, instance.flavor]
  // Within one node the instance is counted once, with the flavor that it has at present: the other one is held.
  if (isIncoming && isOutbound) return instance.instance_type_id === migration.old_instance_type_id ? newFlavor : oldFlavor
  if (at.hasGuest) return null
  if (isIncoming) return newFlavor
  return isOutbound ? oldFlavor : null
}
