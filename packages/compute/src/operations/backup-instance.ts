import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { takeSnapshot } from '../snapshot/take-snapshot.js'

/**
 * Make an image of a guest and delete old ones of the same kind. Wire: `backup_instance`, cast, compute 5.0 and 6.0. Without the
 * instance's lock, as `snapshot_instance`.
 */
export const backupInstance = defineOperation({
  method: 'backup_instance',
  parameters: ['image_id', 'instance', 'backup_type', 'rotation'],
  policy: { event: 'compute_backup_instance', recordFault: true, revertTaskState: true },
  decode: (args) => ({
    instance: args.instance as Instance,
    imageId: String(args.image_id),
    backupType: String(args.backup_type),
    rotation: Number(args.rotation),
  }),
  async run(parts, ctx, { instance, imageId, backupType, rotation }) {
    await takeSnapshot(parts, ctx, { instance, imageId, taskState: 'image_backup' })
    await rotateBackups(parts, ctx, instance, backupType, rotation)
  },
})

/** Of the backups of one kind, the `rotation` newest stay. One that cannot be deleted keeps no other from its end. */
async function rotateBackups(
  { images, log }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  backupType: string,
  rotation: number,
): Promise<void> {
  const { uuid: instanceUuid } = instance
  const backups = await images.listByProperties(ctx, { image_type: 'backup', backup_type: backupType, instance_uuid: instanceUuid })
  for (const { id } of backups.slice(Math.max(rotation, 0)).reverse()) {
    try {
      await images.delete(ctx, id)
    } catch (err) {
      if (isNovaError(err, 'ImageNotFound')) log.info(`The old backup ${id} is gone already`, { instanceUuid })
      else log.info(`The old backup ${id} could not be deleted; the others are`, { err, instanceUuid })
    }
  }
}
