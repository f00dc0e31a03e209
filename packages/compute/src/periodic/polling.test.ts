import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { BlockDeviceMapping, type Instance } from '@micronova/model'
import { FakeDriver, type VirtDriver } from '@micronova/virt'
import { nextUuid, runningInstance, settings, tablesOf } from '../../test/support/compute-fixture.js'
import { periodicFixture } from '../../test/support/periodic-fixture.js'

/** As Nova writes it: UTC, six digits, no zone. */
function shelvedAt(ms: number): Record<string, string> {
  return { shelved_at: new Date(ms).toISOString().replace('Z', '000') }
}

test('instances that have been shelved for long enough leave the host, and no others', async () => {
  const fixture = await periodicFixture({ settings: { shelvedOffloadSeconds: 60 } })
  const now = fixture.clock.now()
  const old = await runningInstance(fixture, { vm_state: 'shelved', system_metadata: shelvedAt(now - 61_000) })
  await runningInstance(fixture, { vm_state: 'shelved', system_metadata: shelvedAt(now - 59_000) })
  await runningInstance(fixture, { vm_state: 'shelved', task_state: 'powering-on', system_metadata: shelvedAt(now - 61_000) })
  await runningInstance(fixture, { vm_state: 'active', system_metadata: shelvedAt(now - 61_000) })
  await fixture.run('_poll_shelved_instances')
  assert.deepEqual(
    fixture.sent.map(({ method, args }) => [method, (args.instance as typeof old).uuid]),
    [['shelve_offload_instance', old.uuid]],
  )
})

for (const seconds of [0, -1]) {
  test(`with shelved_offload_time = ${seconds} nobody looks for shelved instances`, async () => {
    const fixture = await periodicFixture({ settings: { shelvedOffloadSeconds: seconds } })
    await fixture.run('_poll_shelved_instances')
    assert.deepEqual(fixture.calls, [])
  })
}

test('rescues that have lasted long enough are ended, unless something else is being done', async () => {
  const fixture = await periodicFixture({ periodic: { rescue_timeout: 60 } })
  const before = (ms: number) => ({ launched_at: new Date(fixture.clock.now() - ms) })
  const old = await runningInstance(fixture, { vm_state: 'rescued', ...before(61_000) })
  await runningInstance(fixture, { vm_state: 'rescued', ...before(59_000) })
  await runningInstance(fixture, { vm_state: 'rescued', task_state: 'deleting', ...before(61_000) })
  await fixture.run('_poll_rescued_instances')
  assert.deepEqual(
    fixture.sent.map(({ method, args }) => [method, (args.instance as typeof old).uuid]),
    [['unrescue_instance', old.uuid]],
  )
})

test('reboots that have lasted long enough are left to the hypervisor', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  const seen: unknown[] = []
  driver.stuckReboots.handle = async (instances, seconds) =>
    void seen.push(
      instances.map(({ uuid }) => uuid),
      seconds,
    )
  const fixture = await periodicFixture({ driver, periodic: { reboot_timeout: 60 } })
  const stuck = await runningInstance(fixture, { task_state: 'rebooting' })
  await fixture.stores.instances.save(fixture.ctx, Object.assign(stuck, { task_state: 'reboot_started' }))
  await fixture.clock.advance(61_000)
  await fixture.run('_poll_rebooting_instances')
  assert.deepEqual(seen, [[stuck.uuid], 60])
})

test('the hypervisor looks through its images with the instances of this host, those that can be restored included', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  const seen: string[] = []
  const imageCache = {
    manage: async (_ctx: unknown, instances: readonly Instance[]) => void seen.push(...instances.map(({ uuid }) => uuid)),
  }
  const fixture = await periodicFixture({ driver: Object.assign(driver, { imageCache }) })
  const here = [await runningInstance(fixture), await runningInstance(fixture, { vm_state: 'soft-delete' })]
  await runningInstance(fixture, { host: 'compute2' })
  await fixture.run('_run_image_cache_manager_pass')
  assert.deepEqual(
    seen,
    here.map(({ uuid }) => uuid),
  )
})

test('a driver without a cache of images is not asked to look through it', async () => {
  const driver: VirtDriver = Object.assign(new FakeDriver({ log: nullLogger }), { imageCache: undefined })
  const fixture = await periodicFixture({ driver })
  await fixture.run('_run_image_cache_manager_pass')
  assert.deepEqual(fixture.calls, [])
})

test('the usage of every volume of this host is written down, and one that cannot be keeps no other from it', async () => {
  const volumes = { ...settings.volumes, usagePollSeconds: 60 }
  const broken = nextUuid()
  const fixture = await periodicFixture({
    settings: { volumes },
    fail: ({ method, changes }) => (method === 'volumeUsages.save' && changes.volume_id === broken ? new Error('no') : undefined),
  })
  const instance = await runningInstance(fixture)
  const good = nextUuid()
  for (const volume_id of [broken, good]) {
    const mapping = { instance_uuid: instance.uuid, source_type: 'volume', destination_type: 'volume', volume_id } as const
    await fixture.stores.blockDeviceMappings.create(fixture.ctx, new BlockDeviceMapping(mapping))
  }
  await fixture.run('_poll_volume_usage')
  const saved = tablesOf(fixture.stores).volumeUsages.filter(() => true)
  assert.deepEqual(
    saved.map(({ volume_id, instance_uuid, curr_reads }) => [volume_id, instance_uuid, curr_reads]),
    [[good, instance.uuid, 0]],
  )
})
