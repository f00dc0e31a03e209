import { type BlockDeviceMapping, type Instance, isNovaError, type RequestContext } from '@micronova/model'
import { notImplemented } from '../not-implemented.js'
import type { ComputeParts } from '../parts.js'
import { attachedVolume, attachmentOf, storedConnection } from './connection.js'

/**
 * Take a volume out of a guest of this host. A disk that is not there is fine; after any other failure Cinder is told that
 * the volume is in use as before.
 *
 * @see nova 26.2.2, `virt/block_device.py`, `driver_detach`
 */
export async function takeFromGuest(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mapping: BlockDeviceMapping,
): Promise<void> {
  const { driver, volumes, log } = parts
  const volumeId = mapping.volume_id ?? ''
  const { uuid: instanceUuid } = instance
  try {
    if (!(await driver.guestExists(instanceUuid)))
      log.warning(`The volume ${volumeId} is detached from a guest that is not there`, { instanceUuid })
    await (driver.volumes ?? notImplemented()).detach(ctx, attachedVolume(instance, mapping, storedConnection(mapping)))
  } catch (err) {
    if (isNovaError(err, 'DiskNotFound')) return log.warning(`The guest has no disk of the volume ${volumeId}`, { err, instanceUuid })
    log.error(`The guest does not give the volume ${volumeId} back`, { err, instanceUuid })
    await volumes.rollDetaching(ctx, volumeId)
    throw err
  }
}

/**
 * Detach a volume: from the guest, if that is on this host, and in Cinder. The mapping stays.
 *
 * @see nova 26.2.2, `virt/block_device.py`, `_do_detach`
 */
export async function detachVolumeOf(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mapping: BlockDeviceMapping,
): Promise<void> {
  const attachmentId = attachmentOf(mapping)
  if (instance.host === parts.host) await takeFromGuest(parts, ctx, instance, mapping)
  try {
    await parts.volumes.release(ctx, attachmentId)
  } catch (err) {
    if (!isNovaError(err, 'VolumeAttachmentNotFound')) throw err
    parts.log.info(`The attachment ${attachmentId} of the volume ${mapping.volume_id} was gone already`, { instanceUuid: instance.uuid })
  }
}
