import { type Instance, novaError } from '@micronova/model'
import { defineOperation } from '../operation.js'

/** Cinder has made an attached volume larger. Not on the wire: part of `external_instance_event`. */
export const extendVolume = defineOperation({
  method: 'extend_volume',
  parameters: ['instance', 'volume_id'],
  policy: { event: 'compute_extend_volume', recordFault: true },
  decode: ({ instance, volume_id }) => ({ instance: instance as Instance, volumeId: volume_id as string }),
  async run({ stores, log }, ctx, { instance, volumeId }) {
    const mappings = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    const mapping = mappings.find(({ volume_id }) => volume_id === volumeId)
    if (mapping === undefined)
      return log.warning(`Volume ${volumeId}, which was extended, is not attached to the instance`, { instanceUuid: instance.uuid })
    throw novaError('ExtendVolumeNotSupported')
  },
})
