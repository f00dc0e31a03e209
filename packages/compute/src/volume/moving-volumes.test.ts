import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { FakeCinder } from '@micronova/clients'
import { BlockDeviceMapping } from '@micronova/model'
import { computePair, moveOf } from '../../test/support/compute-pair.js'
import { begin, confirm, revert } from '../../test/support/moving.js'
import { CinderVolumes } from './cinder-volumes.js'

/** A guest on compute1 with a volume, about to move to compute2. */
async function prepared(t: TestContext) {
  const cinder = new FakeCinder()
  const pair = await computePair(t, { volumes: new CinderVolumes(cinder) })
  const move = await moveOf(pair, 'compute2')
  const { uuid } = move.instance
  const volume = cinder.addVolume()
  const { id } = await cinder.createAttachment(pair.ctx, { volumeId: volume.id, instanceUuid: uuid })
  await cinder.updateAttachment(pair.ctx, id, { connector: { host: 'compute1' }, mountpoint: '/dev/vdb' })
  await cinder.completeAttachment(pair.ctx, id)
  const values = { instance_uuid: uuid, source_type: 'volume', destination_type: 'volume', volume_id: volume.id } as const
  await pair.stores.blockDeviceMappings.create(
    pair.ctx,
    new BlockDeviceMapping({ ...values, attachment_id: id, device_name: '/dev/vdb', connection_info: '{"data": {"host": "compute1"}}' }),
  )
  /** Where the volume is connected, as Cinder and as the mapping have it, and whether it is in use. */
  const state = async () => {
    const mapping = await pair.stores.blockDeviceMappings.getByVolumeAndInstance(pair.ctx, volume.id, uuid)
    const [attachment, ...more] = [...cinder.attachments.values()]
    assert.deepEqual([attachment?.id, more], [mapping.attachment_id, []])
    const { data } = JSON.parse(mapping.connection_info ?? '{}')
    return [cinder.volumes.get(volume.id)?.status, attachment?.connection_info?.host, data?.host]
  }
  return { pair, move, cinder, state }
}

test('the volumes of a guest that moves are connected to its new host, and stay there when the move is confirmed', async (t) => {
  const { pair, move, state } = await prepared(t)
  await begin(pair, move, 'compute2')
  assert.deepEqual(await state(), ['in-use', 'compute2', 'compute2'])
  await confirm(pair, move)
  assert.deepEqual(await state(), ['in-use', 'compute2', 'compute2'])
})

test('the volumes of a guest that comes back are connected to its old host', async (t) => {
  const { pair, move, state } = await prepared(t)
  await begin(pair, move, 'compute2')
  await revert(pair, move)
  assert.deepEqual(await state(), ['in-use', 'compute1', 'compute1'])
})

test('the volumes of a guest that could not leave are connected where it is', async (t) => {
  const { pair, move, state } = await prepared(t)
  const { networks } = pair.compute1.parts
  const start = networks.migrateInstanceStart.bind(networks)
  networks.migrateInstanceStart = (ctx, instance, to) =>
    to === 'compute2' ? Promise.reject(new Error('no port')) : start(ctx, instance, to)
  await begin(pair, move, 'compute2').catch(() => {})
  assert.deepEqual(await state(), ['in-use', 'compute1', 'compute1'])
})
