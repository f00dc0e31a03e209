import { type BlockDeviceMapping, elevated, type Instance, novaError, type RequestContext } from '@micronova/model'
import type { ConnectionInfo, VolumeAttach } from '@micronova/virt'
import { notImplemented } from '../not-implemented.js'
import type { ComputeParts } from '../parts.js'
import { attachedVolume, attachmentOf, storedConnection, withSerial } from './connection.js'

export interface ConnectOptions {
  /** The guest is there already and gets the volume now. False: it is made with it. */
  readonly toGuest: boolean
}

/**
 * Connect this host to a volume that is kept for the instance, and write how it is reached into the mapping before Cinder
 * calls it in use: from then on it may be detached, for which that is needed. May be repeated.
 *
 * @throws NovaError `MultiattachNotSupportedByVirtDriver`, `InvalidVolume`; the attachment is gone if the guest or Cinder refused
 * @see nova 26.2.2, `virt/block_device.py`, `_volume_attach`
 */
export async function connectVolume(
  parts: ComputeParts,
  requestCtx: RequestContext,
  instance: Instance,
  mapping: BlockDeviceMapping,
  { toGuest }: ConnectOptions,
): Promise<void> {
  const { volumes, stores } = parts
  const ability = parts.driver.volumes ?? notImplemented()
  const volumeId = mapping.volume_id ?? ''
  const attachmentId = attachmentOf(mapping)
  const volume = await volumes.get(requestCtx, volumeId)
  checkZone(parts, instance, volumeId, volume.availability_zone)
  const ctx = elevated(requestCtx)
  if (!mapping.objIsSet('volume_size') || mapping.volume_size === null) mapping.volume_size = volume.size
  if (volume.multiattach === true && !ability.multiattach) throw novaError('MultiattachNotSupportedByVirtDriver', { volume_id: volumeId })
  const given = await volumes.connect(ctx, attachmentId, await ability.connector(instance), mapping.device_name)
  const connection = keepingMultipath(mapping, {
    ...withSerial(given, volumeId),
    ...(volume.multiattach === true ? { multiattach: true } : {}),
  })
  if (toGuest) await attachToGuest(parts, ctx, ability, instance, mapping, connection)
  mapping.connection_info = JSON.stringify(connection)
  await stores.blockDeviceMappings.save(ctx, mapping)
  try {
    await volumes.complete(ctx, attachmentId)
  } catch (err) {
    if (toGuest) await detachOrLog(parts, ctx, ability, instance, mapping, connection)
    await releaseOrLog(parts, ctx, instance, attachmentId)
    throw err
  }
}

function checkZone({ settings }: ComputeParts, instance: Instance, volumeId: string, volumeZone: string): void {
  if (settings.volumes.crossZoneAttach || instance.availability_zone === volumeZone) return
  const zones = `Instance is in ${instance.availability_zone}. Volume is in ${volumeZone}`
  throw novaError('InvalidVolume', {
    reason: `Instance ${instance.uuid} and volume ${volumeId} are not in the same availability_zone. ${zones}`,
  })
}

/** The host may have found it out when it connected, and Cinder does not know it. */
function keepingMultipath(mapping: BlockDeviceMapping, connection: ConnectionInfo): ConnectionInfo {
  const { data } = storedConnection(mapping) as { readonly data?: { readonly multipath_id?: unknown } }
  if (data?.multipath_id === undefined) return connection
  return { ...connection, data: { ...(connection.data as object), multipath_id: data.multipath_id } }
}

async function attachToGuest(
  parts: ComputeParts,
  ctx: RequestContext,
  ability: VolumeAttach,
  instance: Instance,
  mapping: BlockDeviceMapping,
  connection: ConnectionInfo,
): Promise<void> {
  try {
    await ability.attach(ctx, attachedVolume(instance, mapping, connection))
  } catch (err) {
    parts.log.error(`The guest does not take the volume ${mapping.volume_id} at ${mapping.device_name}`, {
      err,
      instanceUuid: instance.uuid,
    })
    await releaseOrLog(parts, ctx, instance, attachmentOf(mapping))
    throw err
  }
}

async function detachOrLog(
  { log }: ComputeParts,
  ctx: RequestContext,
  ability: VolumeAttach,
  instance: Instance,
  mapping: BlockDeviceMapping,
  connection: ConnectionInfo,
): Promise<void> {
  try {
    await ability.detach(ctx, attachedVolume(instance, mapping, connection))
  } catch (err) {
    log.warning(`The guest does not give the volume ${mapping.volume_id} back`, { err, instanceUuid: instance.uuid })
  }
}

/** After a failure that is thrown anyway. */
export async function releaseOrLog(
  { volumes, log }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  attachmentId: string,
): Promise<void> {
  try {
    await volumes.release(ctx, attachmentId)
  } catch (err) {
    log.warning(`The attachment ${attachmentId} could not be deleted`, { err, instanceUuid: instance.uuid })
  }
}
