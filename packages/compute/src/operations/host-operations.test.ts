import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeCinder } from '@micronova/clients'
import { nullLogger } from '@micronova/log'
import { isKindOf, novaError } from '@micronova/model'
import { FakeClock } from '@micronova/testing'
import { FakeDriver, type ImageCache, type VirtDriver } from '@micronova/virt'
import { prepared, run } from '../../test/support/operation-cases.js'
import { CinderVolumes } from '../volume/cinder-volumes.js'

const idle = { vm_state: 'active', task_state: '' }
const isNotImplemented = (err: unknown) => isKindOf(err, 'NotImplementedError')

test('the host answers as that of a Zed compute with the fake driver', async () => {
  const { fixture, instance } = await prepared(idle)
  assert.equal(await run(fixture, 'host_power_action', instance, { action: 'reboot' }), 'reboot')
  assert.equal(await run(fixture, 'host_maintenance_mode', instance, { host: 'compute1', mode: true }), 'on_maintenance')
  assert.equal(await run(fixture, 'host_maintenance_mode', instance, { host: 'compute1', mode: false }), 'off_maintenance')
  assert.deepEqual(await run(fixture, 'cache_images', instance, { image_ids: ['a', 'b'] }), { a: 'unsupported', b: 'unsupported' })
  for (const method of ['get_host_uptime', 'volume_snapshot_create', 'volume_snapshot_delete'])
    await assert.rejects(
      run(fixture, method, instance, { volume_id: 'v', snapshot_id: 's', create_info: {}, delete_info: {} }),
      isNotImplemented,
    )
  for (const method of ['trigger_crash_dump', 'quiesce_instance', 'unquiesce_instance'])
    assert.equal(await run(fixture, method, instance, { mapping: null }), undefined)
})

test('a driver without these abilities is NotImplementedError', async () => {
  const without = { hostActions: undefined, quiescing: undefined, crashDump: undefined, imageCache: undefined }
  const driver: VirtDriver = Object.assign(new FakeDriver({ log: nullLogger }), without)
  const { fixture, instance } = await prepared(idle, { driver })
  for (const method of ['host_power_action', 'host_maintenance_mode', 'quiesce_instance', 'unquiesce_instance', 'trigger_crash_dump'])
    await assert.rejects(run(fixture, method, instance, { action: 'reboot', host: 'h', mode: true, mapping: null }), isNotImplemented)
})

test('what became of each image is told, and one that fails keeps no other from being cached', async () => {
  const imageCache: ImageCache = {
    manage: async () => {},
    cache: async (_ctx, id) => {
      if (id === 'broken') throw new Error('no space')
      return id === 'new'
    },
  }
  const driver = Object.assign(new FakeDriver({ log: nullLogger }), { imageCache })
  const { fixture, instance } = await prepared(idle, { driver })
  assert.deepEqual(await run(fixture, 'cache_images', instance, { image_ids: ['broken', 'new', 'old'] }), {
    broken: 'error',
    new: 'cached',
    old: 'existing',
  })
})

test('a guest goes on when the snapshots of its volumes are taken, and also if nobody knows of them', async () => {
  const cinder = new FakeCinder()
  const clock = new FakeClock()
  const driver = new FakeDriver({ log: nullLogger })
  const { fixture, instance } = await prepared(idle, { driver, clock, volumes: new CinderVolumes(cinder) })
  const snapshot = cinder.addSnapshot({ volume_id: 'v', status: 'creating' })
  const seen: unknown[] = []
  driver.quiescing.unquiesce = async () => void seen.push(cinder.snapshots.get(snapshot.id)?.status)
  const mapping = [{ source_type: 'snapshot', snapshot_id: snapshot.id }, { source_type: 'blank' }]
  const done = run(fixture, 'unquiesce_instance', instance, { mapping })
  await clock.advance(500)
  assert.deepEqual(seen, [])
  cinder.snapshots.set(snapshot.id, { ...snapshot, status: 'available' })
  await clock.advance(500)
  await done
  await run(fixture, 'unquiesce_instance', instance, { mapping: [{ source_type: 'snapshot', snapshot_id: 'none' }] })
  assert.deepEqual(seen, ['available', 'available'])
})

test('a guest that goes during a snapshot of its volume is no error', async () => {
  const gone = () => Promise.reject(novaError('InstanceNotRunning', { instance_id: 'x' }))
  const driver: VirtDriver = Object.assign(new FakeDriver({ log: nullLogger }), { volumeSnapshots: { create: gone, delete: gone } })
  const { fixture, instance } = await prepared(idle, { driver })
  for (const method of ['volume_snapshot_create', 'volume_snapshot_delete'])
    await run(fixture, method, instance, { volume_id: 'v', snapshot_id: 's', create_info: {}, delete_info: {} })
})
