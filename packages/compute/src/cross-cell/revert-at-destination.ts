import type { RequestContext } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { decodeMove, type MoveRequest } from '../resize/request.js'
import { withinMove } from '../resize/within-move.js'
import { releaseVolumes } from '../volume/instance-volumes.js'
import { removePortBindings } from './leave-host.js'

/** At the destination: the guest goes. Wire: `revert_snapshot_based_resize_at_dest`, call, compute 5.9 and 6.0. */
export const revertCrossCellAtDestination = defineOperation({
  method: 'revert_snapshot_based_resize_at_dest',
  parameters: ['instance', 'migration'],
  policy: {
    lock: 'run',
    event: 'compute_revert_snapshot_based_resize_at_dest',
    recordFault: true,
    revertTaskState: true,
    failMigration: true,
  },
  decode: decodeMove,
  async run(parts, ctx, request) {
    const { instance } = request
    await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata', 'migration_context'])
    await parts.notifications.exists(ctx, instance, { current: true })
    await withinMove(parts, ctx, instance, 'active', () => revert(parts, ctx, request))
    await parts.scheduler.remove(ctx, instance.uuid)
    parts.events.clear(instance.uuid)
  },
})

/** The ports are the source's before their bindings to this host go: they shall not be without one. */
async function revert(parts: ComputeParts, ctx: RequestContext, { instance, migration }: MoveRequest): Promise<void> {
  const { networks, driver, stores, tracker } = parts
  const network = await networks.networkInfo(ctx, instance)
  const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  await driver.destroy(ctx, { instance, network, blockDevices })
  await networks.migrateInstanceStart(ctx, instance, migration.source_compute ?? '')
  await removePortBindings(parts, ctx, instance)
  await releaseVolumes(parts, ctx, instance, blockDevices)
  await tracker.moves.dropMoveClaimAtDestination(ctx, instance, migration)
}
