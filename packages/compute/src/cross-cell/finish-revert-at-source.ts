import type { BlockDeviceMapping, RequestContext } from '@micronova/model'
import { powerStateOf } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { tryReturnAllocations } from '../resize/allocations.js'
import { decodeMove, type MoveRequest } from '../resize/request.js'
import { placeBack, returnToSource } from '../resize/return-to-source.js'
import { completeVolumeAttachments, reconnectVolumes } from '../volume/instance-volumes.js'

/** At the source: the guest comes back, of the disks that stayed. Wire: `finish_revert_snapshot_based_resize_at_source`, call, 5.10 and 6.0. */
export const finishRevertCrossCellAtSource = defineOperation({
  method: 'finish_revert_snapshot_based_resize_at_source',
  parameters: ['instance', 'migration'],
  policy: {
    lock: 'run',
    event: 'compute_finish_revert_snapshot_based_resize_at_source',
    recordFault: true,
    revertTaskState: true,
    failMigration: true,
  },
  decode: decodeMove,
  async run(parts, ctx, request, signal) {
    const { instance } = request
    await returnToSource(parts, ctx, instance, () => comeBack(parts, ctx, request, signal))
    await parts.scheduler.update(ctx, [instance])
  },
})

/** Allocations that cannot be moved are logged: ports and volumes come back all the same. */
async function comeBack(parts: ComputeParts, ctx: RequestContext, request: MoveRequest, signal: AbortSignal): Promise<void> {
  const { stores } = parts
  const { instance, migration } = request
  const powerOn = (instance.system_metadata.old_vm_state ?? 'active') === 'active'
  await placeBack(parts, ctx, request)
  await tryReturnAllocations(parts, ctx, instance, migration)
  const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  await reconnectVolumes(parts, ctx, instance, blockDevices)
  try {
    await startGuest(parts, ctx, request, { blockDevices, powerOn }, signal)
  } finally {
    await completeVolumeAttachments(parts, ctx, blockDevices)
  }
  migration.status = 'reverted'
  await stores.migrations.save(ctx, migration)
}

async function startGuest(
  parts: ComputeParts,
  ctx: RequestContext,
  { instance, migration }: MoveRequest,
  { blockDevices, powerOn }: { readonly blockDevices: readonly BlockDeviceMapping[]; readonly powerOn: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { networks, driver, stores, clock } = parts
  await networks.migrateInstanceFinish(ctx, instance, migration.source_compute ?? '')
  const network = await networks.networkInfo(ctx, instance)
  const resizing = driver.resizing ?? notImplemented()
  await resizing.finishRevertMigration(ctx, { instance, network, blockDevices }, { migration, powerOn }, signal)
  await stores.instances.dropMigrationContext(ctx, instance)
  instance.power_state = await powerStateOf(parts, instance)
  instance.vm_state = powerOn ? 'active' : 'stopped'
  instance.task_state = null
  instance.launched_at = new Date(clock.now())
  await stores.instances.save(ctx, instance, { expectedTaskState: ['resize_reverting'] })
}
