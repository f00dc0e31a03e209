import { isNovaError, type Migration, type RequestContext } from '@micronova/model'
import type { LiveMigrateData } from '@micronova/virt'
import { volumesOf } from '../guest-devices.js'
import type { ComputeParts } from '../parts.js'
import { returnAllocations } from '../resize/allocations.js'
import { dropMigrationContext } from '../resource-tracker/index.js'
import { setMigrationStatus } from './migration-status.js'
import type { Move } from './run.js'
import { attachedAs, restoreAttachment } from './volumes.js'

export interface RollbackOptions {
  /** What the migration becomes. */
  readonly status: 'failed' | 'cancelled'
  /** The destination was prepared, and the guest may have begun to move. */
  readonly hasBegun: boolean
}

/**
 * At the source: the guest stays. What was made for it at the destination is removed, and the instance is as it was before.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_rollback_live_migration`
 */
export async function rollBack(move: Move, data: LiveMigrateData, { status, hasBegun }: RollbackOptions): Promise<void> {
  const { parts, ctx, request, driver, blockDevices } = move
  const { instance, migration } = request
  const { stores, notifications } = parts
  await returnAllocations(parts, ctx, instance, migration)
  if (hasBegun) await driver.rollbackSource(ctx, instance, data)
  await rollBackVolumes(move)
  await notifications.action(ctx, instance, 'live_migration_rollback', 'start', { blockDevices })
  const cleanup = cleanupOf(data)
  if (cleanup.needed)
    await parts.computes.rollbackLiveMigrationAtDestination(ctx, {
      host: request.destination,
      instance,
      destroyDisks: cleanup.destroyDisks,
      migrateData: data,
    })
  else await dropOrFail(parts, ctx, move, migration)
  if (data.objIsSet('src_supports_numa_live_migration') && data.src_supports_numa_live_migration)
    await parts.computes.dropMoveClaimAtDestination(ctx, { host: request.destination, instance })
  instance.task_state = null
  instance.progress = 0
  await dropMigrationContext(stores, ctx, instance)
  await stores.instances.save(ctx, instance, { expectedTaskState: ['migrating'] })
  await notifications.action(ctx, instance, 'live_migration_rollback', 'end', { blockDevices })
  await setMigrationStatus(parts, ctx, migration, status)
}

/** Where disks or folders are not shared the destination has made its own. */
function cleanupOf(data: LiveMigrateData): { readonly needed: boolean; readonly destroyDisks: boolean } {
  const isShared = (field: 'is_shared_instance_path' | 'is_shared_block_storage') => data.objIsSet(field) && data[field]
  return { needed: !isShared('is_shared_instance_path'), destroyDisks: !isShared('is_shared_block_storage') }
}

/** The stored mappings name the destination's attachments. */
async function rollBackVolumes({ parts, ctx, request, blockDevices }: Move): Promise<void> {
  const before = new Map(volumesOf(blockDevices).map((mapping) => [mapping.volume_id, mapping]))
  if (before.size === 0) return
  const { instance, destination } = request
  for (const mapping of volumesOf(await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid))) {
    const old = before.get(mapping.volume_id)
    if (old === undefined || mapping.volume_id === null) continue
    try {
      await parts.computes.removeVolumeConnection(ctx, { host: destination, instance, volumeId: mapping.volume_id })
    } catch (err) {
      parts.log.warning(`The volume ${mapping.volume_id} could not be disconnected from ${destination}`, {
        err,
        instanceUuid: instance.uuid,
      })
    }
    await restoreAttachment(parts, ctx, mapping, attachedAs(old))
  }
}

/** Remove the bindings of the ports on a host that the guest is not on. That they stay is logged; a network service that fails otherwise fails the migration. */
export async function dropBindings(
  { networks, log }: Pick<ComputeParts, 'networks' | 'log'>,
  ctx: RequestContext,
  instance: Move['request']['instance'],
  host: string | null,
): Promise<void> {
  try {
    await networks.setupNetworksOnHost(ctx, instance, host, { teardown: true })
  } catch (err) {
    if (!isNovaError(err, 'PortBindingDeletionFailed')) throw err
    log.error(`Port bindings on ${host} could not be removed`, { err, instanceUuid: instance.uuid })
  }
}

async function dropOrFail(parts: ComputeParts, ctx: RequestContext, { request }: Move, migration: Migration): Promise<void> {
  try {
    await dropBindings(parts, ctx, request.instance, request.destination)
  } catch (err) {
    await setMigrationStatus(parts, ctx, migration, 'error')
    throw err
  }
}
