import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { type Instance, isKindOf, isNovaError, novaError, powerStates } from '@micronova/model'
import { FakeDriver, type VirtDriver } from '@micronova/virt'
import { currentInstance, type Fixture, type FixtureOptions, host } from '../../test/support/compute-fixture.js'
import { FakeImages } from '../../test/support/fake-images.js'
import { prepared, run, testOperation } from '../../test/support/operation-cases.js'
import { type ComputePlacement, NoPlacement } from '../placement/index.js'
import type { Claim } from '../resource-tracker/index.js'

const recording = 'wire/11-console-and-actions.jsonl'
const recordedImage = '2091c041-82fa-4682-ad7f-4e25ea5f9ac7'
const off = powerStates.shutdown
const shelving = { vm_state: 'active', task_state: 'shelving' }
const args = { image_id: recordedImage, clean_shutdown: true, accel_uuids: [] }
const unshelveArgs = { image: { id: recordedImage }, filter_properties: { limits: {} }, node: host, request_spec: null, accel_uuids: [] }
const shelvedBefore = { shelved_at: '2026-11-22T12:02:40.000000', shelved_image_id: recordedImage, shelved_host: host }

/** Writes down whose allocations are deleted. */
function recordingPlacement(): ComputePlacement & { readonly deleted: string[] } {
  const deleted: string[] = []
  const deleteAllocations = async (_ctx: unknown, consumerUuid: string) => deleted.push(consumerUuid) > 0
  return Object.assign(new NoPlacement(), { deleted, deleteAllocations })
}

async function stateOf(fixture: Fixture, { uuid }: Instance) {
  const { vm_state, task_state, host: at } = await currentInstance(fixture, uuid)
  return [vm_state, task_state, at]
}

testOperation({
  method: 'shelve_instance',
  recording,
  before: shelving,
  args,
  after: { vm_state: 'shelved_offloaded', power_state: off },
})

testOperation({
  method: 'unshelve_instance',
  recording,
  before: {
    vm_state: 'shelved_offloaded',
    task_state: 'unshelving',
    host: null,
    node: null,
    system_metadata: shelvedBefore,
    withoutGuest: true,
  },
  args: unshelveArgs,
  after: { vm_state: 'active', power_state: powerStates.running },
  asSent: { availability_zone: 'nova' },
  takesOver: true,
})

test('an instance that is shelved leaves its host, its usage and its allocations', async () => {
  const placement = recordingPlacement()
  const { fixture, instance } = await prepared(shelving, { placement })
  await run(fixture, 'shelve_instance', instance, args)
  const current = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([current.host, current.node, current.availability_zone], [null, null, null])
  assert.deepEqual(await fixture.parts.driver.listGuests(), [])
  assert.deepEqual(placement.deleted, [instance.uuid])
  const { shelved_at, shelved_image_id, shelved_host } = current.system_metadata
  assert.match(shelved_at ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/)
  assert.deepEqual([shelved_image_id, shelved_host], [recordedImage, host])
})

test('an instance that is to be offloaded later stays, off', async () => {
  const placement = recordingPlacement()
  const { fixture, instance } = await prepared(shelving, { placement, settings: { shelvedOffloadSeconds: 60 } })
  await run(fixture, 'shelve_instance', instance, args)
  assert.deepEqual(await stateOf(fixture, instance), ['shelved', null, host])
  assert.deepEqual([placement.deleted, await fixture.parts.driver.listGuests()], [[], [instance.uuid]])
})

test('a paused guest is not asked to shut itself down', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  const { fixture, instance } = await prepared({ ...shelving, power_state: powerStates.paused }, { driver })
  const seen: number[] = []
  const powerOff = driver.powerOff.bind(driver)
  driver.powerOff = (one, timing) => {
    seen.push(timing.timeoutSeconds)
    return powerOff(one, timing)
  }
  await run(fixture, 'shelve_instance', instance, args)
  assert.equal(seen[0], 0)
})

test('a shelve whose snapshot fails leaves no image, and the instance can be shelved again', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  const images = new FakeImages()
  const { fixture, instance } = await prepared(shelving, { driver, images })
  images.put(recordedImage)
  driver.snapshots.snapshot = async (_ctx, _instance, _imageId, progress) => {
    await progress('image_pending_upload')
    await progress('image_uploading', 'image_pending_upload')
    throw new Error('Glance is full')
  }
  await assert.rejects(run(fixture, 'shelve_instance', instance, args), /Glance is full/)
  assert.deepEqual(await stateOf(fixture, instance), ['active', null, host])
  assert.equal(images.images.has(recordedImage), false)
})

test('a driver without snapshots shelves nothing and leaves the guest running', async () => {
  const driver: VirtDriver = Object.assign(new FakeDriver({ log: nullLogger }), { snapshots: undefined })
  const { fixture, instance } = await prepared(shelving, { driver })
  await assert.rejects(run(fixture, 'shelve_instance', instance, args), (err) => isKindOf(err, 'NotImplementedError'))
  assert.equal((await driver.guestInfo(instance.uuid)).powerState, powerStates.running)
})

for (const task_state of ['shelving', 'shelving_offloading']) {
  test(`an instance in ${task_state} is offloaded, also if that was begun before`, async () => {
    const { fixture, instance } = await prepared({ vm_state: 'shelved', task_state, withoutGuest: true })
    await run(fixture, 'shelve_offload_instance', instance, { clean_shutdown: false, accel_uuids: [] })
    assert.deepEqual(await stateOf(fixture, instance), ['shelved_offloaded', null, null])
    assert.ok(fixture.sent.some(({ method }) => method === 'delete_instance_info'))
  })
}

test('an instance whose allocations cannot be deleted is not offloaded', async () => {
  const placement = recordingPlacement()
  placement.deleteAllocations = () => Promise.reject(novaError('AllocationDeleteFailed', { consumer_uuid: 'x', error: 'no' }))
  const { fixture, instance } = await prepared({ vm_state: 'shelved', task_state: 'shelving_offloading' }, { placement })
  await assert.rejects(run(fixture, 'shelve_offload_instance', instance, { clean_shutdown: false }), (err) =>
    isNovaError(err, 'AllocationDeleteFailed'),
  )
  assert.deepEqual(await stateOf(fixture, instance), ['shelved', null, host])
})

async function unshelving(options: FixtureOptions = {}) {
  const images = new FakeImages()
  const placement = recordingPlacement()
  const before = {
    vm_state: 'shelved_offloaded',
    task_state: 'unshelving',
    host: null,
    node: null,
    system_metadata: shelvedBefore,
    withoutGuest: true,
  } as const
  const { fixture, instance } = await prepared({ ...before, key_data: 'ssh-rsa AAAA' }, { images, placement, ...options })
  images.put(recordedImage)
  const own = instance.image_ref
  return { fixture, instance, images, placement, own, outcome: () => run(fixture, 'unshelve_instance', instance, unshelveArgs) }
}

test('an instance that is unshelved is as it was, and the image as which it was shelved is gone', async () => {
  const { fixture, instance, images, own, outcome } = await unshelving()
  await outcome()
  const current = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([current.image_ref, current.key_data, current.host], [own, 'ssh-rsa AAAA', host])
  assert.deepEqual(
    Object.keys(current.system_metadata).filter((key) => key.startsWith('shelved')),
    [],
  )
  assert.equal(images.images.has(recordedImage), false)
  assert.deepEqual(await fixture.parts.driver.listGuests(), [instance.uuid])
})

test('an instance is unshelved of its own image where it boots from a volume', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  const { fixture, instance } = await unshelving({ driver })
  instance.system_metadata = { ...instance.system_metadata, image_min_disk: '1', image_os_type: 'linux', image_mappings: 'x' }
  const seen: unknown[] = []
  driver.spawn = async (_ctx, { image }) => void seen.push(image)
  await run(fixture, 'unshelve_instance', instance, { ...unshelveArgs, image: null })
  const [image] = seen as { min_disk: string; properties: Record<string, string> }[]
  assert.deepEqual([image?.min_disk, image?.properties.os_type, image?.properties.mappings], ['1', 'linux', undefined])
})

for (const where of ['claim', 'network', 'spawn', 'activate'] as const) {
  test(`an unshelve that fails at its ${where} leaves the instance shelved, with its image and without a host or allocations`, async () => {
    const driver = new FakeDriver({ log: nullLogger })
    const failure = novaError('NovaException', {}, `${where} failed`)
    const isEnd = ({ method, changes }: { method: string; changes: Readonly<Record<string, unknown>> }) =>
      method === 'instances.save' && changes.vm_state === 'active'
    const { fixture, instance, images, placement, own, outcome } = await unshelving({
      driver,
      fail: (call) => (where === 'activate' && isEnd(call) ? failure : undefined),
    })
    if (where === 'claim') fixture.parts.tracker.instanceClaim = (): Promise<Claim> => Promise.reject(failure)
    if (where === 'network') fixture.parts.networks.setupInstanceNetworkOnHost = () => Promise.reject(failure)
    if (where === 'spawn') driver.spawn = () => Promise.reject(failure)
    await assert.rejects(outcome(), failure)
    assert.deepEqual(await stateOf(fixture, instance), ['shelved_offloaded', null, null])
    const current = await currentInstance(fixture, instance.uuid)
    assert.deepEqual([current.image_ref, current.key_data], [own, 'ssh-rsa AAAA'])
    assert.deepEqual([placement.deleted, await driver.listGuests()], [[instance.uuid], []])
    assert.ok(images.images.has(recordedImage))
  })
}

test('that the image cannot be deleted does not fail what has come back', async () => {
  const { fixture, instance, images, outcome } = await unshelving()
  images.fail = (asked) => (asked.startsWith('delete') ? new Error('no Glance') : undefined)
  await outcome()
  assert.deepEqual(await stateOf(fixture, instance), ['active', null, host])
})

test('a shelved instance that is started is an ordinary one again, and its image is deleted', async () => {
  const images = new FakeImages()
  const before = { vm_state: 'shelved', task_state: 'powering-on', system_metadata: shelvedBefore }
  const { fixture, instance } = await prepared(before, { images })
  images.put(recordedImage)
  await run(fixture, 'start_instance', instance)
  assert.equal(images.images.has(recordedImage), false)
  assert.deepEqual((await currentInstance(fixture, instance.uuid)).system_metadata.shelved_image_id, undefined)
})
