import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { ComputeNode, type Instance, isNovaError, Migration, powerStates } from '@micronova/model'
import { StartSteps } from '@micronova/service'
import { FakeDriver, type GuestDevices } from '@micronova/virt'
import {
  computeFixture,
  currentInstance,
  type Fixture,
  type FixtureOptions,
  forever,
  host,
  nextUuid,
  runningInstance,
  storedInstance,
  tablesOf,
} from '../../test/support/compute-fixture.js'
import { FakePlacement } from '../../test/support/fake-placement.js'
import { initHost } from './index.js'

function start(fixture: Fixture, recovered: readonly string[] = []): Promise<StartSteps> {
  const steps = new StartSteps({ log: nullLogger, clock: fixture.parts.clock })
  fixture.calls.length = 0
  return initHost({ parts: fixture.parts, steps, recoverWork: async () => new Set(recovered) }, forever).then(() => steps)
}

async function after(fixture: Fixture, instance: Instance) {
  const { vm_state, task_state } = await currentInstance(fixture, instance.uuid)
  return [vm_state, task_state]
}

const methods = (fixture: Fixture) => fixture.calls.map(({ method }) => method)

test('the start asks for the instances and their evacuations, and tells the schedulers', async () => {
  const fixture = computeFixture()
  await runningInstance(fixture)
  await start(fixture)
  assert.deepEqual(methods(fixture), ['instances.listByHost', 'migrations.listByFilters', 'cast update_instance_info'])
})

test('a host without instances tells the schedulers nothing', async () => {
  const fixture = computeFixture()
  await start(fixture)
  assert.deepEqual(fixture.sent, [])
})

test('the number of round trips does not grow with the number of instances', async () => {
  const counts = []
  for (const total of [1, 1000]) {
    const fixture = computeFixture({ settings: { resumeGuestsOnHostBoot: true } })
    for (let i = 0; i < total; i++) await runningInstance(fixture)
    await start(fixture)
    counts.push(fixture.calls.length)
  }
  assert.equal(counts[0], counts[1])
})

test('each part of the start is a step of its own', async () => {
  const steps = await start(computeFixture())
  assert.deepEqual(
    steps.steps.map(({ name, outcome }) => [name, outcome]),
    ['driver_init_host', 'load_instances', 'evacuated_instances', 'recover_journal', 'reconcile_instances'].map((name) => [name, 'done']),
  )
})

test('a driver that cannot start ends the start', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  driver.initHost = () => Promise.reject(new Error('no hypervisor'))
  await assert.rejects(start(computeFixture({ driver })), /no hypervisor/)
})

test('max_disk_devices_to_attach 0 is refused before the driver is touched', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  driver.initHost = () => Promise.reject(new Error('touched'))
  await assert.rejects(start(computeFixture({ driver, settings: { maxDiskDevices: 0 } })), (err) =>
    isNovaError(err, 'InvalidConfiguration'),
  )
})

const reconciled: readonly (readonly [
  what: string,
  before: readonly [string, string | null],
  isOff: boolean,
  after: readonly unknown[],
])[] = [
  ['an interrupted build goes to ERROR', ['building', 'spawning'], false, ['error', null]],
  ['an interrupted rebuild goes to ERROR', ['active', 'rebuilding'], false, ['error', null]],
  ['a forgotten snapshot is forgotten', ['active', 'image_uploading'], false, ['active', null]],
  ['a stop is done again', ['active', 'powering-off'], false, ['stopped', null]],
  ['a start is done again', ['stopped', 'powering-on'], true, ['active', null]],
  ['a reboot that was accepted is done', ['active', 'reboot_pending'], false, ['active', null]],
  ['a reboot that stopped half way is done as a hard one', ['active', 'reboot_started'], true, ['active', null]],
  ['a pause that never began is forgotten', ['active', 'pausing'], false, ['active', null]],
  ['a live migration is given up', ['active', 'migrating'], false, ['active', null]],
]

for (const [what, [vm_state, task_state], isOff, expected] of reconciled) {
  test(`at start-up ${what}`, async () => {
    const fixture = computeFixture()
    const instance = await runningInstance(fixture, { vm_state, task_state })
    if (isOff) await fixture.parts.driver.powerOff(instance, { timeoutSeconds: 0, retryIntervalSeconds: 0 })
    await start(fixture)
    assert.deepEqual(await after(fixture, instance), expected)
  })
}

test('at start-up an interrupted delete is finished, with its guest', async () => {
  const fixture = computeFixture()
  const instance = await runningInstance(fixture, { task_state: 'deleting' })
  await start(fixture)
  assert.equal((await currentInstance(fixture, instance.uuid)).deleted, true)
  assert.deepEqual(await fixture.parts.driver.listGuests(), [])
})

test('at start-up a record whose guest was deleted is deleted', async () => {
  const fixture = computeFixture()
  const instance = await storedInstance(fixture, { vm_state: 'deleted', task_state: null, host, node: host })
  await start(fixture)
  assert.equal((await currentInstance(fixture, instance.uuid)).deleted, true)
})

test('an instance that cannot be brought into order keeps no other from it', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  const powerOff = driver.powerOff.bind(driver)
  const fixture = computeFixture({ driver })
  const broken = await runningInstance(fixture, { task_state: 'powering-off' })
  const fine = await runningInstance(fixture, { task_state: 'powering-off' })
  driver.powerOff = (instance, timing) => (instance.uuid === broken.uuid ? Promise.reject(new Error('stuck')) : powerOff(instance, timing))
  await start(fixture)
  assert.deepEqual(await after(fixture, fine), ['stopped', null])
  assert.deepEqual(await after(fixture, broken), ['active', null], 'its task state is reverted')
})

test('instances that the journal takes care of are not touched', async () => {
  const fixture = computeFixture()
  const instance = await runningInstance(fixture, { vm_state: 'building', task_state: 'spawning' })
  await start(fixture, [instance.uuid])
  assert.deepEqual(await after(fixture, instance), ['building', 'spawning'])
})

async function hostRestarted(
  options: FixtureOptions,
): Promise<{ readonly resumed: string[]; readonly instance: Instance; readonly fixture: Fixture }> {
  const driver = new FakeDriver({ log: nullLogger })
  const resumed: string[] = []
  driver.bootResuming.resumeStateOnHostBoot = async (_ctx: unknown, { instance }: GuestDevices) => void resumed.push(instance.uuid)
  const fixture = computeFixture({ driver, ...options })
  const instance = await runningInstance(fixture, { power_state: powerStates.running })
  await driver.powerOff(instance, { timeoutSeconds: 0, retryIntervalSeconds: 0 })
  await start(fixture)
  return { resumed, instance, fixture }
}

test('guests that ran before the host was restarted are started if the configuration says so', async () => {
  const { resumed, instance } = await hostRestarted({ settings: { resumeGuestsOnHostBoot: true } })
  assert.deepEqual(resumed, [instance.uuid])
})

test('guests that ran before the host was restarted stay off otherwise', async () => {
  const { resumed } = await hostRestarted({})
  assert.deepEqual(resumed, [])
})

async function evacuated(status: string, fail?: (method: string) => void) {
  const placement = new FakePlacement()
  const fixture = computeFixture({ placement })
  const node = new ComputeNode({ host, hypervisor_hostname: host, uuid: nextUuid() })
  await fixture.stores.computeNodes.create(fixture.ctx, node)
  const instance = await runningInstance(fixture)
  const migration = new Migration({
    uuid: nextUuid(),
    instance_uuid: instance.uuid,
    source_compute: host,
    source_node: host,
    dest_compute: 'compute2',
    migration_type: 'evacuation',
    status,
  })
  await fixture.stores.migrations.create(fixture.ctx, migration)
  instance.host = 'compute2'
  await fixture.stores.instances.save(fixture.ctx, instance)
  placement.held.set(instance.uuid, { [String(node.uuid)]: { resources: {} }, elsewhere: { resources: {} } })
  if (fail !== undefined) placement.fail = fail
  await start(fixture)
  const [current] = await fixture.stores.migrations.listByFilters(fixture.ctx, { instance_uuid: instance.uuid })
  const providers = placement.holders[instance.uuid]?.length
  return { guests: (await fixture.parts.driver.listGuests()).length, status: current?.status, providers }
}

test('the guest of an evacuated instance is destroyed before it can run twice, and what it has of this host is given up', async () => {
  assert.deepEqual(await evacuated('done'), { guests: 0, status: 'completed', providers: 1 })
})

test('an evacuation that failed leaves the guest where it is', async () => {
  assert.deepEqual(await evacuated('failed'), { guests: 1, status: 'failed', providers: 2 })
})

test('a Placement that is not there keeps neither the host from starting nor the next start from trying again', async () => {
  const fail = () => {
    throw new Error('no answer')
  }
  assert.deepEqual(await evacuated('done', fail), { guests: 0, status: 'done', providers: 2 })
})

test('the user of an interrupted build can read what happened', async () => {
  const fixture = computeFixture()
  await runningInstance(fixture, { vm_state: 'building', task_state: 'spawning' })
  await start(fixture)
  assert.equal(tablesOf(fixture.stores).faults.find(() => true)?.message, 'nova-compute was restarted and the build was interrupted')
})
