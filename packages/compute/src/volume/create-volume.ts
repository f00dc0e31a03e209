import type { NewVolume } from '@micronova/clients'
import { type BlockDeviceMapping, type Instance, isNovaError, novaError, type RequestContext } from '@micronova/model'
import type { ComputeParts } from '../parts.js'

/**
 * Make the volume that a mapping describes (of a snapshot, of an image, or blank), wait until it is there, and keep it for
 * the instance. The mapping learns its volume and its attachment; its caller saves it.
 *
 * @throws NovaError `VolumeNotCreated`, `OverQuota`
 * @see nova 26.2.2, `virt/block_device.py`, `_create_volume`
 */
export async function createVolume(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mapping: BlockDeviceMapping,
  signal: AbortSignal,
): Promise<void> {
  const { id } = await parts.volumes.create(ctx, await volumeFor(parts, ctx, instance, mapping))
  try {
    await created(parts, ctx, id, signal)
  } catch (err) {
    if (isNovaError(err, 'VolumeNotCreated') && mapping.delete_on_termination) await deleteOrLog(parts, ctx, instance, id)
    throw err
  }
  mapping.attachment_id = await parts.volumes.reserve(ctx, id, instance.uuid)
  mapping.volume_id = id
}

async function volumeFor(
  { volumes, settings }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mapping: BlockDeviceMapping,
): Promise<NewVolume> {
  const wanted = mapping.objIsSet('volume_type') ? mapping.volume_type : null
  const zone = settings.volumes.crossZoneAttach ? null : instance.availability_zone
  const common = { size: mapping.volume_size ?? 0, description: '', ...(zone === null ? {} : { availability_zone: zone }) }
  const typed = (type: string | null) => (type === null ? {} : { volume_type: type })
  if (mapping.source_type === 'image') return { ...common, ...typed(wanted), name: '', imageRef: mapping.image_id ?? '' }
  if (mapping.source_type === 'blank') return { ...common, ...typed(wanted), name: `${instance.uuid}-blank-vol` }
  const snapshot = await volumes.getSnapshot(ctx, mapping.snapshot_id ?? '')
  const type = wanted ?? (snapshot.volume_id ? ((await volumes.get(ctx, snapshot.volume_id)).volume_type ?? null) : null)
  if (type !== null) mapping.volume_type = type
  return { ...common, ...typed(type), name: '', snapshot_id: snapshot.id }
}

/** Ask until it is there; the number of tries and the pause between them are options. */
async function created(
  { volumes, settings, clock, log }: ComputeParts,
  ctx: RequestContext,
  volumeId: string,
  signal: AbortSignal,
): Promise<void> {
  const { allocateRetries, allocateIntervalSeconds } = settings.volumes
  const began = clock.monotonicMs()
  const attempts = Math.max(allocateRetries, 0) + 1
  for (let attempt = 1; ; attempt++) {
    const { status } = await volumes.get(ctx, volumeId)
    if (status === 'available') return
    const isComing = status === 'creating' || status === 'downloading'
    if (!isComing) log.warning(`The volume ${volumeId} was made, but its status is ${status}`)
    if (!isComing || attempt === attempts) {
      const seconds = Math.floor((clock.monotonicMs() - began) / 1000)
      throw novaError('VolumeNotCreated', { volume_id: volumeId, seconds, attempts: attempt, volume_status: status })
    }
    await clock.sleep(allocateIntervalSeconds * 1000, signal)
  }
}

async function deleteOrLog({ volumes, log }: ComputeParts, ctx: RequestContext, instance: Instance, volumeId: string): Promise<void> {
  try {
    await volumes.delete(ctx, volumeId)
  } catch (err) {
    log.warning(`The volume ${volumeId} could not be deleted`, { err, instanceUuid: instance.uuid })
  }
}
