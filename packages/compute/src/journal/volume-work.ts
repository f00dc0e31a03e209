import { BlockDeviceMapping, isNovaError, type RequestContext } from '@micronova/model'
import type { ComputeParts } from '../parts.js'
import { completeVolumeAttachments } from '../volume/instance-volumes.js'
import { volumeMethods } from './verdict.js'
import type { JournalledWork } from './work.js'

/** The mapping of the volume that the work is about, as it is now; null if there is none, or the work is about no volume. */
export async function blockDeviceOf(
  { stores }: ComputeParts,
  ctx: RequestContext,
  { method, args, instance }: JournalledWork,
): Promise<BlockDeviceMapping | null> {
  if (!volumeMethods.has(method)) return null
  const volumeId = args.bdm instanceof BlockDeviceMapping ? args.bdm.volume_id : args.volume_id
  try {
    return await stores.blockDeviceMappings.getByVolumeAndInstance(ctx, String(volumeId), instance.uuid)
  } catch (err) {
    if (isNovaError(err, 'VolumeBDMNotFound')) return null
    throw err
  }
}

/** An attach that is written down as done may have been cut off before Cinder was told. Telling it twice does no harm. */
export async function completeAttach(
  parts: ComputeParts,
  { method, ctx, instance }: JournalledWork,
  mapping: BlockDeviceMapping | null,
): Promise<void> {
  if (method !== 'attach_volume' || mapping === null) return
  try {
    await completeVolumeAttachments(parts, ctx, [mapping])
  } catch (err) {
    parts.log.warning(`The volume ${mapping.volume_id} could not be called in use`, { err, instanceUuid: instance.uuid })
  }
}
