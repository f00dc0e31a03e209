import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { type Instance, novaError, powerStates, type RequestContext } from '@micronova/model'
import { FakeBuildAbortDriver, FakeDriver, FakeRescheduleDriver, type SpawnRequest } from '@micronova/virt'
import {
  buildArguments,
  computeFixture,
  currentInstance,
  type Fixture,
  forever,
  host,
  requestedNetworks,
  storedInstance,
  tablesOf,
} from '../../test/support/compute-fixture.js'
import { ownCalls, recordedCalls } from '../../test/support/conductor-calls.js'
import type { StoreCall } from '../../test/support/recording-stores.js'
import { runOperation } from '../run-operation.js'
import { buildAndRunInstance, buildSteps } from './index.js'

const deps = { log: nullLogger }

async function build(fixture: Fixture, changes: Readonly<Record<string, unknown>> = {}) {
  const instance = await storedInstance(fixture)
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'create')
  const args = await buildArguments(fixture, instance, changes)
  fixture.calls.length = 0
  const systemMetadata = { ...instance.system_metadata }
  await runOperation(fixture.parts, buildAndRunInstance, fixture.ctx, args, forever)
  return { instance: await currentInstance(fixture, instance.uuid), systemMetadata }
}

/** Recorded with three roles; ours has two. */
function withRoles(calls: readonly { readonly call: string }[], roles: string) {
  const text = JSON.stringify(calls).replace(/"boot_roles":"[^"]*"/g, `"boot_roles":"${roles}"`)
  return JSON.parse(text)
}

test('a build brings the instance to ACTIVE with a guest, an address and a launch time', async () => {
  const fixture = computeFixture()
  const { instance } = await build(fixture)
  assert.equal(instance.vm_state, 'active')
  assert.equal(instance.task_state, null)
  assert.equal(instance.power_state, powerStates.running)
  assert.equal(instance.host, host)
  assert.equal(instance.root_device_name, '/dev/sda')
  assert.deepEqual(instance.launched_at, new Date(fixture.parts.clock.now()))
  assert.equal(instance.info_cache?.network_info?.length, 1)
  assert.deepEqual(await fixture.parts.driver.listGuests(), [instance.uuid])
  assert.deepEqual(
    fixture.sent.map(({ method }) => method),
    ['update_instance_info'],
  )
})

test('the messages of a boot are those of a Python nova-compute, in their order', async () => {
  const fixture = computeFixture()
  const { systemMetadata } = await build(fixture)
  assert.deepEqual(
    ownCalls(fixture.calls, systemMetadata),
    withRoles(recordedCalls('wire/03-boot.jsonl', 'build_and_run_instance'), 'member,reader'),
  )
})

test('the messages of a boot that the driver aborts are those of a Python nova-compute, fault included', async () => {
  const fixture = computeFixture({ driver: new FakeBuildAbortDriver(deps) })
  const { instance, systemMetadata } = await build(fixture, { requested_networks: requestedNetworks('none') })
  assert.deepEqual(
    ownCalls(fixture.calls, systemMetadata),
    withRoles(recordedCalls('wire/09b-boot-fails.jsonl', 'build_and_run_instance'), 'member,reader'),
  )
  assert.equal(instance.vm_state, 'error')
  assert.equal(instance.host, null)
  assert.ok(fixture.calls.some(({ method }) => method === 'tracker.buildFailed'))
  assert.deepEqual(await fixture.parts.driver.listGuests(), [])
})

test('the messages of a boot that is rescheduled are those of a Python nova-compute', async () => {
  const fixture = computeFixture({ driver: new FakeRescheduleDriver(deps) })
  const { instance, systemMetadata } = await build(fixture, { requested_networks: requestedNetworks('none') })
  assert.deepEqual(
    ownCalls(fixture.calls, systemMetadata),
    withRoles(recordedCalls('wire/09c-boot-rescheduled.jsonl', 'build_and_run_instance'), 'member,reader'),
  )
  assert.equal(instance.vm_state, 'building')
  assert.equal(instance.task_state, 'scheduling')
  const request = fixture.sent.find(({ method }) => method === 'build_instances')
  const { retry } = (request?.args.filterProperties ?? {}) as { retry: Record<string, unknown> }
  assert.deepEqual(retry.hosts, [[host, host]])
  assert.equal(retry.exc_reason, 'Insufficient compute resources: FakeRescheduleDriver.')
  assert.ok(Array.isArray(retry.exc) && retry.exc.length > 0)
  assert.deepEqual(request?.args.hostLists, [[]])
})

for (const filterProperties of [{}, { retry: null }, { retry: {} }]) {
  const given = JSON.stringify(filterProperties)
  test(`a build that could be rescheduled goes to ERROR where the conductor does not want it back: ${given}`, async () => {
    const fixture = computeFixture({ driver: new FakeRescheduleDriver(deps) })
    const { instance } = await build(fixture, { filter_properties: filterProperties })
    assert.equal(instance.vm_state, 'error')
    assert.equal(instance.task_state, null)
    assert.equal(tablesOf(fixture.stores).faults.find(() => true)?.message, 'Insufficient compute resources: FakeRescheduleDriver.')
    assert.deepEqual(fixture.sent, [])
  })
}

test('networks of a failed build are given back', async () => {
  const fixture = computeFixture({ driver: new FakeBuildAbortDriver(deps) })
  const { instance } = await build(fixture)
  assert.deepEqual(await fixture.stores.virtualInterfaces.listByInstanceUuid(fixture.ctx, instance.uuid), [])
  assert.deepEqual(instance.info_cache?.network_info, [])
  assert.equal(instance.system_metadata.network_allocated, 'False')
})

/** A guest is made first, then the spawn fails: the driver has left something behind. */
class FailingAfterSpawnDriver extends FakeDriver {
  override async spawn(ctx: RequestContext, request: SpawnRequest, signal: AbortSignal): Promise<void> {
    await super.spawn(ctx, request, signal)
    throw new Error('the guest did not start')
  }
}

test('a guest that a failed spawn left behind is destroyed', async () => {
  const fixture = computeFixture({ driver: new FailingAfterSpawnDriver(deps) })
  await build(fixture)
  assert.deepEqual(await fixture.parts.driver.listGuests(), [])
})

interface Breakage {
  readonly where: string
  /** The call that fails, once. */
  breaks(call: StoreCall): boolean
}
const taskState = (state: string) => (call: StoreCall) => call.method === 'instances.save' && call.changes.task_state === state
const breakages: readonly Breakage[] = [
  { where: 'claim', breaks: (call) => call.method === 'instances.save' && call.changes.host === host },
  { where: 'networks', breaks: taskState('networking') },
  { where: 'block_devices', breaks: (call) => call.method === 'blockDeviceMappings.save' },
  { where: 'block_devices, at its end', breaks: taskState('block_device_mapping') },
  { where: 'spawn, before the guest', breaks: taskState('spawning') },
  { where: 'spawn, at its networks', breaks: (call) => call.method === 'virtualInterfaces.create' },
  { where: 'activate', breaks: (call) => call.changes.vm_state === 'active' },
]

function breakingOnce({ breaks }: Breakage, err: unknown) {
  let isBroken = false
  return (call: StoreCall) => {
    if (isBroken || !breaks(call)) return undefined
    isBroken = true
    return err
  }
}

test('each step of a build is broken in these tests', () => {
  const broken = new Set(breakages.map(({ where }) => where.split(',')[0]))
  assert.deepEqual(
    [...broken],
    buildSteps.map(({ name }) => name),
  )
})

for (const breakage of breakages) {
  test(`a build unwinds from ${breakage.where}`, async () => {
    const fixture = computeFixture({ fail: breakingOnce(breakage, new Error('broken')) })
    const { instance } = await build(fixture)
    await assertUnwound(fixture, instance)
    const isRescheduled = fixture.sent.some(({ method }) => method === 'build_instances')
    assert.equal(instance.vm_state, isRescheduled ? 'building' : 'error')
    assert.equal(instance.task_state, isRescheduled ? 'scheduling' : null)
  })

  test(`a build whose instance is deleted at ${breakage.where} leaves nothing and says nothing to its user`, async () => {
    const gone = novaError('UnexpectedDeletingTaskStateError', { instance_uuid: 'x', expected: {}, actual: {} })
    const fixture = computeFixture({ fail: breakingOnce(breakage, gone) })
    const { instance } = await build(fixture)
    await assertUnwound(fixture, instance)
    assert.equal(
      tablesOf(fixture.stores).faults.find(() => true),
      undefined,
    )
    assert.deepEqual(fixture.sent, [])
    assert.notEqual(instance.vm_state, 'error')
  })
}

async function assertUnwound(fixture: Fixture, instance: Instance): Promise<void> {
  assert.deepEqual(await fixture.parts.driver.listGuests(), [])
  assert.deepEqual(await fixture.stores.virtualInterfaces.listByInstanceUuid(fixture.ctx, instance.uuid), [])
  assert.equal(instance.host, null)
  assert.equal(instance.node, null)
}

test('a build that is run again after it was unwound succeeds', async () => {
  for (const breakage of breakages) {
    const fixture = computeFixture({ fail: breakingOnce(breakage, new Error('broken')) })
    const { instance: failed } = await build(fixture)
    const stored = await currentInstance(fixture, failed.uuid)
    stored.task_state = null
    stored.vm_state = 'building'
    await fixture.stores.instances.save(fixture.ctx, stored)
    const args = await buildArguments(fixture, stored)
    await runOperation(fixture.parts, buildAndRunInstance, fixture.ctx, args, forever)
    assert.equal((await currentInstance(fixture, failed.uuid)).vm_state, 'active', breakage.where)
    assert.deepEqual(await fixture.parts.driver.listGuests(), [failed.uuid], breakage.where)
  }
})

test('an instance that is deleted before its build begins is left alone', async () => {
  const fixture = computeFixture()
  const instance = await storedInstance(fixture)
  const args = await buildArguments(fixture, instance)
  await fixture.stores.instances.destroy(fixture.ctx, await currentInstance(fixture, instance.uuid))
  const gone = computeFixture({
    stores: fixture.stores,
    fail: ({ method }) => (method === 'instances.save' ? novaError('InstanceNotFound', { instance_id: instance.uuid }) : undefined),
  })
  await runOperation(gone.parts, buildAndRunInstance, gone.ctx, args, forever)
  assert.deepEqual(await gone.parts.driver.listGuests(), [])
})

test('a file to inject that is not base64 fails the build with a fault', async () => {
  const fixture = computeFixture()
  const { instance } = await build(fixture, { injected_files: [['/etc/motd', '!!!']] })
  assert.equal(instance.vm_state, 'error')
  assert.match(String(tablesOf(fixture.stores).faults.find(() => true)?.message), /\/etc\/motd/)
})

test('injected files reach the driver decoded', async () => {
  const driver = new FakeDriver(deps)
  const spawned: SpawnRequest[] = []
  const fixture = computeFixture({ driver })
  driver.spawn = async (_ctx: RequestContext, request: SpawnRequest) => {
    spawned.push(request)
    await FakeDriver.prototype.spawn.call(driver, _ctx, request, forever)
  }
  await build(fixture, { injected_files: [['/etc/motd', Buffer.from('hello').toString('base64')]] })
  assert.deepEqual(spawned[0]?.injectedFiles, [{ path: '/etc/motd', content: Buffer.from('hello') }])
  assert.equal(spawned[0]?.adminPassword, 'secret')
})

test('an instance with a volume goes to ERROR with a fault that says why', async () => {
  const fixture = computeFixture()
  const instance = await storedInstance(fixture)
  const args = await buildArguments(fixture, instance)
  const [disk] = (args.block_device_mapping as { objects: { destination_type: string }[] }).objects
  if (disk) disk.destination_type = 'volume'
  await runOperation(fixture.parts, buildAndRunInstance, fixture.ctx, args, forever)
  assert.equal((await currentInstance(fixture, instance.uuid)).vm_state, 'error')
  assert.match(String(tablesOf(fixture.stores).faults.find(() => true)?.message), /no volume service/)
})

test('no more than max_concurrent_builds instances are built at once', async () => {
  const driver = new FakeDriver(deps)
  let running = 0
  let peak = 0
  const spawn = driver.spawn.bind(driver)
  driver.spawn = async (...args: Parameters<FakeDriver['spawn']>) => {
    peak = Math.max(peak, ++running)
    await new Promise((resolve) => setImmediate(resolve))
    await spawn(...args)
    running--
  }
  const fixture = computeFixture({ driver, settings: { maxConcurrentBuilds: 2 } })
  await Promise.all(Array.from({ length: 6 }, () => build(fixture)))
  assert.equal(peak, 2)
  assert.equal((await driver.listGuests()).length, 6)
})

test('an instance that another operation has taken over goes to ERROR and does not go to another host', async () => {
  const taken = novaError('UnexpectedTaskStateError', { instance_uuid: 'x', expected: {}, actual: {} })
  const fixture = computeFixture({ fail: breakingOnce({ where: 'networks', breaks: taskState('networking') }, taken) })
  const { instance } = await build(fixture)
  assert.equal(instance.vm_state, 'error')
  assert.deepEqual(fixture.sent, [])
})

test('networks are given back even if their interfaces cannot be unplugged', async () => {
  const driver = new FakeBuildAbortDriver(deps)
  driver.vifPlugging.unplugVifs = () => Promise.reject(new Error('never plugged'))
  const fixture = computeFixture({ driver })
  const { instance } = await build(fixture)
  assert.deepEqual(await fixture.stores.virtualInterfaces.listByInstanceUuid(fixture.ctx, instance.uuid), [])
})

test('the addresses on the configured network become the access addresses', async () => {
  const fixture = computeFixture({ settings: { accessIpNetworkName: 'simulated' } })
  const { instance } = await build(fixture)
  assert.equal(instance.access_ip_v4, instance.info_cache?.network_info?.[0]?.network?.subnets[0]?.ips[0]?.address)
  assert.equal(instance.access_ip_v6, null)
})
