import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { isKindOf, isNovaError, novaError, powerStates } from '@micronova/model'
import { FakeDriver, type VirtDriver } from '@micronova/virt'
import { currentInstance, nextUuid, tablesOf } from '../../test/support/compute-fixture.js'
import { FakeImages } from '../../test/support/fake-images.js'
import { prepared, run, testOperation } from '../../test/support/operation-cases.js'

const active = { vm_state: 'active', power_state: powerStates.running }

testOperation({
  method: 'snapshot_instance',
  recording: 'wire/07-snapshot.jsonl',
  before: { vm_state: 'active', task_state: 'image_snapshot_pending' },
  args: { image_id: nextUuid() },
  after: active,
  endsSilently: true,
})

testOperation({
  method: 'backup_instance',
  recording: 'wire/11-console-and-actions.jsonl',
  before: { vm_state: 'active', task_state: 'image_backup' },
  args: { image_id: nextUuid(), backup_type: 'daily', rotation: 1 },
  after: active,
  endsSilently: true,
})

const pending = { vm_state: 'active', task_state: 'image_snapshot_pending' }

function failingDriver(err: Error): FakeDriver {
  const driver = new FakeDriver({ log: nullLogger })
  driver.snapshots.snapshot = () => Promise.reject(err)
  return driver
}

async function snapshotWith(driver: VirtDriver, status = 'queued') {
  const images = new FakeImages()
  const { fixture, instance } = await prepared(pending, { driver, images })
  images.images.set('image1', { id: 'image1', status, properties: {} })
  const outcome = run(fixture, 'snapshot_instance', instance, { image_id: 'image1' })
  const current = async () => {
    const { vm_state, task_state } = await currentInstance(fixture, instance.uuid)
    return { vm_state, task_state }
  }
  return { fixture, instance, images, outcome, current }
}

test('a snapshot that fails leaves no image, no task state, and a fault', async () => {
  const { fixture, images, outcome, current } = await snapshotWith(failingDriver(novaError('NovaException', {}, 'disk full')))
  await assert.rejects(outcome, /disk full/)
  assert.equal(images.images.has('image1'), false)
  assert.deepEqual(await current(), { vm_state: 'active', task_state: null })
  assert.match(String(tablesOf(fixture.stores).faults.find(() => true)?.message), /disk full/)
})

test('a snapshot by a driver that takes none leaves no image and no task state', async () => {
  const driver: VirtDriver = Object.assign(new FakeDriver({ log: nullLogger }), { snapshots: undefined })
  const { images, outcome, current } = await snapshotWith(driver)
  await assert.rejects(outcome, (err) => isKindOf(err, 'NotImplementedError'))
  assert.equal(images.images.has('image1'), false)
  assert.deepEqual(await current(), { vm_state: 'active', task_state: null })
})

test('that the image of a failed snapshot cannot be deleted does not hide why it failed', async () => {
  const images = new FakeImages()
  images.fail = () => new Error('no Glance')
  const { fixture, instance } = await prepared(pending, { driver: failingDriver(new Error('disk full')), images })
  await assert.rejects(run(fixture, 'snapshot_instance', instance, { image_id: 'image1' }), /disk full/)
})

for (const [status, stays] of [
  ['queued', false],
  ['active', true],
] as const) {
  test(`an instance that goes during its snapshot is no error, and an image that is ${status} ${stays ? 'stays' : 'goes too'}`, async () => {
    const { images, outcome } = await snapshotWith(failingDriver(novaError('InstanceNotFound', { instance_id: 'x' })), status)
    await outcome
    assert.equal(images.images.has('image1'), stays)
  })
}

test('an image that goes during its snapshot is no error and frees the instance', async () => {
  const { outcome, current } = await snapshotWith(failingDriver(novaError('ImageNotFound', { image_id: 'image1' })))
  await outcome
  assert.deepEqual(await current(), { vm_state: 'active', task_state: null })
})

test('a snapshot that another operation has overtaken deletes its image and says so', async () => {
  const images = new FakeImages()
  const { fixture, instance } = await prepared(pending, { images })
  images.put('image1')
  const stored = await currentInstance(fixture, instance.uuid)
  stored.task_state = 'powering-off'
  await fixture.stores.instances.save(fixture.ctx, stored)
  await assert.rejects(run(fixture, 'snapshot_instance', instance, { image_id: 'image1' }), (err) =>
    isNovaError(err, 'UnexpectedTaskStateError'),
  )
  assert.equal(images.images.has('image1'), false)
  assert.equal((await currentInstance(fixture, instance.uuid)).task_state, 'powering-off')
})

test('only so many snapshots are taken at once', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  const { fixture, instance } = await prepared(pending, { driver, settings: { maxConcurrentSnapshots: 1 } })
  let under = 0
  let most = 0
  driver.snapshots.snapshot = async (_ctx, _instance, _imageId, progress) => {
    most = Math.max(most, ++under)
    await progress('image_uploading')
    under--
  }
  const other = await currentInstance(fixture, instance.uuid)
  const again = run(fixture, 'snapshot_instance', instance, { image_id: 'image1' })
  const refused = assert.rejects(run(fixture, 'snapshot_instance', other, { image_id: 'image2' }))
  await Promise.all([again, refused])
  assert.equal(most, 1)
})

test('a backup deletes the oldest of its kind, and goes on if one cannot be deleted', async () => {
  const images = new FakeImages()
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'image_backup' }, { images })
  const daily = { image_type: 'backup', backup_type: 'daily', instance_uuid: instance.uuid }
  for (const id of ['oldest', 'older', 'stuck', 'old', 'new']) images.put(id, daily)
  images.put('weekly', { ...daily, backup_type: 'weekly' })
  images.put('other', { ...daily, instance_uuid: nextUuid() })
  images.fail = (asked) => (asked === 'delete stuck' ? novaError('ImageDeleteConflict', { reason: 'in use' }) : undefined)
  images.asked.length = 0
  await run(fixture, 'backup_instance', instance, { image_id: 'new', backup_type: 'daily', rotation: 2 })
  assert.deepEqual(images.asked, ['delete oldest', 'delete older', 'delete stuck'])
  assert.deepEqual([...images.images.keys()].slice(1), ['stuck', 'old', 'new', 'weekly', 'other'])
})

test('with a rotation of 0 the backup itself goes too', async () => {
  const images = new FakeImages()
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'image_backup' }, { images })
  images.put('new', { image_type: 'backup', backup_type: 'daily', instance_uuid: instance.uuid })
  await run(fixture, 'backup_instance', instance, { image_id: 'new', backup_type: 'daily', rotation: 0 })
  assert.equal(images.images.has('new'), false)
})
