import type { Volume } from '@micronova/clients'
import { type BlockDeviceMapping, elevated, type Instance, novaError, type RequestContext } from '@micronova/model'
import type { ConnectionInfo, VolumeAttach } from '@micronova/virt'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { releaseOrLog } from '../volume/connect-volume.js'
import { attachedVolume, attachmentOf, storedConnection, withSerial } from '../volume/connection.js'

interface Swap {
  readonly ability: VolumeAttach
  readonly instance: Instance
  readonly mapping: BlockDeviceMapping
  readonly oldVolume: Volume
  readonly newVolume: Volume
  readonly newAttachmentId: string
}

/** Copy a volume to another one and go on with that, while the guest runs. Wire: `swap_volume`, cast, compute 5.0 and 6.0. */
export const swapVolume = defineOperation({
  method: 'swap_volume',
  parameters: ['old_volume_id', 'new_volume_id', 'instance', 'new_attachment_id'],
  policy: { lock: 'run', event: 'compute_swap_volume', recordFault: true },
  decode: (args) => ({
    instance: args.instance as Instance,
    oldVolumeId: String(args.old_volume_id),
    newVolumeId: String(args.new_volume_id),
    newAttachmentId: args.new_attachment_id as string | null,
  }),
  async run(parts, requestCtx, { instance, oldVolumeId, newVolumeId, newAttachmentId }) {
    const ctx = elevated(requestCtx)
    const ability = parts.driver.volumes ?? notImplemented()
    const told = { oldId: oldVolumeId, newId: newVolumeId }
    await parts.notifications.volumeSwap(ctx, instance, 'start', told)
    const mapping = await parts.stores.blockDeviceMappings.getByVolumeAndInstance(ctx, oldVolumeId, instance.uuid)
    attachmentOf(mapping)
    if (newAttachmentId === null) throw novaError('InvalidVolume', { reason: `volume ${newVolumeId} has no attachment` })
    const oldVolume = await parts.volumes.get(ctx, oldVolumeId)
    const newVolume = await parts.volumes.get(ctx, newVolumeId)
    parts.log.info(`Swapping volume ${oldVolumeId} for ${newVolumeId}`, { instanceUuid: instance.uuid })
    await swap(parts, ctx, { ability, instance, mapping, oldVolume, newVolume, newAttachmentId })
    await parts.notifications.volumeSwap(ctx, instance, 'end', told)
  },
})

/** @see nova 26.2.2, `compute/manager.py`, `_swap_volume` and `_do_swap_volume` */
async function swap(parts: ComputeParts, ctx: RequestContext, swapping: Swap): Promise<void> {
  const { mapping, oldVolume, newVolume, newAttachmentId } = swapping
  const resizeTo = newVolume.size > oldVolume.size ? newVolume.size : 0
  const isMigration = oldVolume.migration_status === 'migrating'
  const finishMigration = (failed: boolean) => parts.volumes.completeMigration(ctx, oldVolume.id, newVolume.id, failed)
  let connection: ConnectionInfo
  try {
    connection = await swapInGuest(parts, ctx, swapping, resizeTo)
  } catch (err) {
    parts.log.error(`Failed to swap volume ${oldVolume.id} for ${newVolume.id}`, { err, instanceUuid: swapping.instance.uuid })
    const told = { oldId: oldVolume.id, newId: newVolume.id }
    await parts.notifications.volumeSwap(ctx, swapping.instance, 'error', told, { failure: err })
    await takeBack(parts, ctx, swapping, isMigration ? finishMigration : null)
    throw err
  }
  await parts.volumes.release(ctx, attachmentOf(mapping))
  const volumeId = isMigration ? await finishMigration(false) : newVolume.id
  mapping.connection_info = JSON.stringify(namedAfter(connection, volumeId))
  mapping.source_type = 'volume'
  mapping.destination_type = 'volume'
  mapping.snapshot_id = null
  mapping.volume_id = volumeId
  mapping.no_device = false
  if (resizeTo > 0) mapping.volume_size = resizeTo
  mapping.attachment_id = newAttachmentId
  await parts.stores.blockDeviceMappings.save(ctx, mapping)
}

async function swapInGuest(
  { volumes }: ComputeParts,
  ctx: RequestContext,
  { ability, instance, mapping, oldVolume, newVolume, newAttachmentId }: Swap,
  resizeTo: number,
): Promise<ConnectionInfo> {
  if (newVolume.multiattach === true && !ability.multiattach)
    throw novaError('MultiattachNotSupportedByVirtDriver', { volume_id: newVolume.id })
  const connector = await ability.connector(instance)
  const given = await volumes.connect(ctx, newAttachmentId, connector, mapping.device_name)
  const connection = { ...withSerial(given, newVolume.id), ...(newVolume.multiattach === true ? { multiattach: true } : {}) }
  const before = attachedVolume(instance, mapping, withSerial(storedConnection(mapping), oldVolume.id))
  await ability.swap(ctx, before, connection, resizeTo)
  await volumes.complete(ctx, newAttachmentId)
  return connection
}

/** The guest still has the old volume; each step is tried even if another fails. */
async function takeBack(
  parts: ComputeParts,
  ctx: RequestContext,
  { instance, oldVolume, newAttachmentId }: Swap,
  finishMigration: ((failed: boolean) => Promise<string>) | null,
): Promise<void> {
  const tryTo = async (what: string, work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (err) {
      parts.log.warning(`Could not ${what} after a swap that failed`, { err, instanceUuid: instance.uuid })
    }
  }
  await tryTo(`bring the volume ${oldVolume.id} back into use`, () => parts.volumes.rollDetaching(ctx, oldVolume.id))
  await releaseOrLog(parts, ctx, instance, newAttachmentId)
  if (finishMigration !== null) await tryTo('end the migration of the volume', () => finishMigration(true))
}

/** Cinder may call the new volume by the old one's name once a migration is over. */
function namedAfter(connection: ConnectionInfo, volumeId: string): ConnectionInfo {
  const data = 'data' in connection ? { data: { ...(connection.data as object), volume_id: volumeId } } : {}
  return { ...connection, serial: volumeId, volume_id: volumeId, ...data }
}
