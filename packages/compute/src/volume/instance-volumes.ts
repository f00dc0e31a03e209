import { type BlockDeviceMapping, type Instance, isNovaError, novaError, type RequestContext } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import { volumesOf } from '../guest-devices.js'
import { notImplemented } from '../not-implemented.js'
import type { ComputeParts } from '../parts.js'
import { connectVolume } from './connect-volume.js'
import { attachmentOf, connectionAnew } from './connection.js'
import { createVolume } from './create-volume.js'
import { detachVolumeOf, takeFromGuest } from './disconnect-volume.js'

type Mappings = readonly BlockDeviceMapping[]

/**
 * Make the volumes that a guest is to be made with, those that are not there yet, and connect this host to all of them. One
 * that was begun is gone on with when this is repeated.
 *
 * @throws NovaError `InvalidBDM` with the message of what went wrong; `OverQuota`
 * @see nova 26.2.2, `compute/manager.py`, `_prep_block_device`
 */
export async function connectVolumes(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mappings: Mappings,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (const mapping of volumesOf(mappings)) {
      if (!mapping.volume_id) await createVolume(parts, ctx, instance, mapping, signal)
      await connectVolume(parts, ctx, instance, mapping, { toGuest: false })
    }
  } catch (err) {
    if (isNovaError(err, 'OverQuota')) throw err
    parts.log.error('The volumes of the instance could not be connected', { err, instanceUuid: instance.uuid })
    throw novaError('InvalidBDM', {}, { cause: err, message: messageOf(err) })
  }
}

/**
 * The guest is gone: Cinder is told that its volumes are free. What goes wrong is logged, as nothing must keep an instance
 * from being deleted.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_shutdown_instance`
 */
export async function releaseVolumes(
  { volumes, log }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mappings: Mappings,
): Promise<void> {
  for (const mapping of volumesOf(mappings)) {
    try {
      if (mapping.volume_id) await volumes.release(ctx, attachmentOf(mapping))
    } catch (err) {
      if (isNovaError(err, 'VolumeAttachmentNotFound')) continue
      log.warning(`The volume ${mapping.volume_id} could not be released`, { err, instanceUuid: instance.uuid })
    }
  }
}

/**
 * The guest leaves this host and will come back here or elsewhere: its volumes are disconnected, and kept for it.
 *
 * The mapping names its new attachment before the old one goes; upstream saves it last.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_terminate_volume_connections`
 */
export async function reserveVolumes(
  { volumes, stores }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mappings: Mappings,
): Promise<void> {
  for (const mapping of volumesOf(mappings)) {
    const before = attachmentOf(mapping)
    mapping.attachment_id = await volumes.reserve(ctx, mapping.volume_id ?? '', instance.uuid)
    try {
      await stores.blockDeviceMappings.save(ctx, mapping)
    } catch (err) {
      // Nobody would ever know of the new one.
      await releaseIfThere(volumes, ctx, mapping.attachment_id)
      mapping.attachment_id = before
      throw err
    }
    await releaseIfThere(volumes, ctx, before)
  }
}

/**
 * The guest is made anew, here: its volumes are taken out of the old one, which is off, and kept for it.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_rebuild_default_impl`, `detach_block_devices`
 */
export async function takeVolumesOut(parts: ComputeParts, ctx: RequestContext, instance: Instance, mappings: Mappings): Promise<void> {
  for (const mapping of volumesOf(mappings)) await takeFromGuest(parts, ctx, instance, mapping)
  await reserveVolumes(parts, ctx, instance, mappings)
}

async function releaseIfThere(volumes: ComputeParts['volumes'], ctx: RequestContext, attachmentId: string): Promise<void> {
  try {
    await volumes.release(ctx, attachmentId)
  } catch (err) {
    if (!isNovaError(err, 'VolumeAttachmentNotFound')) throw err
  }
}

/**
 * A guest comes to this host, or comes back: connect it to the volumes that are kept for it. How each is reached from here is
 * written into its mapping.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_update_volume_attachments`
 */
export async function reconnectVolumes(parts: ComputeParts, ctx: RequestContext, instance: Instance, mappings: Mappings): Promise<void> {
  const attached = volumesOf(mappings)
  if (attached.length === 0) return
  const connector = await (parts.driver.volumes ?? notImplemented()).connector(instance)
  for (const mapping of attached) {
    const given = await parts.volumes.connect(ctx, attachmentOf(mapping), connector, mapping.device_name)
    mapping.connection_info = JSON.stringify(connectionAnew(mapping, given))
    await parts.stores.blockDeviceMappings.save(ctx, mapping)
  }
}

/** The guest that came runs. @see nova 26.2.2, `_complete_volume_attachments` */
export async function completeVolumeAttachments({ volumes }: ComputeParts, ctx: RequestContext, mappings: Mappings): Promise<void> {
  for (const mapping of volumesOf(mappings))
    if (mapping.objIsSet('attachment_id') && mapping.attachment_id !== null) await volumes.complete(ctx, mapping.attachment_id)
}

export interface CleanUpVolumesOptions {
  /** They may still be attached. */
  readonly detach: boolean
}

/**
 * The instance is gone for good: delete those volumes that were to go with it. Failures are logged; each volume is tried.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_cleanup_volumes`
 */
export async function cleanUpVolumes(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mappings: Mappings,
  { detach }: CleanUpVolumesOptions,
): Promise<void> {
  const tryTo = async (what: string, work: () => Promise<void>) => {
    try {
      await work()
    } catch (err) {
      parts.log.warning(`Could not ${what}`, { err, instanceUuid: instance.uuid })
    }
  }
  for (const mapping of mappings) {
    const { volume_id: volumeId } = mapping
    if (!volumeId) continue
    if (detach) await tryTo(`detach the volume ${volumeId}`, () => detachForGood(parts, ctx, instance, mapping))
    if (mapping.delete_on_termination) await tryTo(`delete the volume ${volumeId}`, () => parts.volumes.delete(ctx, volumeId))
  }
}

async function detachForGood(parts: ComputeParts, ctx: RequestContext, instance: Instance, mapping: BlockDeviceMapping): Promise<void> {
  const volumeId = mapping.volume_id ?? ''
  await parts.notifications.volume(ctx, instance, 'volume_detach', 'start', volumeId)
  await detachVolumeOf(parts, ctx, instance, mapping)
  await parts.notifications.volume(ctx, instance, 'volume_detach', 'end', volumeId)
  if (mapping.delete_on_termination) await parts.stores.blockDeviceMappings.destroy(ctx, mapping)
}
