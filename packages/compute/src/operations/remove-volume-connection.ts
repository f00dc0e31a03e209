import { type Instance, isNovaError } from '@micronova/model'
import { defineOperation } from '../operation.js'
import { takeFromGuest } from '../volume/disconnect-volume.js'

/**
 * Disconnect this host from a volume whose guest has not come here after all. The attachment is the caller's affair.
 * Wire: `remove_volume_connection`, call, compute 5.0 and 6.0.
 */
export const removeVolumeConnection = defineOperation({
  method: 'remove_volume_connection',
  parameters: ['volume_id', 'instance'],
  policy: { lock: 'run' },
  decode: (args) => ({ instance: args.instance as Instance, volumeId: String(args.volume_id) }),
  async run(parts, ctx, { instance, volumeId }) {
    try {
      const mapping = await parts.stores.blockDeviceMappings.getByVolumeAndInstance(ctx, volumeId, instance.uuid)
      await takeFromGuest(parts, ctx, instance, mapping)
    } catch (err) {
      if (!isNovaError(err, 'NotFound')) throw err
    }
  },
})
