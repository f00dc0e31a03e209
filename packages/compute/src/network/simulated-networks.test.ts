import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNovaError, NetworkRequest, NetworkRequestList } from '@micronova/model'
import { computeFixture, currentInstance, nextUuid, requestedNetworks, storedInstance } from '../../test/support/compute-fixture.js'
import type { InterfaceRequest } from './network-api.js'
import { type SimulatedPort, simulatedVif } from './simulated-addresses.js'
import { SimulatedNetworks } from './simulated-networks.js'

async function prepared() {
  const fixture = computeFixture()
  const instance = await storedInstance(fixture)
  const networks = new SimulatedNetworks({ stores: fixture.parts.stores })
  const allocate = (requested: NetworkRequestList | null) =>
    networks.allocate(fixture.ctx, instance, { networks: requested, securityGroups: [] }).record()
  const rows = () => fixture.stores.virtualInterfaces.listByInstanceUuid(fixture.ctx, instance.uuid)
  return { fixture, instance, networks, allocate, rows }
}

test('each network that is asked for gives an interface with its addresses, in the store and in the cache', async () => {
  const { fixture, instance, allocate, rows } = await prepared()
  const ids = [nextUuid(), nextUuid()]
  const vifs = await allocate(requestedNetworks(...ids))
  assert.deepEqual(
    vifs.map(({ network }) => network?.id),
    ids,
  )
  const written = fixture.calls.filter(({ method }) => method === 'virtualInterfaces.create').map(({ changes }) => changes.address)
  assert.deepEqual(
    written,
    vifs.map(({ address, id }) => `${address}/${id}`),
  )
  assert.equal((await rows()).length, 2)
  assert.deepEqual((await currentInstance(fixture, instance.uuid)).info_cache?.network_info, vifs)
})

test('a port and an address that the user gave are used', async () => {
  const { allocate, rows } = await prepared()
  const port = nextUuid()
  const request = new NetworkRequest({ network_id: nextUuid(), port_id: port, address: '10.1.2.3', tag: 'nic1' })
  const [vif] = await allocate(new NetworkRequestList({ objects: [request] }))
  assert.equal(vif?.id, port)
  assert.equal(vif?.network?.subnets[0]?.ips[0]?.address, '10.1.2.3')
  assert.equal((await rows())[0]?.tag, 'nic1')
})

test('whoever asks for none gets one, and whoever wants none gets none', async () => {
  const { allocate } = await prepared()
  assert.equal((await allocate(null)).length, 1)
  const other = await prepared()
  assert.deepEqual(await other.allocate(requestedNetworks('none')), [])
  assert.deepEqual(other.fixture.calls, [])
})

test('deallocating leaves neither rows nor cache, and does no harm twice', async () => {
  const { fixture, instance, networks, allocate, rows } = await prepared()
  await allocate(requestedNetworks(nextUuid()))
  await networks.deallocate(fixture.ctx, instance)
  await networks.deallocate(fixture.ctx, instance)
  assert.deepEqual(await rows(), [])
  assert.deepEqual((await currentInstance(fixture, instance.uuid)).info_cache?.network_info, [])
})

test('addresses follow from the names alone, and differ where the names differ', () => {
  const port: SimulatedPort = { instanceUuid: nextUuid(), projectId: 'p', networkId: nextUuid(), index: 0, portId: null, fixedIp: null }
  assert.deepEqual(simulatedVif(port), simulatedVif(port))
  const others = [
    simulatedVif({ ...port, index: 1 }),
    simulatedVif({ ...port, networkId: nextUuid() }),
    simulatedVif({ ...port, instanceUuid: nextUuid() }),
  ]
  for (const other of others) {
    assert.notEqual(other.id, simulatedVif(port).id)
    assert.notEqual(other.address, simulatedVif(port).address)
  }
})

test('what is made up has the form of the real thing', () => {
  for (let i = 0; i < 200; i++) {
    const vif = simulatedVif({ instanceUuid: nextUuid(), projectId: null, networkId: nextUuid(), index: i, portId: null, fixedIp: null })
    assert.match(vif.address, /^fa:16:3e(:[0-9a-f]{2}){3}$/)
    assert.match(vif.id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.match(String(vif.devname), /^tap.{11}$/)
    const [, ...numbers] = String(vif.network?.subnets[0]?.ips[0]?.address).split('.').map(Number)
    assert.ok(numbers.every((number) => number >= 0 && number <= 255) && (numbers[2] ?? 0) >= 2 && (numbers[2] ?? 255) <= 253)
  }
})

async function attached() {
  const prepare = await prepared()
  const { fixture, instance, networks, allocate } = prepare
  const networkId = nextUuid()
  await allocate(requestedNetworks(networkId))
  const attach = (changes: Partial<InterfaceRequest> = {}) =>
    networks.attachInterface(fixture.ctx, instance, { networkId, portId: null, address: null, tag: null, ...changes })
  const cached = async () => (await currentInstance(fixture, instance.uuid)).info_cache?.network_info ?? []
  return { ...prepare, networkId, attach, cached }
}

test('an interface that is attached later comes after the others, and goes without them', async () => {
  const { fixture, instance, networks, attach, cached, rows } = await attached()
  const [first] = await cached()
  const vif = await attach({ tag: 'nic2' })
  assert.deepEqual(
    (await cached()).map(({ id }) => id),
    [first?.id, vif.id],
  )
  assert.equal((await rows()).at(-1)?.tag, 'nic2')
  await networks.detachInterface(fixture.ctx, instance, vif.id ?? '')
  assert.deepEqual(await cached(), [first])
  assert.equal((await rows()).length, 1)
  await networks.detachInterface(fixture.ctx, instance, vif.id ?? '')
})

test('an interface that takes the place of one that went is none of those that are there', async () => {
  const { fixture, instance, networks, attach, cached } = await attached()
  const [first] = await cached()
  await attach()
  await networks.detachInterface(fixture.ctx, instance, first?.id ?? '')
  await attach()
  assert.equal(new Set((await cached()).map(({ address }) => address)).size, 2)
})

test('a port is attached once', async () => {
  const { attach } = await attached()
  const portId = nextUuid()
  await attach({ portId })
  await assert.rejects(attach({ portId }), (err) => isNovaError(err, 'PortInUse'))
})

test('addresses are added to an interface and taken off it', async () => {
  const { fixture, instance, networks, networkId, cached } = await attached()
  const addresses = async () =>
    (await cached()).flatMap(({ network }) => network?.subnets.flatMap(({ ips }) => ips.map((ip) => ip.address)))
  await networks.addFixedIp(fixture.ctx, instance, networkId)
  const [first, second, ...more] = await addresses()
  assert.notEqual(second, first)
  assert.deepEqual(more, [])
  await networks.removeFixedIp(fixture.ctx, instance, String(first))
  assert.deepEqual(await addresses(), [second])
  const isGone = (err: unknown) => isNovaError(err, 'FixedIpNotFoundForInstance')
  await assert.rejects(networks.removeFixedIp(fixture.ctx, instance, String(first)), isGone)
  const isUnknown = (err: unknown) => isNovaError(err, 'NetworkNotFoundForInstance')
  await assert.rejects(networks.addFixedIp(fixture.ctx, instance, nextUuid()), isUnknown)
})
