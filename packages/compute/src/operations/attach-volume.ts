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
    parts.log.info(`Attaching volume ${mapping.volume_id} to ${mapping.device_name}`, { instanceUuid: instance.uuid })
    try {
      await connectVolume(parts, ctx, instance, mapping, { toGuest: true })
    } catch (err) {
      parts.log.error(`Failed to attach ${mapping.volume_id} at ${mapping.device_name}`, { err, instanceUuid: instance.uuid })
      if (mapping.objIsSet('attachment_id') && mapping.attachment_id !== null)
        await releaseOrLog(parts, ctx, instance, attachmentOf(mapping))
      await parts.stores.blockDeviceMappings.destroy(ctx, mapping)
      throw err
    }
  },
})
