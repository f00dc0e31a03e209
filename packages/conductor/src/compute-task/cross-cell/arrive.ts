import { InstanceFault } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import { asEvent } from '../scope.js'
import type { MoveState, MoveStep } from './move-state.js'

/** The guest is made at its destination. The same event is told of in both cells: the user asks the one that the mapping names. */
export const arrive: MoveStep = {
  name: 'arrive',
  async run(state) {
    const { deps, ctx, source, target, selection, requestSpec, imageId } = state
    const { instance, migration, scope } = target
    instance.task_state = 'resize_migrated'
    await scope.stores.instances.save(ctx, instance)
    const teller = { host: selection.service_host, log: deps.log }
    const request = { instance, migration, snapshotId: imageId, requestSpec }
    try {
      await asEvent(teller, source.scope, ctx, instance.uuid, 'compute_finish_snapshot_based_resize_at_dest', () =>
        scope.compute.finishSnapshotBasedResizeAtDest(ctx, request),
      )
    } catch (err) {
      await keepFault(state)
      throw err
    }
    state.hasArrived = true
    await scope.stores.instances.refresh(ctx, instance)
  },
  /** It has arrived, and cannot be shown there. */
  async undo({ ctx, target: { instance, migration, scope }, hasArrived }) {
    if (hasArrived) await scope.compute.revertSnapshotBasedResizeAtDest(ctx, { instance, migration })
  },
}

/** What the destination says of its failure goes with the copy that it is written to. */
async function keepFault({ deps, ctx, source, target }: MoveState): Promise<void> {
  const { uuid: instance_uuid } = target.instance
  try {
    const { fault } = await target.scope.stores.instances.getByUuid(ctx, instance_uuid, ['fault'])
    if (fault === null) return
    const { code, message, details, host } = fault
    await source.scope.stores.faults.create(ctx, new InstanceFault({ instance_uuid, code, message, details, host }))
  } catch (err) {
    deps.log.warning(`The fault that the destination has recorded could not be kept: ${messageOf(err)}`, {
      instanceUuid: instance_uuid,
      context: ctx,
    })
  }
}
