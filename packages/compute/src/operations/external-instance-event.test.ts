import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { BlockDeviceMapping, type Instance, InstanceExternalEvent, isNovaError, novaError } from '@micronova/model'
import { FakeDriver } from '@micronova/virt'
import {
  computeFixture,
  currentInstance,
  type Fixture,
  forever,
  nextUuid,
  runningInstance,
  tablesOf,
} from '../../test/support/compute-fixture.js'
import { booted, cachedVifs, neutronFixture } from '../../test/support/neutron-fixture.js'
import { runOperation } from '../run-operation.js'
import { NoVolumes } from '../volume/volume-api.js'
import { externalInstanceEvent } from './external-instance-event.js'

const eventOf = (
  instance: Pick<Instance, 'uuid'>,
  name: InstanceExternalEvent['name'],
  tag: string | null = null,
  status: InstanceExternalEvent['status'] = 'completed',
) => new InstanceExternalEvent({ instance_uuid: instance.uuid, name, tag, status, data: {} })

function tell(fixture: Fixture, instances: readonly Instance[], ...events: readonly InstanceExternalEvent[]) {
  return runOperation(fixture.parts, externalInstanceEvent, fixture.ctx, { instances, events }, forever)
}

function logging(fixture: Fixture) {
  const log = new RecordingLogger()
  return { log, fixture: { ...fixture, parts: { ...fixture.parts, log } } }
}

test('an event reaches whoever waits for it', async () => {
  const fixture = computeFixture()
  const instance = await runningInstance(fixture)
  const plugged = { name: 'network-vif-plugged', tag: nextUuid() } as const
  await fixture.parts.events.waitFor(instance, [plugged], { timeoutSeconds: 300 }, () =>
    tell(fixture, [instance], eventOf(instance, plugged.name, plugged.tag)),
  )
})

test('an event that failed reaches them as a failure', async () => {
  const fixture = computeFixture()
  const instance = await runningInstance(fixture)
  const bound = { name: 'accelerator-request-bound', tag: nextUuid() } as const
  const waiting = fixture.parts.events.waitFor(instance, [bound], { timeoutSeconds: 300 }, () =>
    tell(fixture, [instance], eventOf(instance, bound.name, bound.tag, 'failed')),
  )
  await assert.rejects(waiting, (err) => isNovaError(err, 'NovaException'))
})

test('an event that nobody expects is a warning, except unplugging while an instance goes', async () => {
  const { log, fixture } = logging(computeFixture())
  const instance = await runningInstance(fixture)
  await tell(fixture, [instance], eventOf(instance, 'network-vif-plugged', nextUuid()))
  assert.match(String(log.messages('WARNING')[0]), /unexpected event network-vif-plugged-.* with vm_state active and task_state null/)
  instance.task_state = 'deleting'
  await tell(fixture, [instance], eventOf(instance, 'network-vif-unplugged', nextUuid()))
  assert.equal(log.messages('WARNING').length, 1)
})

test('an event about an instance that did not come with it keeps no other from being heard', async () => {
  const { log, fixture } = logging(computeFixture())
  const instance = await runningInstance(fixture)
  const plugged = { name: 'network-vif-plugged', tag: null } as const
  await fixture.parts.events.waitFor(instance, [plugged], { timeoutSeconds: 300 }, () =>
    tell(fixture, [instance], eventOf({ uuid: nextUuid() }, 'network-changed'), eventOf(instance, plugged.name)),
  )
  assert.equal(log.messages('WARNING').length, 1)
})

test('those who wait are told before anything that takes time', async () => {
  const fixture = neutronFixture()
  const network = fixture.neutron.addNetwork()
  const instance = await booted(fixture, { network_id: network.id })
  const plugged = { name: 'network-vif-plugged', tag: 'port' } as const
  let isPlugged = false
  fixture.neutron.calls.before('listPorts', () => assert.ok(isPlugged))
  await fixture.parts.events.waitFor(instance, [plugged], { timeoutSeconds: 300 }, async () => {
    const told = tell(fixture, [instance], eventOf(instance, 'network-changed'), eventOf(instance, plugged.name, plugged.tag))
    isPlugged = !fixture.parts.events.deliver(instance.uuid, { ...plugged, status: 'completed' })
    await told
  })
})

test('a port that has changed is refreshed in the info cache', async () => {
  const fixture = neutronFixture()
  const network = fixture.neutron.addNetwork()
  const instance = await booted(fixture, { network_id: network.id }, { network_id: network.id })
  const [id, port] = [...fixture.neutron.ports][1] ?? []
  assert.ok(id !== undefined && port !== undefined)
  fixture.neutron.ports.set(id, { ...port, status: 'DOWN' })
  await tell(fixture, [instance], eventOf(instance, 'network-changed', id))
  assert.deepEqual(
    (await cachedVifs(fixture, instance)).map(({ active }) => active),
    [true, false],
  )
})

test('a change that cannot be read is logged, and the next event is handled', async () => {
  const { log, fixture } = logging(neutronFixture())
  const neutron = neutronFixture()
  const network = neutron.neutron.addNetwork()
  const instance = await booted(neutron, { network_id: network.id })
  neutron.neutron.calls.fail('listPorts', 500)
  const both = { ...neutron, parts: { ...neutron.parts, log: fixture.parts.log } }
  await tell(both, [instance], eventOf(instance, 'network-changed'), eventOf(instance, 'network-changed'))
  assert.equal(log.messages('ERROR').length, 1)
  assert.equal(neutron.neutron.calls.methods.filter((method) => method === 'listNetworks').length, 1)
})

test('a port that Neutron has deleted leaves the info cache and the guest', async () => {
  const fixture = neutronFixture()
  const network = fixture.neutron.addNetwork()
  const instance = await booted(fixture, { network_id: network.id }, { network_id: network.id })
  const vifs = await cachedVifs(fixture, instance)
  await fixture.parts.driver.spawn(
    fixture.ctx,
    { instance, network: vifs, blockDevices: [], image: {}, injectedFiles: [], adminPassword: null },
    forever,
  )
  const [first, second] = vifs
  assert.ok(first !== undefined)
  await tell(fixture, [instance], eventOf(instance, 'network-vif-deleted', first.id), eventOf(instance, 'network-vif-deleted', nextUuid()))
  assert.deepEqual(
    (await cachedVifs(fixture, instance)).map(({ id }) => id),
    [second?.id],
  )
  const detached = fixture.parts.driver.interfaceHotplug?.detachInterface(fixture.ctx, instance, first)
  await assert.rejects(Promise.resolve(detached), (err) => isNovaError(err, 'InterfaceDetachFailed'))
})

test('a guest that does not let an interface go does not keep it in the info cache', async () => {
  const { log, fixture } = logging(neutronFixture())
  const neutron = neutronFixture()
  const instance = await booted(neutron, { network_id: neutron.neutron.addNetwork().id })
  const [vif] = await cachedVifs(neutron, instance)
  await tell(
    { ...neutron, parts: { ...neutron.parts, log: fixture.parts.log } },
    [instance],
    eventOf(instance, 'network-vif-deleted', vif?.id ?? ''),
  )
  assert.deepEqual(await cachedVifs(neutron, instance), [])
  assert.deepEqual(log.messages('ERROR'), [])
})

test('a power update of a machine without a management of its own ends as one of a driver that cannot', async () => {
  const fixture = computeFixture()
  const instance = await runningInstance(fixture)
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'power-update')
  await tell(fixture, [instance], eventOf(instance, 'power-update', 'POWER_OFF'))
  const { vm_state, task_state } = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([vm_state, task_state], ['active', null])
  assert.equal(tablesOf(fixture.stores).faults.find(() => true)?.message, 'NotImplementedError')
})

test('a power update that says what is so already, or that comes while an operation works, changes nothing', async () => {
  const fixture = computeFixture()
  const instance = await runningInstance(fixture)
  fixture.calls.length = 0
  await tell(fixture, [instance], eventOf(instance, 'power-update', 'POWER_ON'))
  instance.task_state = 'rebooting'
  await tell(fixture, [instance], eventOf(instance, 'power-update', 'POWER_OFF'))
  assert.ok(!fixture.calls.some(({ method }) => method === 'instances.save'))
})

test('a power update that loses against another operation is no failure', async () => {
  const lost = novaError('UnexpectedTaskStateError', { instance_uuid: 'x', expected: {}, actual: {} })
  const fixture = computeFixture({ fail: ({ method }) => (method === 'instances.save' ? lost : undefined) })
  const instance = await runningInstance(fixture)
  await tell(fixture, [instance], eventOf(instance, 'power-update', 'POWER_OFF'))
  assert.equal(
    tablesOf(fixture.stores).faults.find(() => true),
    undefined,
  )
})

/** A guest with a volume of 1 GB that Cinder has extended to 3 GB. */
async function withVolume(connection: string | null, driver?: FakeDriver) {
  const volumeId = nextUuid()
  const volumes = new NoVolumes()
  volumes.get = async () => ({ id: volumeId, size: 3, status: 'in-use' }) as never
  const fixture = computeFixture({ volumes, ...(driver === undefined ? {} : { driver }) })
  const instance = await runningInstance(fixture)
  const mapping = new BlockDeviceMapping({
    uuid: nextUuid(),
    instance_uuid: instance.uuid,
    source_type: 'volume',
    destination_type: 'volume',
    volume_id: volumeId,
    volume_size: 1,
    connection_info: connection,
  })
  await fixture.stores.blockDeviceMappings.create(fixture.ctx, mapping)
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'extend_volume')
  await tell(fixture, [instance], eventOf(instance, 'volume-extended', volumeId))
  const [stored] = await fixture.stores.blockDeviceMappings.listByInstanceUuid(fixture.ctx, instance.uuid)
  return { size: stored?.volume_size, fault: tablesOf(fixture.stores).faults.find(() => true)?.message }
}

test('a volume that was extended is as large in the record and in the guest', async () => {
  const driver = new FakeDriver({ log: new RecordingLogger() })
  const grown: unknown[] = []
  Object.assign(driver.volumes, { extend: async (...args: unknown[]) => grown.push(args[3]) })
  assert.deepEqual(await withVolume('{"driver_volume_type": "fake"}', driver), { size: 3, fault: undefined })
  assert.deepEqual(grown, [3 * 1024 ** 3])
})

test('a volume of which nobody knows how it is reached stays as it is', async () => {
  assert.deepEqual(await withVolume(null), { size: 1, fault: undefined })
})

test('a driver that cannot extend a volume leaves a fault', async () => {
  const driver = new FakeDriver({ log: new RecordingLogger() })
  Object.assign(driver.volumes, { extend: undefined })
  const { fault } = await withVolume('{"driver_volume_type": "fake"}', driver)
  assert.match(String(fault), /extension is not supported/)
})

test('a volume that was extended but is not attached is left alone', async () => {
  const fixture = computeFixture({ driver: new FakeDriver({ log: new RecordingLogger() }) })
  const instance = await runningInstance(fixture)
  await tell(fixture, [instance], eventOf(instance, 'volume-extended', nextUuid()))
  assert.equal(
    tablesOf(fixture.stores).faults.find(() => true),
    undefined,
  )
})
