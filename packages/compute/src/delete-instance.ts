import { type BlockDeviceMapping, type Instance, powerStates, type RequestContext } from '@micronova/model'
import { ensureLoaded } from './instance-attributes.js'
import { updateUsage } from './instance-state.js'
import type { ComputeParts } from './parts.js'
import { removeAllocations } from './placement/index.js'
import { teardownGuest } from './teardown.js'
import { cleanUpVolumes } from './volume/instance-volumes.js'

/**
 * Delete an instance of this host: guest, networks, volumes, usage, record. Each part is harmless when there is nothing left to
 * do, so an interrupted delete is simply done again.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_delete_instance`
 */
export async function deleteInstance(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  blockDevices: readonly BlockDeviceMapping[],
): Promise<void> {
  parts.events.clear(instance.uuid)
  await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor'])
  await parts.notifications.action(ctx, instance, 'delete', 'start', { blockDevices })
  await teardownGuest(parts, ctx, instance, blockDevices)
  await cleanUpVolumes(parts, ctx, instance, blockDevices, { detach: false })
  instance.vm_state = 'deleted'
  instance.task_state = null
  instance.power_state = powerStates.noState
  instance.terminated_at = new Date(parts.clock.now())
  await parts.stores.instances.save(ctx, instance)
  await completeDeletion(parts, ctx, instance)
  await parts.stores.instances.destroy(ctx, instance)
  await parts.notifications.action(ctx, instance, 'delete', 'end', { blockDevices })
}

/** What remains when the guest is gone and only the record is left. */
export async function completeDeletion(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  await updateUsage(parts, ctx, instance)
  await removeAllocations(parts, ctx, instance, { force: !parts.settings.deletesAreDeferred })
  await parts.stores.consoleAuthTokens.cleanForInstance(ctx, instance.uuid)
  await parts.scheduler.remove(ctx, instance.uuid)
}
