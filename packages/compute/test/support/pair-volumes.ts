import assert from 'node:assert/strict'
import type { FakeCinder } from '@micronova/clients'
import { BlockDeviceMapping } from '@micronova/model'
import type { ComputePair, Move } from './compute-pair.js'

/**
 * Gives the guest of a move a volume, connected to compute1.
 *
 * @returns what tells the state of the volume, and where it is connected, as Cinder and as the mapping have it
 */
export async function withVolume({ ctx, stores }: ComputePair, { instance: { uuid } }: Move, cinder: FakeCinder) {
  const volume = cinder.addVolume()
  const { id } = await cinder.createAttachment(ctx, { volumeId: volume.id, instanceUuid: uuid })
  await cinder.updateAttachment(ctx, id, { connector: { host: 'compute1' }, mountpoint: '/dev/vdb' })
  await cinder.completeAttachment(ctx, id)
  const values = { instance_uuid: uuid, source_type: 'volume', destination_type: 'volume', volume_id: volume.id } as const
  await stores.blockDeviceMappings.create(
    ctx,
    new BlockDeviceMapping({ ...values, attachment_id: id, device_name: '/dev/vdb', connection_info: '{"data": {"host": "compute1"}}' }),
  )
  return async () => {
    const mapping = await stores.blockDeviceMappings.getByVolumeAndInstance(ctx, volume.id, uuid)
    const [attachment, ...more] = [...cinder.attachments.values()]
    assert.deepEqual([attachment?.id, more], [mapping.attachment_id, []])
    const { data } = JSON.parse(mapping.connection_info ?? '{}')
    return [cinder.volumes.get(volume.id)?.status, attachment?.connection_info?.host, data?.host]
  }
}
