import type { BlockDeviceMapping, Instance } from '@micronova/model'
import { defineOperation } from '../operation.js'
import { connectVolume, releaseOrLog } from '../volume/connect-volume.js'
import { attachmentOf } from '../volume/connection.js'

/**
 * Attach a volume to a guest; its name is reserved already. Wire: `attach_volume`, cast, compute 5.0 and 6.0. After a failure
 * the volume is free again, and its mapping gone.
 */
export const attachVolume = defineOperation({
  method: 'attach_volume',
  parameters: ['instance', 'bdm'],
  policy: { lock: 'run', event: 'compute_attach_volume', recordFault: true },
  decode: (args) => ({ instance: args.instance as Instance, mapping: args.bdm as BlockDeviceMapping }),
  async run(parts, ctx, { instance, mapping }) {
    const { notifications, log, stores } = parts
    const volumeId = mapping.volume_id ?? ''
    log.info(`Attaching volume ${volumeId} to ${mapping.device_name}`, { instanceUuid: instance.uuid })
    await notifications.volume(ctx, instance, 'volume_attach', 'start', volumeId)
    try {
      await connectVolume(parts, ctx, instance, mapping, { toGuest: true })
    } catch (err) {
      log.error(`Failed to attach ${volumeId} at ${mapping.device_name}`, { err, instanceUuid: instance.uuid })
      if (mapping.objIsSet('attachment_id') && mapping.attachment_id !== null)
        await releaseOrLog(parts, ctx, instance, attachmentOf(mapping))
      await notifications.volume(ctx, instance, 'volume_attach', 'error', volumeId, { failure: err })
      await stores.blockDeviceMappings.destroy(ctx, mapping)
      throw err
    }
    await notifications.volume(ctx, instance, 'volume_attach', 'end', volumeId)
  },
})
