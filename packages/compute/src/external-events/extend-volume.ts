import { type Instance, novaError } from '@micronova/model'
import { defineOperation } from '../operation.js'
import { storedConnection } from '../volume/connection.js'

const bytesPerGb = 1024 ** 3

/**
 * Cinder has made an attached volume larger: the record of it and the guest shall know. Not on the wire: part of
 * `external_instance_event`.
 *
 * @see nova 26.2.2, `compute/manager.py`, `extend_volume`
 */
export const extendVolume = defineOperation({
  method: 'extend_volume',
  parameters: ['instance', 'extended_volume_id'],
  policy: { lock: 'run', event: 'compute_extend_volume', recordFault: true },
  decode: ({ instance, extended_volume_id }) => ({ instance: instance as Instance, volumeId: extended_volume_id as string }),
  async run({ driver, stores, volumes, log }, ctx, { instance, volumeId }) {
    const { uuid: instanceUuid } = instance
    const mappings = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instanceUuid)
    const mapping = mappings.find(({ volume_id }) => volume_id === volumeId)
    if (mapping === undefined) return log.warning(`The volume ${volumeId}, which was extended, is not attached`, { instanceUuid })
    const { size } = await volumes.get(ctx, volumeId)
    const connection = storedConnection(mapping)
    if (Object.keys(connection).length === 0)
      return log.warning(`Nothing is known of how the volume ${volumeId}, which was extended, is reached`, { instanceUuid })
    mapping.volume_size = size
    await stores.blockDeviceMappings.save(ctx, mapping)
    if (driver.volumes?.extend === undefined) throw novaError('ExtendVolumeNotSupported')
    await driver.volumes.extend(ctx, instance, connection, size * bytesPerGb)
  },
})
