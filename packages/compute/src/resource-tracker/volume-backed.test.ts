import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BlockDeviceMapping, type Instance } from '@micronova/model'
import { computeFixture, rootDisk, storedInstance } from '../../test/support/compute-fixture.js'
import { takeCalls } from '../../test/support/tracker-fixture.js'
import { VolumeBacked } from './volume-backed.js'

async function volume({ uuid }: Instance, bootIndex: number) {
  return new BlockDeviceMapping({ instance_uuid: uuid, source_type: 'volume', destination_type: 'volume', boot_index: bootIndex })
}

test('an instance boots from a volume if its root disk is one', async () => {
  const fixture = computeFixture()
  const { stores, ctx } = fixture
  const local = await storedInstance(fixture)
  await rootDisk(fixture, local)
  await stores.blockDeviceMappings.create(ctx, await volume(local, 1))
  const remote = await storedInstance(fixture)
  await stores.blockDeviceMappings.create(ctx, await volume(remote, 0))

  const backed = new VolumeBacked(stores.blockDeviceMappings)
  await backed.learn(ctx, [local, remote])
  assert.deepEqual([backed.has(local.uuid), backed.has(remote.uuid)], [false, true])
})

test('an instance without a mapping of its root disk boots from its image, if it has one', async () => {
  const fixture = computeFixture()
  const imaged = await storedInstance(fixture)
  const imageless = await storedInstance(fixture, { image_ref: '' })
  const backed = new VolumeBacked(fixture.stores.blockDeviceMappings)
  await backed.learn(fixture.ctx, [imaged, imageless])
  assert.deepEqual([backed.has(imaged.uuid), backed.has(imageless.uuid)], [false, true])
})

test('instances are asked about once, all together, and again only after they were forgotten', async () => {
  const fixture = computeFixture()
  const { ctx, parts } = fixture
  const [one, two] = [await storedInstance(fixture), await storedInstance(fixture)]
  fixture.calls.length = 0
  const backed = new VolumeBacked(parts.stores.blockDeviceMappings)
  await backed.learn(ctx, [one, two])
  await backed.learn(ctx, [two, one])
  assert.deepEqual(takeCalls(fixture), ['blockDeviceMappings.mapByInstanceUuids'])
  backed.forget(one.uuid)
  await backed.learn(ctx, [one, two])
  assert.deepEqual(fixture.calls.splice(0)[0]?.args, [[one.uuid]])
  backed.forgetAllBut([one])
  await backed.learn(ctx, [one, two])
  assert.deepEqual(fixture.calls.splice(0)[0]?.args, [[two.uuid]])
})
