import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Port } from '@micronova/clients'
import { isNovaError, type NovaErrorKind } from '@micronova/model'
import { readFixtureLines } from '@micronova/testing'
import { asked, booted, type NeutronFixture, neutronFixture } from '../../../test/support/neutron-fixture.js'

const isKind = (kind: NovaErrorKind) => (err: unknown) => isNovaError(err, kind)
const source = 'compute1'
const destination = 'compute2'

async function prepared(ports = 1) {
  const fixture = neutronFixture()
  const network = fixture.neutron.addNetwork()
  const instance = await booted(fixture, ...Array.from({ length: ports }, () => ({ network_id: network.id })))
  const port = (): Port => [...fixture.neutron.ports.values()][0] as Port
  const change = (changes: Partial<Port>) => fixture.neutron.ports.set(port().id, { ...port(), ...changes })
  const hosts = () => (fixture.neutron.bindings.get(port().id) ?? []).map(({ host, status }) => `${host} ${status}`).sort()
  return {
    fixture,
    instance,
    networks: fixture.networks,
    ctx: fixture.ctx,
    port,
    change,
    hosts,
    methods: () => asked(fixture),
  }
}

interface RecordedRequest {
  readonly service: string
  readonly sender: string
  readonly sender_host: string
  readonly method: string
  readonly path: string
  readonly request_body: unknown
}

interface Write {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

/** What the Python nova-computes of a move wrote to Neutron. */
function recordedWrites(recording: string) {
  const lines = readFixtureLines(recording).map((line) => JSON.parse(line) as RecordedRequest)
  const own = lines.filter(({ service, sender, method }) => service === 'neutron' && sender === 'nova-compute' && method !== 'GET')
  return own.map(({ method, path, request_body }) => ({ method, path: path.replace(/[0-9a-f-]{36}/, 'PORT'), body: request_body }))
}

function ownWrites({ neutron }: NeutronFixture) {
  return neutron.calls.log.flatMap(({ method, args }): Write[] => {
    if (method === 'updatePort') return [{ method: 'PUT', path: '/v2.0/ports/PORT', body: { port: args[1] } }]
    if (method === 'activatePortBinding') return [{ method: 'PUT', path: `/v2.0/ports/PORT/bindings/${args[1]}/activate`, body: null }]
    if (method === 'deletePortBinding') return [{ method: 'DELETE', path: `/v2.0/ports/PORT/bindings/${args[1]}`, body: null }]
    return []
  })
}

test('a cold migration writes to Neutron what Python writes', async () => {
  const { fixture, instance, networks, ctx, hosts } = await prepared()
  // At the source, at the destination, and when it is confirmed.
  await networks.migrateInstanceStart(ctx, instance, destination)
  await networks.migrateInstanceFinish(ctx, instance, destination)
  instance.host = destination
  await networks.setupNetworksOnHost(ctx, instance, source, { teardown: true })
  const recorded = recordedWrites('rest/07b-cold-migrate.jsonl')
  // Python asks first whether there is a binding to activate.
  assert.deepEqual(
    ownWrites(fixture).filter(({ path }) => !path.endsWith('/activate')),
    recorded,
  )
  assert.deepEqual(hosts(), [`${destination} ACTIVE`])
})

test('a live migration writes to Neutron what Python writes', async () => {
  const { fixture, instance, networks, ctx, port, hosts } = await prepared()
  const bindings = await networks.bindPortsToHost(ctx, instance, 'compute1-new')
  assert.equal(bindings.get(port().id)?.status, 'INACTIVE')
  fixture.neutron.calls.log.length = 0
  await networks.setupNetworksOnHost(ctx, instance, 'compute1-new')
  await networks.migrateInstanceStart(ctx, instance, 'compute1-new')
  instance.host = 'compute1-new'
  await networks.setupNetworksOnHost(ctx, instance, 'compute1-new')
  await networks.migrateInstanceFinish(ctx, instance, 'compute1-new', { live: true })
  await networks.setupNetworksOnHost(ctx, instance, source, { teardown: true })
  const ids = (text: string) => text.replaceAll('compute1-new', 'DEST').replaceAll('compute1', 'SRC')
  const recorded = (text: string) => text.replaceAll('compute1', 'DEST').replaceAll('compute2', 'SRC')
  assert.deepEqual(
    JSON.parse(ids(JSON.stringify(ownWrites(fixture)))),
    JSON.parse(recorded(JSON.stringify(recordedWrites('rest/07-live-migrate.jsonl')))),
  )
  assert.deepEqual(hosts(), ['compute1-new ACTIVE'])
})

test('nothing is asked where the host of a set-up is the one of the instance', async () => {
  const { instance, networks, ctx, methods } = await prepared()
  await networks.setupNetworksOnHost(ctx, instance, source)
  await networks.setupNetworksOnHost(ctx, instance, null)
  assert.deepEqual(methods(), [])
})

test('a port that is marked already is not marked again, and the rest of its profile stays', async () => {
  const { instance, networks, ctx, port, change, methods } = await prepared()
  change({ 'binding:profile': { trusted: 'true' } })
  for (let i = 0; i < 2; i++) await networks.setupNetworksOnHost(ctx, instance, destination)
  assert.deepEqual(port()['binding:profile'], { trusted: 'true', migrating_to: destination })
  assert.equal(methods().filter((method) => method === 'updatePort').length, 1)
  await networks.setupNetworksOnHost(ctx, instance, null, { teardown: true })
  assert.deepEqual(port()['binding:profile'], { trusted: 'true' })
})

test('taking a move back removes the mark and the binding at the other host, not that of the own', async () => {
  const { instance, networks, ctx, port, hosts } = await prepared()
  await networks.bindPortsToHost(ctx, instance, destination)
  await networks.setupNetworksOnHost(ctx, instance, destination)
  await networks.setupNetworksOnHost(ctx, instance, destination, { teardown: true })
  assert.deepEqual(hosts(), [`${source} ACTIVE`])
  assert.deepEqual(port()['binding:profile'], {})
  await networks.setupNetworksOnHost(ctx, instance, source, { teardown: true })
  assert.deepEqual(hosts(), [`${source} ACTIVE`])
})

test('a binding that is active already, or not there, is no reason to fail at the start of a move', async () => {
  const { instance, networks, ctx, hosts } = await prepared()
  await networks.migrateInstanceStart(ctx, instance, destination)
  assert.deepEqual(hosts(), [`${source} ACTIVE`])
  await networks.bindPortsToHost(ctx, instance, destination)
  for (let i = 0; i < 2; i++) await networks.migrateInstanceStart(ctx, instance, destination)
  assert.deepEqual(hosts(), [`${source} INACTIVE`, `${destination} ACTIVE`])
})

test('a Neutron that knows no further bindings is not asked for any', async () => {
  const { fixture, instance, networks, ctx, methods } = await prepared()
  fixture.neutron.aliases.delete('binding-extended')
  assert.equal(await networks.hasPortBindings(ctx), false)
  await networks.migrateInstanceStart(ctx, instance, destination)
  await networks.cleanupInstanceNetworkOnHost(ctx, instance, destination)
  assert.deepEqual(methods(), [])
})

test('a refusal to activate is PortBindingActivationFailed', async () => {
  const { fixture, instance, networks, ctx, port } = await prepared()
  fixture.neutron.calls.fail('activatePortBinding', 500)
  await assert.rejects(networks.migrateInstanceStart(ctx, instance, destination), isKind('PortBindingActivationFailed'))
  await assert.rejects(networks.activatePortBinding(ctx, port().id, destination), isKind('PortBindingActivationFailed'))
})

test('the end of a move binds where it is needed, with the zone of the instance and without the mark', async () => {
  const { instance, networks, ctx, port, change, methods } = await prepared()
  change({ 'binding:profile': { migrating_to: destination, trusted: 'true' } })
  instance.availability_zone = 'zone2'
  await networks.migrateInstanceFinish(ctx, instance, destination)
  assert.deepEqual(
    [port()['binding:host_id'], port().device_owner, port()['binding:profile']],
    [destination, 'compute:zone2', { trusted: 'true' }],
  )
  await networks.migrateInstanceFinish(ctx, instance, destination)
  assert.equal(methods().filter((method) => method === 'updatePort').length, 1)
})

test('a binding that failed before is made again where the port is', async () => {
  const { instance, networks, ctx, port, change } = await prepared()
  change({ 'binding:vif_type': 'binding_failed' })
  await networks.setupInstanceNetworkOnHost(ctx, instance, source)
  assert.equal(port()['binding:vif_type'], 'ovs')
})

test('a port with guaranteed bandwidth takes its new provider along, except live, where the conductor has done it', async () => {
  const { instance, networks, ctx, port, change } = await prepared()
  change({ resource_request: { resources: { NET_BW: 1 } } })
  await assert.rejects(networks.migrateInstanceFinish(ctx, instance, destination), isKind('PortUpdateFailed'))
  assert.equal(port()['binding:host_id'], source)
  await networks.migrateInstanceFinish(ctx, instance, destination, { providerMappings: { [port().id]: ['rp2'] } })
  assert.deepEqual(port()['binding:profile'], { allocation: 'rp2' })
  await networks.migrateInstanceFinish(ctx, instance, source, { live: true })
  assert.deepEqual(port()['binding:profile'], { allocation: 'rp2' })
})

test('a port that is a device of the host cannot follow', async () => {
  const { instance, networks, ctx, change } = await prepared()
  change({ 'binding:vnic_type': 'direct', 'binding:profile': { pci_slot: '0000:81:00.1' } })
  await assert.rejects(networks.migrateInstanceFinish(ctx, instance, destination), isKind('PortUpdateFailed'))
})

test('all ports are bound to a further host or none', async () => {
  const { fixture, instance, networks, ctx } = await prepared(3)
  fixture.neutron.calls.before('createPortBinding', () => {})
  fixture.neutron.calls.fail('createPortBinding', 500)
  await assert.rejects(networks.bindPortsToHost(ctx, instance, destination), isKind('PortBindingFailed'))
  for (const bindings of fixture.neutron.bindings.values()) assert.equal(bindings.length, 1)
})

test('a further binding has the kind and the profile that are asked for, or those of the cache', async () => {
  const { instance, networks, ctx, port } = await prepared(2)
  const { id } = port()
  const bindings = await networks.bindPortsToHost(ctx, instance, destination, {
    vnicTypes: { [id]: 'direct' },
    profiles: { [id]: { pci_slot: 'x' } },
  })
  const [first, second] = [...bindings.values()].sort((a) => (a.vnic_type === 'direct' ? -1 : 1))
  assert.deepEqual([first?.vnic_type, first?.profile], ['direct', { pci_slot: 'x' }])
  assert.deepEqual([second?.vnic_type, second?.profile], ['normal', {}])
})

test('bindings of a host go without the ports, and those that are gone are fine', async () => {
  const { fixture, instance, networks, ctx, port, hosts } = await prepared()
  await networks.bindPortsToHost(ctx, instance, destination)
  await networks.cleanupInstanceNetworkOnHost(ctx, instance, destination)
  assert.deepEqual(hosts(), [`${source} ACTIVE`])
  await networks.cleanupInstanceNetworkOnHost(ctx, instance, destination)
  await networks.deletePortBinding(ctx, port().id, destination)
  fixture.neutron.calls.fail('deletePortBinding', 500)
  const named = (err: unknown) => isNovaError(err, 'PortBindingDeletionFailed') && err.message.includes(port().id)
  await assert.rejects(networks.cleanupInstanceNetworkOnHost(ctx, instance, destination), named)
})
