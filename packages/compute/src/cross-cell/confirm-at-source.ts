import type { RequestContext } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { dropSourceAllocations } from '../resize/allocations.js'
import { decodeMove, type MoveRequest } from '../resize/request.js'
import { withinMove } from '../resize/within-move.js'
import { releaseVolumes } from '../volume/instance-volumes.js'
import { removePortBindings } from './leave-host.js'

/** At the source: the guest stays in the other cell. Wire: `confirm_snapshot_based_resize_at_source`, call, compute 5.8 and 6.0. */
export const confirmCrossCellAtSource = defineOperation({
  method: 'confirm_snapshot_based_resize_at_source',
  parameters: ['instance', 'migration'],
  policy: { lock: 'run', event: 'compute_confirm_snapshot_based_resize_at_source', recordFault: true, failMigration: true },
  decode: decodeMove,
  async run(parts, ctx, request) {
    const { instance, migration } = request
    await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata', 'migration_context'])
    try {
      await withinMove(parts, ctx, instance, 'active', () => confirm(parts, ctx, request))
    } finally {
      await dropSourceAllocations(parts, ctx, instance, migration)
    }
  },
})

/** The guest went when it left; its disks and what else was kept for it go now. */
async function confirm(parts: ComputeParts, ctx: RequestContext, { instance, migration }: MoveRequest): Promise<void> {
  const { networks, driver, stores, tracker } = parts
  await networks.networkInfo(ctx, instance)
  await driver.leftoverDisks?.removeDisks(ctx, instance)
  await removePortBindings(parts, ctx, instance)
  await releaseVolumes(parts, ctx, instance, await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid))
  await tracker.moves.dropMoveClaimAtSource(ctx, instance, migration)
}
