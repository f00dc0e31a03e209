import { elevated, type Instance, isNovaError, type Migration, novaError, type RequestContext } from '@micronova/model'
import { recordFault } from '@micronova/rpcapi'
import { cachedNetworkInfo } from '../network/network-api.js'
import type { ComputeParts } from '../parts.js'
import { tryReturnAllocations } from './allocations.js'

/**
 * A move that a restart has interrupted before its guest was the destination's: the guest is at its source as it was, and the
 * instance free. What cannot be done is logged, so that no instance is left with a task state for ever.
 *
 * @param migration null: it is not known
 */
export async function cancelMove(
  parts: ComputeParts,
  requestCtx: RequestContext,
  instance: Instance,
  migration: Migration | null,
  reason: string,
): Promise<void> {
  const ctx = elevated(requestCtx)
  const { task_state: taskState } = instance
  if (taskState === 'resize_migrating') await bringBack(parts, ctx, instance, migration)
  instance.task_state = null
  await parts.stores.instances.save(ctx, instance, { expectedTaskState: [taskState] })
  await recordFault(parts, ctx, instance, novaError('NovaException', {}, reason))
  if (migration === null) return
  await tryReturnAllocations(parts, ctx, instance, migration)
  migration.status = 'error'
  try {
    await parts.stores.migrations.save(ctx, migration)
  } catch (err) {
    if (!isNovaError(err, 'MigrationNotFound')) throw err
  }
}

/** @see nova 26.2.2, `compute/manager.py`, `_init_instance`, of an instance that is resize_migrating */
async function bringBack(parts: ComputeParts, ctx: RequestContext, instance: Instance, migration: Migration | null): Promise<void> {
  const { driver, stores, log } = parts
  if (driver.resizing === undefined || migration === null) return
  try {
    const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    const guest = { instance, network: cachedNetworkInfo(instance), blockDevices }
    const powerOn = instance.vm_state !== 'stopped'
    await driver.resizing.finishRevertMigration(ctx, guest, { migration, powerOn }, new AbortController().signal)
  } catch (err) {
    log.error('The guest of a move that was interrupted could not be brought back', { err, instanceUuid: instance.uuid })
  }
}
