import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { deleteImage, takeSnapshot } from '../snapshot/take-snapshot.js'
import { waitingFor } from '../whereabouts.js'

/**
 * Make an image of a guest. Wire: `snapshot_instance`, cast, compute 5.0 and 6.0. Without the instance's lock, as an upload may
 * take long and its user may delete the instance meanwhile: the task states keep others away.
 */
export const snapshotInstance = defineOperation({
  method: 'snapshot_instance',
  parameters: ['image_id', 'instance'],
  policy: { event: 'compute_snapshot_instance', recordFault: true, revertTaskState: true },
  decode: (args) => ({ instance: args.instance as Instance, imageId: String(args.image_id) }),
  async run(parts, ctx, { instance, imageId }) {
    if (!(await acceptSnapshot(parts, ctx, instance, imageId))) return
    const take = () => takeSnapshot(parts, ctx, { instance, imageId, taskState: 'image_snapshot' })
    await waitingFor(parts.here, 'a place among max_concurrent_snapshots', (run) => parts.snapshotSlots.run(run), take)
  },
})

/** @returns false if the instance is gone or going: there is nothing to be made an image of */
async function acceptSnapshot(parts: ComputeParts, ctx: RequestContext, instance: Instance, imageId: string): Promise<boolean> {
  instance.task_state = 'image_snapshot'
  try {
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['image_snapshot_pending'] })
    return true
  } catch (err) {
    if (isNovaError(err, 'InstanceNotFound') || isNovaError(err, 'UnexpectedDeletingTaskStateError')) {
      parts.log.debug(`There is nothing to be made an image of: ${err.message}`, { instanceUuid: instance.uuid })
      return false
    }
    await deleteImage(parts, ctx, instance, imageId)
    throw err
  }
}
