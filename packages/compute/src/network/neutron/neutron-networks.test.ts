import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { isNovaError, type NovaErrorKind } from '@micronova/model'
import { currentInstance, nextUuid } from '../../../test/support/compute-fixture.js'
import {
  asked,
  booted,
  cachedVifs,
  type NeutronFixture,
  neutronFixture,
  projectId,
  requests,
} from '../../../test/support/neutron-fixture.js'
import { NeutronNetworks } from './neutron-networks.js'

const isKind = (kind: NovaErrorKind) => (err: unknown) => isNovaError(err, kind)
const idsOf = (vifs: readonly { readonly id: string | null }[]) => vifs.map(({ id }) => id)

async function prepared(wishes = 1) {
  const fixture = neutronFixture()
  const network = fixture.neutron.addNetwork()
  const instance = await booted(fixture, ...Array.from({ length: wishes }, () => ({ network_id: network.id })))
  return { fixture, network, instance, methods: () => asked(fixture) }
}

/** An instance with a port that the user had made and one of Nova's. */
async function withGivenPort() {
  const fixture = neutronFixture()
  const network = fixture.neutron.addNetwork()
  const { id } = await fixture.neutron.createPort(
    fixture.ctx,
    { network_id: network.id, tenant_id: projectId, name: 'mine' },
    { auth: 'admin' },
  )
  const instance = await booted(fixture, { port_id: id }, { network_id: network.id })
  return { fixture, network, instance, given: id }
}

test('what is given back: ports of Nova are deleted, those that were there are free again, rows and cache are gone', async () => {
  const { fixture, instance, given } = await withGivenPort()
  await fixture.networks.deallocate(fixture.userCtx, instance)
  const left = [...fixture.neutron.ports.values()]
  assert.deepEqual(
    left.map(({ id, device_id, device_owner, 'binding:host_id': host }) => [id, device_id, device_owner, host ?? '']),
    [[given, '', '', '']],
  )
  assert.deepEqual(asked(fixture), ['listPorts', 'updatePort', 'deletePort'])
  assert.deepEqual(await fixture.stores.virtualInterfaces.listByInstanceUuid(fixture.ctx, instance.uuid), [])
  assert.deepEqual(await cachedVifs(fixture, instance), [])
  await fixture.networks.deallocate(fixture.userCtx, await currentInstance(fixture, instance.uuid))
})

test('a failed build keeps the ports that it was asked for, though the cache knows nothing of them', async () => {
  const { fixture, instance, given } = await withGivenPort()
  if (instance.info_cache !== null) instance.info_cache.network_info = []
  await fixture.networks.deallocate(fixture.userCtx, instance, requests({ port_id: given }))
  assert.deepEqual([...fixture.neutron.ports.keys()], [given])
})

test('ports that are gone already are fine to give back, a refusal is not, and the others go all the same', async () => {
  const { fixture, instance } = await prepared(3)
  const [first] = fixture.neutron.ports.keys()
  fixture.neutron.calls.before('deletePort', () => {
    fixture.neutron.ports.delete(first ?? '')
  })
  fixture.neutron.calls.fail('deletePort', 500)
  await assert.rejects(fixture.networks.deallocate(fixture.userCtx, instance), isKind('NovaException'))
  assert.equal(fixture.neutron.ports.size, 1)
  assert.equal((await cachedVifs(fixture, instance)).length, 3)
  await fixture.networks.deallocate(fixture.userCtx, instance)
  assert.equal(fixture.neutron.ports.size, 0)
})

test('Neutron is asked again when it cannot be reached to give networks back', async () => {
  const { fixture, instance, methods } = await prepared()
  for (let i = 0; i < 2; i++) fixture.neutron.calls.fail('listPorts', 'unreachable')
  const givenBack = fixture.networks.deallocate(fixture.userCtx, instance)
  await fixture.clock.advance(2000)
  await fixture.clock.advance(4000)
  await givenBack
  assert.deepEqual(methods(), ['listPorts', 'listPorts', 'listPorts', 'deletePort'])
})

test('a port that another project has made in the name of the instance is not touched', async () => {
  const { fixture, network, instance } = await prepared()
  const body = { network_id: network.id, tenant_id: 'other', device_id: instance.uuid }
  const foreign = await fixture.neutron.createPort(fixture.ctx, body, { auth: 'admin' })
  await fixture.networks.networkInfo(fixture.ctx, instance, { force: true })
  assert.equal((await cachedVifs(fixture, instance)).length, 1)
  await fixture.networks.deallocate(fixture.userCtx, instance)
  assert.deepEqual([...fixture.neutron.ports.keys()], [foreign.id])
})

test('a refresh that finds nothing new stores nothing', async () => {
  const { fixture, instance, methods } = await prepared(2)
  await fixture.networks.networkInfo(fixture.ctx, instance)
  assert.deepEqual([...methods()].sort(), ['listFloatingIps', 'listNetworks', 'listPorts', 'listPorts', 'listSubnets'])
  assert.deepEqual(
    fixture.calls.map(({ method }) => method),
    ['infoCaches.refresh'],
  )
})

test('what has changed in Neutron is in the cache after a refresh', async () => {
  const { fixture, network, instance } = await prepared()
  fixture.neutron.networks.set(network.id, { ...network, name: 'renamed', mtu: 9000 })
  const [vif] = await fixture.networks.networkInfo(fixture.ctx, instance)
  assert.deepEqual([vif?.network?.label, vif?.network?.meta.mtu], ['renamed', 9000])
  assert.deepEqual(await cachedVifs(fixture, instance), [vif])
})

test('a port that is gone leaves the cache; one that the cache does not know comes only when it is forced', async () => {
  const { fixture, network, instance } = await prepared(2)
  const [first, second] = [...fixture.neutron.ports.keys()]
  fixture.neutron.ports.delete(first ?? '')
  const body = { network_id: network.id, tenant_id: projectId, device_id: instance.uuid }
  const { id } = await fixture.neutron.createPort(fixture.ctx, body, { auth: 'admin' })
  assert.deepEqual(idsOf(await fixture.networks.networkInfo(fixture.ctx, instance)), [second])
  assert.deepEqual(idsOf(await fixture.networks.networkInfo(fixture.ctx, instance, { force: true })), [second, id])
})

test('the order of a forced refresh is that of the rows, and ports that are kept stay so', async () => {
  const { fixture, instance, given } = await withGivenPort()
  const before = idsOf(await cachedVifs(fixture, instance))
  const ports = [...fixture.neutron.ports].reverse()
  fixture.neutron.ports.clear()
  for (const [id, port] of ports) fixture.neutron.ports.set(id, port)
  const vifs = await fixture.networks.networkInfo(fixture.ctx, instance, { force: true })
  assert.deepEqual(idsOf(vifs), before)
  assert.deepEqual(
    vifs.filter(({ preserve_on_delete }) => preserve_on_delete).map(({ id }) => id),
    [given],
  )
})

test('an instance without ports costs one request', async () => {
  const fixture = neutronFixture()
  const instance = await booted(fixture, { network_id: 'none' })
  assert.deepEqual(await fixture.networks.networkInfo(fixture.ctx, instance), [])
  assert.deepEqual(fixture.neutron.calls.methods, ['listPorts'])
})

test('one port that has changed is looked at alone', async () => {
  const { fixture, instance } = await prepared(2)
  const [first, second] = [...fixture.neutron.ports.keys()]
  for (const [id, port] of fixture.neutron.ports) fixture.neutron.ports.set(id, { ...port, status: 'DOWN' })
  const vifs = await fixture.networks.networkInfo(fixture.ctx, instance, { changedPort: String(second) })
  assert.deepEqual(
    vifs.map(({ active }) => active),
    [true, false],
  )
  fixture.neutron.ports.delete(String(first))
  assert.deepEqual(idsOf(await fixture.networks.networkInfo(fixture.ctx, instance, { changedPort: String(first) })), [second])
})

test('a port that has come is added when it is said to have changed', async () => {
  const { fixture, network, instance } = await prepared()
  const body = { network_id: network.id, tenant_id: projectId, device_id: instance.uuid }
  const { id } = await fixture.neutron.createPort(fixture.ctx, body, { auth: 'admin' })
  const before = idsOf(await cachedVifs(fixture, instance))
  assert.deepEqual(idsOf(await fixture.networks.networkInfo(fixture.ctx, instance, { changedPort: id })), [...before, id])
})

test('changes of one cache wait for each other, so that none is lost', async () => {
  const { fixture, network, instance } = await prepared()
  const attach = () =>
    fixture.networks.attachInterface(fixture.userCtx, instance, { networkId: network.id, portId: null, address: null, tag: null })
  await Promise.all([attach(), fixture.networks.networkInfo(fixture.ctx, instance), attach()])
  assert.equal((await cachedVifs(fixture, instance)).length, 3)
})

test('an interface that is attached is in Neutron, in the rows and at the end of the cache, and goes from all of them', async () => {
  const { fixture, network, instance, methods } = await prepared()
  const request = { networkId: network.id, portId: null, address: null, tag: 'nic2' }
  const vif = await fixture.networks.attachInterface(fixture.userCtx, instance, request)
  assert.equal(methods().length, 6)
  assert.equal(fixture.neutron.ports.get(vif.id ?? '')?.['binding:host_id'], instance.host)
  assert.equal((await cachedVifs(fixture, instance)).at(-1)?.id, vif.id)
  const rows = () => fixture.stores.virtualInterfaces.listByInstanceUuid(fixture.ctx, instance.uuid)
  assert.equal((await rows()).at(-1)?.tag, 'nic2')
  fixture.neutron.calls.log.length = 0
  await fixture.networks.detachInterface(fixture.userCtx, instance, vif.id ?? '')
  assert.deepEqual(methods(), ['deletePort'])
  assert.equal((await rows()).length, 1)
  assert.equal((await cachedVifs(fixture, instance)).length, 1)
  await fixture.networks.detachInterface(fixture.userCtx, instance, vif.id ?? '')
})

test('a port that the user had made is free again when it is detached', async () => {
  const { fixture, instance, given } = await withGivenPort()
  await fixture.networks.detachInterface(fixture.userCtx, instance, given)
  const port = fixture.neutron.ports.get(given)
  assert.deepEqual([port?.device_id, port?.device_owner, port?.name], ['', '', 'mine'])
})

test('a port that somebody else has taken meanwhile is not freed', async () => {
  const { fixture, instance, given } = await withGivenPort()
  const port = fixture.neutron.ports.get(given)
  assert.ok(port)
  fixture.neutron.ports.set(given, { ...port, device_id: nextUuid() })
  await fixture.networks.detachInterface(fixture.userCtx, instance, given)
  assert.deepEqual(fixture.neutron.calls.methods, ['showPort'])
})

test('an interface that cannot be written down is given back', async () => {
  const fixture: NeutronFixture = neutronFixture({
    fail: ({ method }) => (method === 'virtualInterfaces.create' && isArmed ? new Error('no conductor') : undefined),
  })
  let isArmed = false
  const network = fixture.neutron.addNetwork()
  const instance = await booted(fixture, { network_id: network.id })
  isArmed = true
  const request = { networkId: network.id, portId: null, address: null, tag: null }
  await assert.rejects(fixture.networks.attachInterface(fixture.userCtx, instance, request), /no conductor/)
  assert.equal(fixture.neutron.ports.size, 1)
})

test('a port that Neutron has deleted leaves the cache without a question to Neutron', async () => {
  const { fixture, instance, methods } = await prepared()
  const [id] = fixture.neutron.ports.keys()
  await fixture.networks.forgetPort(fixture.ctx, instance, String(id))
  assert.deepEqual(await cachedVifs(fixture, instance), [])
  assert.deepEqual(methods(), [])
})

test('addresses are added to a port and taken off it', async () => {
  const { fixture, network, instance } = await prepared()
  const addresses = () =>
    [...fixture.neutron.ports.values()].flatMap(({ fixed_ips }) => fixed_ips.map(({ ip_address }) => String(ip_address)))
  const [first] = addresses()
  const [vif] = await fixture.networks.addFixedIp(fixture.ctx, instance, network.id)
  assert.equal(vif?.network?.subnets[0]?.ips.length, 2)
  await fixture.networks.removeFixedIp(fixture.ctx, instance, String(first))
  assert.equal(addresses().length, 1)
  assert.ok(!addresses().includes(String(first)))
  await assert.rejects(fixture.networks.removeFixedIp(fixture.ctx, instance, String(first)), isKind('FixedIpNotFoundForInstance'))
  await assert.rejects(fixture.networks.addFixedIp(fixture.ctx, instance, nextUuid()), isKind('NetworkNotFoundForInstance'))
})

test('healing mends a binding on another host, and one that has failed, before it refreshes', async () => {
  for (const changes of [{ 'binding:host_id': 'elsewhere' }, { 'binding:vif_type': 'unbound' }, { 'binding:vif_type': 'binding_failed' }]) {
    const { fixture, instance } = await prepared()
    const [[id, port] = []] = [...fixture.neutron.ports]
    assert.ok(id !== undefined && port !== undefined)
    fixture.neutron.ports.set(id, { ...port, ...changes })
    await fixture.networks.healNetworkInfo(fixture.ctx, instance, String(instance.host), false)
    assert.ok(!fixture.neutron.calls.methods.includes('updatePort'))
    await fixture.networks.healNetworkInfo(fixture.ctx, instance, String(instance.host), true)
    const healed = fixture.neutron.ports.get(id)
    assert.deepEqual([healed?.['binding:host_id'], healed?.['binding:vif_type']], [instance.host, 'ovs'])
    assert.equal((await cachedVifs(fixture, instance))[0]?.type, 'ovs')
  }
})

test('healing where all is well changes nothing', async () => {
  const { fixture, instance, methods } = await prepared()
  await fixture.networks.healNetworkInfo(fixture.ctx, instance, String(instance.host), true)
  assert.equal(methods().length, 5)
  assert.ok(!methods().includes('updatePort'))
  assert.ok(!fixture.calls.some(({ method }) => method === 'infoCaches.save'))
})

test('an address of Neutron never reaches the user', async () => {
  const { fixture, instance } = await prepared()
  fixture.neutron.calls.fail('listPorts', 'unreachable')
  const isPlain = (err: unknown) => isNovaError(err, 'NovaException') && err.message === 'The network service does not answer'
  await assert.rejects(fixture.networks.networkInfo(fixture.ctx, instance), isPlain)
})

test('what is logged of networks carries the request that it was done for', async () => {
  const { fixture, instance } = await prepared()
  const log = new RecordingLogger()
  const { neutron, clock } = fixture
  const deps = { neutron, stores: fixture.parts.stores, clock, log }
  const networks = new NeutronNetworks(deps, { allocateRetries: 0, ovsBridge: 'br-int', injected: false })
  await networks.setupInstanceNetworkOnHost(fixture.ctx, instance, 'compute2')
  const [line] = log.lines.filter(({ level }) => level === 'INFO')
  assert.equal(line?.context?.requestId, fixture.ctx.requestId)
})
