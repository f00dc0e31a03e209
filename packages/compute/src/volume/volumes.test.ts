import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeCinder } from '@micronova/clients'
import { nullLogger } from '@micronova/log'
import { BlockDeviceMapping, BlockDeviceMappingList, type Instance, isKindOf, isNovaError, novaError } from '@micronova/model'
import { FakeDriver, type VirtDriver } from '@micronova/virt'
import {
  buildArguments,
  computeFixture,
  currentInstance,
  type Fixture,
  type FixtureOptions,
  forever,
  storedInstance,
  tablesOf,
} from '../../test/support/compute-fixture.js'
import { FakeImages } from '../../test/support/fake-images.js'
import { operation, prepared, run } from '../../test/support/operation-cases.js'
import { runOperation } from '../run-operation.js'
import { CinderVolumes, connectionInfo } from './cinder-volumes.js'
import { completeVolumeAttachments, reconnectVolumes, reserveVolumes } from './instance-volumes.js'
import { NoVolumes } from './volume-api.js'

const idle = { vm_state: 'active', task_state: '' }

interface Attaching {
  readonly cinder: FakeCinder
  readonly fixture: Fixture
  readonly instance: Instance
  readonly driver: FakeDriver
}

async function withCinder(options: FixtureOptions = {}): Promise<Attaching> {
  const cinder = new FakeCinder()
  const driver = new FakeDriver({ log: nullLogger })
  await driver.initHost('compute1')
  const { fixture, instance } = await prepared(idle, { driver, volumes: new CinderVolumes(cinder), ...options })
  return { cinder, fixture, instance, driver }
}

/** As the API leaves it before it asks the compute to attach. */
async function reserved({ cinder, fixture, instance }: Attaching, size = 1): Promise<BlockDeviceMapping> {
  const volume = cinder.addVolume({ size })
  const args = { device: null, volume_id: volume.id, disk_bus: null, device_type: null, tag: null, multiattach: false }
  const mapping = (await run(fixture, 'reserve_block_device_name', instance, args)) as BlockDeviceMapping
  const { id } = await cinder.createAttachment(fixture.ctx, { volumeId: volume.id, instanceUuid: instance.uuid })
  mapping.attachment_id = id
  await fixture.stores.blockDeviceMappings.save(fixture.ctx, mapping)
  return mapping
}

async function attached(context: Attaching, size = 1): Promise<BlockDeviceMapping> {
  const mapping = await reserved(context, size)
  await run(context.fixture, 'attach_volume', context.instance, { bdm: mapping })
  return mapping
}

const statusOf = ({ cinder }: Attaching, { volume_id }: BlockDeviceMapping) => cinder.volumes.get(volume_id ?? '')?.status
const mappingsOf = ({ fixture, instance }: Attaching) => fixture.stores.blockDeviceMappings.listByInstanceUuid(fixture.ctx, instance.uuid)

test('a volume gets the next device name, and none twice', async () => {
  const context = await withCinder()
  const [root] = await mappingsOf(context)
  assert.ok(root)
  const mapping = await reserved(context)
  const { fixture, instance } = context
  assert.deepEqual(
    [mapping.device_name, mapping.source_type, mapping.destination_type, mapping.boot_index],
    ['/dev/sda', 'volume', 'volume', null],
  )
  const again = { device: null, volume_id: mapping.volume_id, disk_bus: null, device_type: null, tag: null, multiattach: false }
  await assert.rejects(run(fixture, 'reserve_block_device_name', instance, again), (err) => isNovaError(err, 'InvalidVolume'))
})

for (const [what, args, kind] of [
  ['with a tag', { tag: 'data', multiattach: false }, 'VolumeTaggedAttachNotSupported'],
  ['that is shared', { tag: null, multiattach: true }, 'MultiattachNotSupportedByVirtDriver'],
] as const) {
  test(`a volume ${what} is refused by a driver that cannot have it`, async () => {
    const driver: VirtDriver = Object.assign(new FakeDriver({ log: nullLogger }), { volumes: undefined })
    const { fixture, instance } = await prepared(idle, { driver })
    const request = { device: null, volume_id: 'v', disk_bus: null, device_type: null, ...args }
    await assert.rejects(run(fixture, 'reserve_block_device_name', instance, request), (err) => isNovaError(err, kind))
  })
}

test('a volume that is attached is in the guest, in use, and its mapping says how it is reached', async () => {
  const context = await withCinder()
  const mapping = await attached(context)
  assert.equal(statusOf(context, mapping), 'in-use')
  const stored = (await mappingsOf(context)).at(-1)
  const connection = JSON.parse(stored?.connection_info ?? '{}')
  assert.deepEqual([connection.serial, connection.driver_volume_type, connection.data.host], [mapping.volume_id, 'fake', 'compute1'])
  assert.deepEqual(context.driver.volumes.at(context.instance, mapping.device_name ?? ''), connection)
  assert.equal(stored?.volume_size, 1)
})

for (const [where, break_] of [
  ['Cinder does not connect it', ({ cinder }: Attaching) => cinder.calls.fail('updateAttachment', 500)],
  [
    'the guest does not take it',
    ({ driver }: Attaching) => {
      driver.volumes.attach = () => Promise.reject(new Error('no slot'))
    },
  ],
  ['Cinder does not call it in use', ({ cinder }: Attaching) => cinder.calls.fail('completeAttachment', 500)],
] as const) {
  test(`an attach that fails as ${where} leaves the volume free and no mapping`, async () => {
    const context = await withCinder()
    const mapping = await reserved(context)
    break_(context)
    await assert.rejects(run(context.fixture, 'attach_volume', context.instance, { bdm: mapping }))
    assert.equal(statusOf(context, mapping), 'available')
    assert.equal(context.cinder.attachments.size, 0)
    assert.equal((await mappingsOf(context)).length, 1)
    assert.equal(context.driver.volumes.at(context.instance, mapping.device_name ?? ''), null)
    assert.equal([...tablesOf(context.fixture.stores).faults.filter(() => true)].length, 1)
  })
}

test('a volume of another zone is refused where zones must not be crossed', async () => {
  const volumes = { crossZoneAttach: false, allocateRetries: 0, allocateIntervalSeconds: 0, reimageSecondsPerGb: 20, usagePollSeconds: 0 }
  const context = await withCinder({ settings: { volumes } })
  const mapping = await reserved(context)
  context.instance.availability_zone = 'elsewhere'
  await assert.rejects(run(context.fixture, 'attach_volume', context.instance, { bdm: mapping }), (err) =>
    isNovaError(err, 'InvalidVolume'),
  )
})

test('a volume that is detached is out of the guest, free, and has no mapping', async () => {
  const context = await withCinder()
  const mapping = await attached(context)
  await run(context.fixture, 'detach_volume', context.instance, { volume_id: mapping.volume_id, attachment_id: mapping.attachment_id })
  assert.deepEqual([statusOf(context, mapping), (await mappingsOf(context)).length], ['available', 1])
  assert.equal(context.driver.volumes.at(context.instance, mapping.device_name ?? ''), null)
})

test('a volume whose disk or attachment is gone is detached all the same', async () => {
  const context = await withCinder()
  const mapping = await attached(context)
  context.driver.volumes.detach = () => Promise.reject(novaError('DiskNotFound', { location: '/dev/vdb' }))
  context.cinder.attachments.clear()
  await run(context.fixture, 'detach_volume', context.instance, { volume_id: mapping.volume_id, attachment_id: null })
  assert.equal((await mappingsOf(context)).length, 1)
})

test('a volume that the guest does not give back stays attached, and Cinder knows', async () => {
  const context = await withCinder()
  const mapping = await attached(context)
  await context.cinder.beginDetaching(context.fixture.ctx, mapping.volume_id ?? '')
  context.driver.volumes.detach = () => Promise.reject(novaError('DeviceDetachFailed', { device: 'vdb', reason: 'busy' }))
  const args = { volume_id: mapping.volume_id, attachment_id: null }
  await assert.rejects(run(context.fixture, 'detach_volume', context.instance, args), (err) => isNovaError(err, 'DeviceDetachFailed'))
  assert.deepEqual([statusOf(context, mapping), (await mappingsOf(context)).length], ['in-use', 2])
})

test('a volume that is not attached cannot be detached', async () => {
  const { fixture, instance } = await withCinder()
  await assert.rejects(run(fixture, 'detach_volume', instance, { volume_id: 'none', attachment_id: null }), (err) =>
    isNovaError(err, 'VolumeBDMNotFound'),
  )
})

test('a volume from before Queens is refused in words', async () => {
  const context = await withCinder()
  const mapping = await attached(context)
  mapping.attachment_id = null
  await context.fixture.stores.blockDeviceMappings.save(context.fixture.ctx, mapping)
  const args = { volume_id: mapping.volume_id, attachment_id: null }
  await assert.rejects(run(context.fixture, 'detach_volume', context.instance, args), /before OpenStack Queens/)
})

async function swapping(size: number) {
  const context = await withCinder()
  const mapping = await attached(context)
  const target = context.cinder.addVolume({ size })
  const { id } = await context.cinder.createAttachment(context.fixture.ctx, { volumeId: target.id, instanceUuid: context.instance.uuid })
  await context.cinder.beginDetaching(context.fixture.ctx, mapping.volume_id ?? '')
  const args = { old_volume_id: mapping.volume_id, new_volume_id: target.id, new_attachment_id: id }
  return { context, mapping, target, attachmentId: id, outcome: () => run(context.fixture, 'swap_volume', context.instance, args) }
}

test('a swap gives the guest the new volume, with its size, and frees the old one', async () => {
  const { context, mapping, target, attachmentId, outcome } = await swapping(2)
  await outcome()
  const stored = (await mappingsOf(context)).at(-1)
  assert.deepEqual([stored?.volume_id, stored?.attachment_id, stored?.volume_size], [target.id, attachmentId, 2])
  const connection = JSON.parse(stored?.connection_info ?? '{}')
  assert.deepEqual([connection.serial, connection.volume_id, connection.data.volume_id], [target.id, target.id, target.id])
  assert.deepEqual([statusOf(context, mapping), context.cinder.volumes.get(target.id)?.status], ['available', 'in-use'])
})

test('a swap that fails leaves the guest the old volume, in use, and the new one free', async () => {
  const { context, mapping, target, outcome } = await swapping(1)
  context.driver.volumes.swap = () => Promise.reject(new Error('copy failed'))
  await assert.rejects(outcome(), /copy failed/)
  assert.deepEqual([statusOf(context, mapping), context.cinder.volumes.get(target.id)?.status], ['in-use', 'available'])
  assert.equal((await mappingsOf(context)).at(-1)?.volume_id, mapping.volume_id)
})

test('the connection of a guest that did not come is removed, and none is fine', async () => {
  const context = await withCinder()
  const mapping = await attached(context)
  await run(context.fixture, 'remove_volume_connection', context.instance, { volume_id: mapping.volume_id })
  assert.equal(context.driver.volumes.at(context.instance, mapping.device_name ?? ''), null)
  assert.equal(statusOf(context, mapping), 'in-use')
  await run(context.fixture, 'remove_volume_connection', context.instance, { volume_id: 'none' })
})

/** A build whose root disk is a volume. */
async function building(values: Partial<ConstructorParameters<typeof BlockDeviceMapping>[0]>, options: FixtureOptions = {}) {
  const cinder = new FakeCinder()
  const driver = new FakeDriver({ log: nullLogger })
  const fixture = computeFixture({ driver, volumes: new CinderVolumes(cinder), ...options })
  const instance = await storedInstance(fixture)
  const mapping = new BlockDeviceMapping({
    instance_uuid: instance.uuid,
    destination_type: 'volume',
    boot_index: 0,
    delete_on_termination: true,
    volume_size: 3,
    device_name: null,
    volume_id: null,
    snapshot_id: null,
    image_id: null,
    attachment_id: null,
    volume_type: null,
    tag: null,
    ...values,
  })
  await fixture.stores.blockDeviceMappings.create(fixture.ctx, mapping)
  const changes = { block_device_mapping: new BlockDeviceMappingList({ objects: [mapping] }), filter_properties: {} }
  const args = await buildArguments(fixture, instance, changes)
  const build = () => runOperation(fixture.parts, operation('build_and_run_instance'), fixture.ctx, args, forever)
  const remove = async () => {
    const current = await currentInstance(fixture, instance.uuid)
    const bdms = new BlockDeviceMappingList({
      objects: await fixture.stores.blockDeviceMappings.listByInstanceUuid(fixture.ctx, instance.uuid),
    })
    await run(fixture, 'terminate_instance', current, { bdms })
  }
  return { cinder, driver, fixture, instance, mapping, build, remove }
}

for (const [source, values] of [
  ['an image', { source_type: 'image', image_id: 'image1' }],
  ['nothing', { source_type: 'blank' }],
] as const) {
  test(`an instance boots from a volume that is made of ${source}, and takes it along when it is deleted`, async () => {
    const { cinder, fixture, instance, build, remove } = await building(values)
    await build()
    assert.equal((await currentInstance(fixture, instance.uuid)).vm_state, 'active')
    const [volume, ...more] = [...cinder.volumes.values()]
    assert.deepEqual([volume?.status, volume?.size, more.length], ['in-use', 3, 0])
    if (source === 'nothing') assert.equal(volume?.name, `${instance.uuid}-blank-vol`)
    const [root] = await fixture.stores.blockDeviceMappings.listByInstanceUuid(fixture.ctx, instance.uuid)
    assert.deepEqual(
      [root?.volume_id, root?.device_name, JSON.parse(root?.connection_info ?? '{}').serial],
      [volume?.id, '/dev/sda', volume?.id],
    )
    await remove()
    assert.deepEqual([cinder.volumes.size, cinder.attachments.size], [0, 0])
  })
}

test('a volume of a snapshot has the type of the volume that was snapshotted', async () => {
  const cinder = new FakeCinder()
  const original = cinder.addVolume({ volume_type: 'fast' })
  const snapshot = cinder.addSnapshot({ volume_id: original.id })
  const { build } = await building({ source_type: 'snapshot', snapshot_id: snapshot.id }, { volumes: new CinderVolumes(cinder) })
  await build()
  const made = [...cinder.volumes.values()].at(-1)
  assert.deepEqual([made?.volume_type, made?.snapshot_id], ['fast', snapshot.id])
})

test('a volume that is the user’s stays when the instance goes', async () => {
  const cinder = new FakeCinder()
  const volume = cinder.addVolume()
  const options = { volumes: new CinderVolumes(cinder) }
  const { fixture, mapping, instance, build, remove } = await building({ source_type: 'volume', delete_on_termination: false }, options)
  mapping.volume_id = volume.id
  mapping.attachment_id = (await cinder.createAttachment(fixture.ctx, { volumeId: volume.id, instanceUuid: instance.uuid })).id
  await fixture.stores.blockDeviceMappings.save(fixture.ctx, mapping)
  await build()
  assert.equal(cinder.volumes.get(volume.id)?.status, 'in-use')
  await remove()
  assert.equal(cinder.volumes.get(volume.id)?.status, 'available')
})

test('a build whose volume never comes goes to ERROR, says so, and the volume is deleted', async () => {
  const cinder = new FakeCinder()
  const made = cinder.createVolume.bind(cinder)
  cinder.createVolume = async (...args) => {
    const volume = await made(...args)
    cinder.volumes.set(volume.id, { ...volume, status: 'error' })
    return volume
  }
  const { fixture, instance, build } = await building({ source_type: 'blank' }, { volumes: new CinderVolumes(cinder) })
  await build()
  assert.equal((await currentInstance(fixture, instance.uuid)).vm_state, 'error')
  assert.match(String(tablesOf(fixture.stores).faults.find(() => true)?.message), /is error/)
  assert.equal(cinder.volumes.size, 0)
})

test('a build over quota goes to ERROR', async () => {
  const cinder = new FakeCinder()
  cinder.volumeQuota = 0
  const { fixture, instance, build } = await building({ source_type: 'blank' }, { volumes: new CinderVolumes(cinder) })
  await build()
  const { vm_state, host } = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([vm_state, host], ['error', null])
})

test('a build that fails in the hypervisor gives its volumes back and deletes those that were to go with it', async () => {
  const { cinder, driver, build } = await building({ source_type: 'blank' })
  driver.spawn = (_ctx, { instance: { uuid } }) => Promise.reject(novaError('BuildAbortException', { instance_uuid: uuid, reason: 'no' }))
  await build()
  assert.deepEqual([cinder.volumes.size, cinder.attachments.size], [0, 0])
})

test('an instance that is shelved keeps its volumes, reserved, and has them again when it comes back', async () => {
  const { cinder, fixture, instance, build } = await building({ source_type: 'blank' })
  await build()
  const running = await currentInstance(fixture, instance.uuid)
  running.task_state = 'shelving'
  await fixture.stores.instances.save(fixture.ctx, running)
  await run(fixture, 'shelve_offload_instance', running, { clean_shutdown: true, accel_uuids: [] })
  assert.deepEqual(
    [...cinder.volumes.values()].map(({ status }) => status),
    ['reserved'],
  )
  const shelved = await currentInstance(fixture, instance.uuid)
  shelved.task_state = 'unshelving'
  await fixture.stores.instances.save(fixture.ctx, shelved)
  const args = { image: null, filter_properties: {}, node: 'compute1', request_spec: null, accel_uuids: [] }
  await run(fixture, 'unshelve_instance', shelved, args)
  assert.deepEqual(
    [...cinder.volumes.values()].map(({ status }) => status),
    ['in-use'],
  )
  assert.equal(cinder.attachments.size, 1)
})

test('without a volume service whatever needs one says so', async () => {
  const volumes = new NoVolumes()
  for (const method of [
    'get',
    'create',
    'delete',
    'getSnapshot',
    'reserve',
    'connect',
    'complete',
    'connection',
    'release',
    'rollDetaching',
    'completeMigration',
    'reimage',
  ] as const)
    await assert.rejects((volumes[method] as () => Promise<never>)(), /This host has no volume service/)
})

test('a driver without volumes attaches none', async () => {
  const context = await withCinder()
  const mapping = await reserved(context)
  Object.assign(context.driver, { volumes: undefined })
  await assert.rejects(run(context.fixture, 'attach_volume', context.instance, { bdm: mapping }), (err) =>
    isKindOf(err, 'NotImplementedError'),
  )
})

test('a connection has its data apart again, and what Cinder says of the attachment beside it', () => {
  const attachment = {
    id: 'a1',
    status: 'attaching',
    instance: 'i1',
    volume_id: 'v1',
    attach_mode: 'rw',
    attached_at: '',
    connection_info: { driver_volume_type: 'iscsi', attachment_id: 'a1', target_lun: 1 },
  }
  assert.deepEqual(connectionInfo(attachment), {
    driver_volume_type: 'iscsi',
    data: { target_lun: 1 },
    status: 'attaching',
    instance: 'i1',
    volume_id: 'v1',
    attached_at: '',
    detached_at: null,
  })
  assert.deepEqual(connectionInfo({ id: 'a1', status: 'reserved', instance: 'i1', connection_info: {} }), {})
})

/** A guest of this host with a volume of its own and one that its user has made. */
async function withVolumes() {
  const { cinder, driver, fixture, instance, build } = await building({ source_type: 'blank' })
  await driver.initHost('compute1')
  await build()
  const taskState = async (task_state: string, values: object = {}) => {
    const current = await currentInstance(fixture, instance.uuid)
    await fixture.stores.instances.save(fixture.ctx, Object.assign(current, { task_state, ...values }))
    return current
  }
  const statuses = () => [...cinder.volumes.values()].map(({ status }) => status)
  const mappings = () => fixture.stores.blockDeviceMappings.listByInstanceUuid(fixture.ctx, instance.uuid)
  return { cinder, driver, fixture, instance, taskState, statuses, mappings }
}

test('a guest that leaves keeps its volumes, and whoever makes it again connects them from there', async () => {
  const { fixture, instance, cinder, statuses, mappings } = await withVolumes()
  const { parts, ctx } = fixture
  await reserveVolumes(parts, ctx, instance, await mappings())
  assert.deepEqual([statuses(), cinder.attachments.size], [['reserved'], 1])
  const kept = await mappings()
  Object.assign(parts.driver.volumes ?? {}, { connector: async () => ({ host: 'compute2' }) })
  await reconnectVolumes(parts, ctx, instance, kept)
  assert.deepEqual(statuses(), ['attaching'])
  const connection = JSON.parse((await mappings())[0]?.connection_info ?? '{}')
  assert.deepEqual([connection.data.host, connection.serial], ['compute2', kept[0]?.volume_id])
  await completeVolumeAttachments(parts, ctx, kept)
  assert.deepEqual(statuses(), ['in-use'])
})

const rebuildArgs = {
  orig_image_ref: 'old',
  image_ref: 'new',
  injected_files: [],
  new_pass: 'secret',
  orig_sys_metadata: {},
  bdms: null,
  recreate: false,
  on_shared_storage: false,
  preserve_ephemeral: false,
  migration: null,
  scheduled_node: null,
  limits: null,
  request_spec: null,
  accel_uuids: [],
  reimage_boot_volume: false,
}

test('a guest that is rebuilt has its volumes as before', async () => {
  const { fixture, cinder, taskState, statuses } = await withVolumes()
  const instance = await taskState('rebuilding')
  if (fixture.parts.images instanceof FakeImages) fixture.parts.images.put('new')
  await run(fixture, 'rebuild_instance', instance, rebuildArgs)
  assert.deepEqual([statuses(), cinder.attachments.size], [['in-use'], 1])
  assert.equal((await currentInstance(fixture, instance.uuid)).vm_state, 'active')
})

for (const [status, vmState] of [
  ['completed', 'active'],
  ['failed', 'error'],
] as const) {
  test(`a guest whose volume shall have a new image waits for it, and is ${vmState} when that has ${status}`, async () => {
    const { fixture, cinder, taskState } = await withVolumes()
    const instance = await taskState('rebuilding')
    if (fixture.parts.images instanceof FakeImages) fixture.parts.images.put('new')
    const [volumeId = ''] = cinder.volumes.keys()
    const reimage = async (_ctx: unknown, id: string, imageId: string) => {
      assert.deepEqual([id, imageId, cinder.volumes.get(id)?.status], [volumeId, 'new', 'reserved'])
      fixture.parts.events.deliver(instance.uuid, { name: 'volume-reimaged', tag: id, status })
    }
    cinder.reimageVolume = reimage
    const outcome = run(fixture, 'rebuild_instance', instance, { ...rebuildArgs, reimage_boot_volume: true })
    if (status === 'completed') await outcome
    else await assert.rejects(outcome, (err) => isNovaError(err, 'BuildAbortException'))
    assert.equal((await currentInstance(fixture, instance.uuid)).vm_state, vmState)
  })
}

test('a volume that is detached leaves its last numbers in the totals, where usage is counted', async () => {
  const volumes = { crossZoneAttach: true, allocateRetries: 0, allocateIntervalSeconds: 0, reimageSecondsPerGb: 20, usagePollSeconds: 60 }
  const context = await withCinder({ settings: { volumes } })
  const mapping = await attached(context)
  const seen: string[] = []
  context.driver.volumeStatistics.deviceUse = async (_instance, device) => {
    seen.push(device)
    return { reads: 3, readBytes: 1536, writes: 1, writeBytes: 512 }
  }
  await run(context.fixture, 'detach_volume', context.instance, { volume_id: mapping.volume_id, attachment_id: null })
  const [usage] = tablesOf(context.fixture.stores).volumeUsages.filter(() => true)
  assert.deepEqual([usage?.volume_id, usage?.tot_reads, usage?.tot_write_bytes, usage?.curr_reads], [mapping.volume_id, 3, 512, 0])
  assert.deepEqual(seen, [mapping.device_name?.slice('/dev/'.length)])
})
