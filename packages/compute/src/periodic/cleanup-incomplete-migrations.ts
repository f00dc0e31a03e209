import type { Logger } from '@micronova/log'
import { type Instance, isNovaError, type Migration, novaError, type RequestContext } from '@micronova/model'
import { recordFault } from '@micronova/rpcapi'
import { dropSourceAllocations } from '../resize/allocations.js'
import { isOlderThan } from './age.js'
import { eachIdleInstance } from './each-instance.js'
import type { PeriodicParts, PeriodicTaskFactory } from './periodic-parts.js'

const name = '_cleanup_incomplete_migrations'

/** A destination that hears of a guest makes it at once, unless it is down: then its queue keeps the message for so long at least. */
const lostAfterSeconds = 1800

/**
 * What moves that went wrong have left: disks of instances that were deleted while they moved, and instances whose destination
 * was never told that their guest has come, as their source was killed before it could.
 */
export const cleanupIncompleteMigrations: PeriodicTaskFactory = (parts) => ({
  name,
  spacingSeconds: () => parts.periodic.instance_delete_interval,
  runImmediately: false,
  async run(signal) {
    const ctx = parts.adminContext()
    const filters = { host: parts.host, status: ['error', 'post-migrating'] }
    const migrations = await parts.stores.migrations.listByFilters(ctx, filters)
    await removeLeftovers(parts, ctx, signal, byInstance(migrations.filter(({ status }) => status === 'error')))
    await giveUpLost(parts, ctx, signal, byInstance(migrations.filter((migration) => isLost(parts, migration))))
  },
})

function byInstance(migrations: readonly Migration[]): ReadonlyMap<string, Migration> {
  return new Map(migrations.flatMap((migration) => (migration.instance_uuid === null ? [] : [[migration.instance_uuid, migration]])))
}

/** @see nova 26.2.2, `compute/manager.py`, `_cleanup_incomplete_migrations` */
async function removeLeftovers(
  parts: PeriodicParts,
  ctx: RequestContext,
  signal: AbortSignal,
  migrations: ReadonlyMap<string, Migration>,
): Promise<void> {
  if (migrations.size === 0) return
  const deleted = { deleted: true, soft_deleted: false, uuid: [...migrations.keys()] }
  const attributes = ['info_cache', 'security_groups', 'system_metadata'] as const
  const all: RequestContext = { ...ctx, readDeleted: 'yes' }
  const found = await parts.stores.instances.listByFilters(all, deleted, attributes, { replica: true })
  const instances = found.filter(({ host }) => host !== parts.host)
  await eachIdleInstance(parts, { name, ctx, instances, signal, run: (instance) => removeOne(parts, ctx, instance, migrations) })
}

async function removeOne(
  { driver, stores, log }: PeriodicParts,
  ctx: RequestContext,
  instance: Instance,
  migrations: ReadonlyMap<string, Migration>,
): Promise<void> {
  const migration = migrations.get(instance.uuid)
  if (migration === undefined) return
  if (await driver.guestExists(instance.uuid)) return // `_cleanup_running_deleted_instances` deals with it first
  await driver.leftoverDisks?.removeDisks(ctx, instance)
  migration.status = 'failed'
  try {
    await stores.migrations.save(ctx, migration)
  } catch (err) {
    if (!isNovaError(err, 'MigrationNotFound')) throw err
    log.warning(`Migration ${migration.id} is not found`, { instanceUuid: instance.uuid })
  }
}

function isLost({ host, clock }: PeriodicParts, migration: Migration): boolean {
  const { status, source_compute, updated_at, created_at, migration_type } = migration
  const touched = updated_at ?? created_at
  const isCold = migration_type === 'resize' || migration_type === 'migration'
  return (
    status === 'post-migrating' && isCold && source_compute === host && touched !== null && isOlderThan(clock, touched, lostAfterSeconds)
  )
}

async function giveUpLost(
  parts: PeriodicParts,
  ctx: RequestContext,
  signal: AbortSignal,
  migrations: ReadonlyMap<string, Migration>,
): Promise<void> {
  if (migrations.size === 0) return
  const lost = { deleted: false, task_state: 'resize_migrated', uuid: [...migrations.keys()] }
  const instances = await parts.stores.instances.listByFilters(ctx, lost, ['info_cache', 'flavor', 'system_metadata'])
  const run = (instance: Instance, log: Logger) => giveUp(parts, ctx, instance, migrations.get(instance.uuid), log)
  await eachIdleInstance(parts, { name, ctx, instances, signal, run })
}

/** As a guest that did not come up at its destination: a hard reboot there may bring it up. */
async function giveUp(
  parts: PeriodicParts,
  ctx: RequestContext,
  instance: Instance,
  migration: Migration | undefined,
  log: Logger,
): Promise<void> {
  if (migration === undefined || migration.cross_cell_move) return
  instance.vm_state = 'error'
  instance.task_state = null
  await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['resize_migrated'] })
  const reason = `the destination ${migration.dest_compute} was never told that the guest has come`
  log.error(`The instance is set to ERROR: ${reason}`)
  await recordFault(parts, ctx, instance, novaError('MigrationError', { reason }))
  migration.status = 'error'
  await parts.stores.migrations.save(ctx, migration)
  await dropSourceAllocations(parts, ctx, instance, migration)
}
