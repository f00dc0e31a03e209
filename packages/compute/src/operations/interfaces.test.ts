import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { ComputeNode, type Instance, isNovaError, type NovaErrorKind, novaError } from '@micronova/model'
import { FakeDriver, type InterfaceHotplug } from '@micronova/virt'
import { currentInstance, forever, nextUuid, runningInstance, tablesOf } from '../../test/support/compute-fixture.js'
import { ownCalls, recordedCallsWithin } from '../../test/support/conductor-calls.js'
import { cachedVifs, instanceOnHost, type NeutronFixture, neutronFixture, projectId, requests } from '../../test/support/neutron-fixture.js'
import { runOperation } from '../run-operation.js'
import { attachInterface } from './attach-interface.js'
import { detachInterface } from './detach-interface.js'
import { addFixedIpToInstance, removeFixedIpFromInstance } from './fixed-ips.js'
import { injectNetworkInfo } from './inject-network-info.js'

const isKind = (kind: NovaErrorKind) => (err: unknown) => isNovaError(err, kind)

class Driver extends FakeDriver {
  override interfaceHotplug: InterfaceHotplug
  constructor(changes: Partial<InterfaceHotplug>) {
    super({ log: nullLogger })
    this.interfaceHotplug = { ...new FakeDriver({ log: nullLogger }).interfaceHotplug, ...changes }
  }
}

/** A running guest with one interface. */
async function prepared(driver?: FakeDriver) {
  const fixture = neutronFixture(driver === undefined ? {} : { driver })
  const network = fixture.neutron.addNetwork()
  const instance = await instanceOnHost(fixture, { vm_state: 'active', task_state: null })
  const wanted = { networks: requests({ network_id: network.id }), securityGroups: ['default'] }
  const vifs = await fixture.networks.allocate(fixture.userCtx, instance, wanted).record()
  const guest = { instance, network: vifs, blockDevices: [], image: {}, injectedFiles: [], adminPassword: null }
  await fixture.parts.driver.spawn(fixture.ctx, guest, forever)
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'attach_interface')
  fixture.calls.length = 0
  const attach = (changes: object = {}) =>
    run(fixture, attachInterface, instance, { network_id: network.id, port_id: null, requested_ip: null, tag: null, ...changes })
  const detach = (port_id: string) => run(fixture, detachInterface, instance, { port_id })
  return { fixture, network, instance, attach, detach, ports: () => [...fixture.neutron.ports.keys()] }
}

async function run(
  { parts, userCtx, stores }: NeutronFixture,
  operation: Parameters<typeof runOperation>[1],
  { uuid }: Instance,
  args: object,
) {
  const instance = await stores.instances.getByUuid(userCtx, uuid, ['info_cache', 'flavor', 'system_metadata'])
  return runOperation(parts, operation, userCtx, { instance, ...args }, forever)
}

/** What upstream says of the instance at the end changes nothing: its info cache was written before. */
const withoutLastSave = (calls: readonly { readonly call: string }[]) => calls.filter(({ call }) => call !== 'Instance.save')

test('an interface comes and goes with the messages of a Python nova-compute, in their order', async () => {
  const { fixture, instance, attach, detach, ports } = await prepared()
  const vif = (await attach()) as { readonly id: string }
  assert.deepEqual((await cachedVifs(fixture, instance)).at(-1), vif)
  assert.deepEqual(ownCalls(fixture.calls, {}), withoutLastSave(recordedCallsWithin('wire/12-interface-attach.jsonl', 'attach_interface')))
  fixture.calls.length = 0
  await detach(vif.id)
  assert.equal(ports().length, 1)
  const recorded = withoutLastSave(recordedCallsWithin('wire/12-interface-attach.jsonl', 'detach_interface'))
  const text = JSON.stringify(recorded).replaceAll('VirtualInterface.get_by_uuid', 'VirtualInterfaceList.get_by_instance_uuid')
  assert.deepEqual(ownCalls(fixture.calls, {}), JSON.parse(text))
})

test('a guest that does not take an interface leaves no port, and the caller is told', async () => {
  const refused = async () => {
    throw novaError('VirtualInterfacePlugException', {})
  }
  const { fixture, instance, attach, ports } = await prepared(new Driver({ attachInterface: refused }))
  await assert.rejects(attach(), isKind('InterfaceAttachFailed'))
  assert.equal(ports().length, 1)
  assert.equal((await cachedVifs(fixture, instance)).length, 1)
  assert.equal(tablesOf(fixture.stores).faults.find(() => true)?.code, 500)
})

test('a driver that cannot attach, or that cannot tag, refuses before anything is made', async () => {
  const driver = new Driver({ honoursTags: false })
  const { attach, ports } = await prepared(driver)
  await assert.rejects(attach({ tag: 'nic1' }), isKind('NetworkInterfaceTaggedAttachNotSupported'))
  Object.assign(driver, { interfaceHotplug: undefined })
  await assert.rejects(attach(), isKind('AttachInterfaceNotSupported'))
  assert.equal(ports().length, 1)
})

test('a port that is not attached is not detached', async () => {
  const { detach } = await prepared()
  const isTold = (err: unknown) => isNovaError(err, 'PortNotFound') && err.message === 'Port nobody is not attached'
  await assert.rejects(detach('nobody'), isTold)
})

test('a guest that keeps its interface keeps the port', async () => {
  const refused = async () => {
    throw novaError('NovaException', {}, 'busy')
  }
  const { detach, ports } = await prepared(new Driver({ detachInterface: refused }))
  const [id] = ports()
  await assert.rejects(detach(String(id)), isKind('InterfaceDetachFailed'))
  assert.deepEqual(ports(), [id])
})

const needs = { resources: { NET_BW_EGR_KILOBIT_PER_SEC: 1000 }, required: ['CUSTOM_PHYSNET_1'] }
const provided = { rp1: { resources: needs.resources } }

/** A running guest, and a port of the user that needs bandwidth. */
async function withBandwidth(driver?: FakeDriver) {
  const made = await prepared(driver)
  const { fixture, network } = made
  const { id } = await fixture.neutron.createPort(fixture.ctx, { network_id: network.id, tenant_id: projectId }, { auth: 'admin' })
  const port = fixture.neutron.ports.get(id)
  assert.ok(port)
  fixture.neutron.ports.set(id, { ...port, resource_request: needs })
  const node = new ComputeNode({ host: 'compute1', hypervisor_hostname: 'compute1', uuid: nextUuid() })
  await fixture.stores.computeNodes.create(fixture.ctx, node)
  const changes: unknown[] = []
  const { placement } = fixture.parts
  placement.addResources = async (_ctx, _consumer, nodeUuid, wanted) => {
    changes.push(['add', nodeUuid === node.uuid, wanted.groups.map((group) => group.resources)])
    return { allocations: provided, mappings: { [id]: ['rp1'] } }
  }
  placement.removeResources = async (_ctx, _consumer, resources) => {
    changes.push(['remove', resources])
  }
  const attachPort = () => made.attach({ network_id: null, port_id: id })
  return { ...made, id, changes, placement, attachPort, profile: () => fixture.neutron.ports.get(id)?.['binding:profile'] }
}
const added = ['add', true, [needs.resources]]

test('a port with guaranteed bandwidth has it in Placement while it is attached', async () => {
  const { id, changes, attachPort, detach, profile } = await withBandwidth()
  await attachPort()
  assert.deepEqual(profile(), { allocation: 'rp1' })
  assert.deepEqual(changes, [added])
  await detach(id)
  assert.deepEqual(profile(), {})
  assert.deepEqual(changes, [added, ['remove', provided]])
})

test('bandwidth is given back where the port cannot be bound, or the guest does not take it', async () => {
  const unbound = await withBandwidth()
  unbound.fixture.neutron.calls.fail('updatePort', 409, 'MacAddressInUse')
  await assert.rejects(unbound.attachPort(), isKind('PortInUse'))
  assert.deepEqual(unbound.changes, [added, ['remove', provided]])
  const refused = async () => {
    throw novaError('NovaException', {}, 'no slot')
  }
  const untaken = await withBandwidth(new Driver({ attachInterface: refused }))
  await assert.rejects(untaken.attachPort(), isKind('InterfaceAttachFailed'))
  assert.deepEqual(untaken.changes, [added, ['remove', provided]])
  assert.deepEqual(untaken.profile(), {})
})

test('bandwidth that is nowhere to be had keeps the port from being attached', async () => {
  const { placement, attachPort, profile, changes } = await withBandwidth()
  placement.addResources = async () => null
  await assert.rejects(attachPort(), isKind('InterfaceAttachResourceAllocationFailed'))
  assert.deepEqual([profile(), changes], [{}, []])
})

test('addresses are added and removed, and the instance counts as changed', async () => {
  const { fixture, network, instance } = await prepared()
  const addresses = async () =>
    (await cachedVifs(fixture, instance)).flatMap((vif) => vif.network?.subnets.flatMap(({ ips }) => ips.map(({ address }) => address)))
  const [first] = await addresses()
  await fixture.clock.advance(5000)
  await run(fixture, addFixedIpToInstance, instance, { network_id: network.id })
  assert.equal((await addresses()).length, 2)
  assert.deepEqual((await currentInstance(fixture, instance.uuid)).updated_at, new Date(fixture.clock.now()))
  await run(fixture, removeFixedIpFromInstance, instance, { address: first })
  assert.ok(!(await addresses()).includes(String(first)))
})

test('injecting network info brings the info cache up to date', async () => {
  const { fixture, network, instance } = await prepared()
  fixture.neutron.networks.set(network.id, { ...network, name: 'renamed' })
  await run(fixture, injectNetworkInfo, instance, {})
  assert.equal((await cachedVifs(fixture, instance))[0]?.network?.label, 'renamed')
})

test('an interface of an instance without networks can be the first', async () => {
  const fixture = neutronFixture()
  const network = fixture.neutron.addNetwork()
  const instance = await runningInstance(fixture, { hostname: 'vm1', availability_zone: 'nova' })
  const vif = await run(fixture, attachInterface, instance, { network_id: network.id, port_id: null, requested_ip: null, tag: null })
  assert.deepEqual(await cachedVifs(fixture, instance), [vif])
})
