import { type BlockDeviceMapping, DiskMetadata, type Instance, InstanceDeviceMetadata, type RequestContext } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { detachVolumeOf } from '../volume/disconnect-volume.js'
import { reportLastUsage } from '../volume/report-usage.js'

/** Take a volume out of a guest. Wire: `detach_volume`, cast, compute 5.0 and 6.0. */
export const detachVolume = defineOperation({
  method: 'detach_volume',
  parameters: ['volume_id', 'instance', 'attachment_id'],
  policy: { lock: 'run', event: 'compute_detach_volume', recordFault: true },
  // The mapping knows the attachment; what the API says of it is of use for volumes that were attached before Queens.
  decode: (args) => ({ instance: args.instance as Instance, volumeId: String(args.volume_id) }),
  async run(parts, ctx, { instance, volumeId }) {
    const mapping = await parts.stores.blockDeviceMappings.getByVolumeAndInstance(ctx, volumeId, instance.uuid)
    await parts.notifications.volume(ctx, instance, 'volume_detach', 'start', volumeId)
    await reportLastUsage(parts, ctx, instance, mapping)
    parts.log.info(`Detaching volume ${volumeId}`, { instanceUuid: instance.uuid })
    await detachVolumeOf(parts, ctx, instance, mapping)
    await parts.notifications.volume(ctx, instance, 'volume_detach', 'end', volumeId)
    if (mapping.tag) await forgetTag(parts, ctx, instance, mapping)
    await parts.stores.blockDeviceMappings.destroy(ctx, mapping)
  },
})

/** The guest was told what its user calls the disk. */
async function forgetTag(
  { stores }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  { volume_id }: BlockDeviceMapping,
): Promise<void> {
  await ensureLoaded(stores, ctx, instance, ['device_metadata'])
  const devices = instance.device_metadata?.devices ?? []
  const left = devices.filter((device) => !(device instanceof DiskMetadata && device.objIsSet('serial') && device.serial === volume_id))
  if (left.length === devices.length) return
  instance.device_metadata = new InstanceDeviceMetadata({ devices: left })
  await stores.instances.save(ctx, instance)
}
