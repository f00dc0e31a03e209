import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Port, PortBody } from '@micronova/clients'
import { isNovaError, type NovaErrorKind } from '@micronova/model'
import { readFixtureLines } from '@micronova/testing'
import { nextUuid } from '../../../test/support/compute-fixture.js'
import {
  allocate,
  cachedVifs,
  instanceOnHost,
  type NeutronFixture,
  neutronFixture,
  projectId,
  requests,
} from '../../../test/support/neutron-fixture.js'

const isKind = (kind: NovaErrorKind) => (err: unknown) => isNovaError(err, kind)
const writes = ({ neutron }: NeutronFixture) => neutron.calls.log.filter(({ method }) => /^(create|update|delete)/.test(method))

/** A port that the user has made, on `networkId`. */
async function madePort({ neutron, userCtx }: NeutronFixture, networkId: string, body: PortBody = {}): Promise<Port> {
  const port = await neutron.createPort(userCtx, { network_id: networkId, tenant_id: projectId, ...body }, { auth: 'admin' })
  neutron.calls.log.length = 0
  return port
}

interface RecordedRequest {
  readonly service: string
  readonly sender: string
  readonly method: string
  readonly path: string
  readonly request_body: { readonly port: PortBody }
}

/** What a Python nova-compute wrote to Neutron: bodies of new ports, and of changes. */
function recordedWrites(recording: string) {
  const lines = readFixtureLines(recording).map((line) => JSON.parse(line) as RecordedRequest)
  const own = lines.filter(({ service, sender, method }) => service === 'neutron' && sender === 'nova-compute' && method !== 'GET')
  return own.map(({ method, request_body }) => ({ method, body: request_body.port }))
}

/** The same of ours, with the ids of the recording. */
function ownWrites(fixture: NeutronFixture, ids: Readonly<Record<string, string>>) {
  const bodies = writes(fixture).map(({ method, args }) =>
    method === 'createPort' ? { method: 'POST', body: args[0] } : { method: 'PUT', body: args[1] },
  )
  const text = Object.entries(ids).reduce((known, [own, recorded]) => known.replaceAll(own, recorded), JSON.stringify(bodies))
  return JSON.parse(text)
}

const recordedNetwork = '41a80805-e88a-406c-bd3b-484a882f0439'

test('a boot on a network writes to Neutron what a Python nova-compute writes', async () => {
  const fixture = neutronFixture()
  fixture.neutron.addNetwork({ id: recordedNetwork })
  const instance = await instanceOnHost(fixture)
  await allocate(fixture, instance, requests({ network_id: recordedNetwork }))
  const [post] = recordedWrites('rest/03-boot-port.jsonl')
  const ids = { [instance.uuid]: String(post?.body.device_id), [projectId]: String(post?.body.tenant_id) }
  assert.deepEqual(ownWrites(fixture, ids), recordedWrites('rest/03-boot-port.jsonl'))
})

test('a boot on a port that was there and on a network writes what a Python nova-compute writes', async () => {
  const fixture = neutronFixture()
  fixture.neutron.addNetwork({ id: recordedNetwork })
  const port = await madePort(fixture, recordedNetwork)
  const instance = await instanceOnHost(fixture)
  await allocate(fixture, instance, requests({ port_id: port.id, tag: 'nic1' }, { network_id: recordedNetwork }))
  const recorded = recordedWrites('rest/09-boot-two-ports-and-metadata.jsonl')
  const ids = { [instance.uuid]: String(recorded[0]?.body.device_id), [projectId]: String(recorded[0]?.body.tenant_id) }
  assert.deepEqual(ownWrites(fixture, ids), recorded)
})

test('a boot with one port asks for the network, its subnets and DHCP, makes, binds and reads the port, and nothing more', async () => {
  const fixture = neutronFixture()
  const { id } = fixture.neutron.addNetwork()
  await allocate(fixture, await instanceOnHost(fixture), requests({ network_id: id }))
  assert.deepEqual([...fixture.neutron.calls.methods].sort(), [
    'createPort',
    'extensions',
    'listNetworks',
    'listPorts',
    'listPorts',
    'listSubnets',
    'updatePort',
  ])
})

test('several ports need one request each to be made and to be bound; the reads stay the same', async () => {
  const fixture = neutronFixture()
  const ids = [1, 2, 3].map(() => fixture.neutron.addNetwork().id)
  await allocate(fixture, await instanceOnHost(fixture), requests(...ids.map((network_id) => ({ network_id }))))
  assert.equal(fixture.neutron.calls.methods.length, 7 + 2 * 2)
})

test('interfaces come in the order in which they were asked for, with their rows, tags and cache', async () => {
  const fixture = neutronFixture()
  const [first, second] = [fixture.neutron.addNetwork({ name: 'a' }), fixture.neutron.addNetwork({ name: 'b' })]
  const port = await madePort(fixture, second.id)
  const instance = await instanceOnHost(fixture)
  const vifs = await allocate(fixture, instance, requests({ network_id: first.id, tag: 'one' }, { port_id: port.id, tag: 'two' }))
  assert.deepEqual(
    vifs.map(({ network, preserve_on_delete }) => [network?.label, preserve_on_delete]),
    [
      ['a', false],
      ['b', true],
    ],
  )
  const rows = await fixture.stores.virtualInterfaces.listByInstanceUuid(fixture.ctx, instance.uuid)
  assert.deepEqual(
    rows.map(({ address, uuid, tag }) => [address, uuid, tag]),
    vifs.map(({ address, id }, i) => [address, id, i === 0 ? 'one' : 'two']),
  )
  assert.deepEqual(await cachedVifs(fixture, instance), vifs)
})

test('nothing is read from the conductor for a boot, and each interface and the cache are written once', async () => {
  const fixture = neutronFixture()
  const { id } = fixture.neutron.addNetwork()
  const instance = await instanceOnHost(fixture)
  await allocate(fixture, instance, requests({ network_id: id }))
  assert.deepEqual(
    fixture.calls.map(({ method }) => method),
    ['virtualInterfaces.create', 'infoCaches.save'],
  )
})

test('a fixed address and security groups go into the new port', async () => {
  const fixture = neutronFixture()
  const { id } = fixture.neutron.addNetwork()
  const web = fixture.neutron.addSecurityGroup('web', projectId)
  const [vif] = await allocate(fixture, await instanceOnHost(fixture), requests({ network_id: id, address: '10.0.0.77' }), ['web'])
  assert.equal(vif?.network?.subnets[0]?.ips[0]?.address, '10.0.0.77')
  assert.deepEqual(fixture.neutron.ports.get(vif?.id ?? '')?.security_groups, [web.id])
})

test('a subnet that is made while the port is made is found', async () => {
  const fixture = neutronFixture()
  const { id } = fixture.neutron.addNetwork()
  const other = fixture.neutron.addNetwork({}, ['10.9.0.0/24'])
  const later = fixture.neutron.subnets.get(other.subnets?.[0] ?? '')
  assert.ok(later)
  fixture.neutron.calls.before('updatePort', () => {
    fixture.neutron.subnets.set(later.id, { ...later, network_id: id })
    const [port] = fixture.neutron.ports.values()
    assert.ok(port)
    fixture.neutron.ports.set(port.id, { ...port, fixed_ips: [{ subnet_id: later.id, ip_address: '10.9.0.5' }] })
  })
  const [vif] = await allocate(fixture, await instanceOnHost(fixture), requests({ network_id: id }))
  assert.equal(vif?.network?.subnets[0]?.ips[0]?.address, '10.9.0.5')
})

test('floating addresses of a port that was there are known', async () => {
  const fixture = neutronFixture()
  const { id } = fixture.neutron.addNetwork()
  const port = await madePort(fixture, id)
  const fixed = port.fixed_ips[0]?.ip_address ?? ''
  const floating = {
    id: nextUuid(),
    floating_ip_address: '203.0.113.9',
    fixed_ip_address: fixed,
    port_id: port.id,
    floating_network_id: id,
  }
  fixture.neutron.floatingIps.set(floating.id, floating)
  const [vif] = await allocate(fixture, await instanceOnHost(fixture), requests({ port_id: port.id }))
  assert.equal(vif?.network?.subnets[0]?.ips[0]?.floating_ips[0]?.address, '203.0.113.9')
})

test('whoever names no network gets the only one that the project can use', async () => {
  const fixture = neutronFixture()
  fixture.neutron.addNetwork({ tenant_id: 'other', shared: false })
  const own = fixture.neutron.addNetwork({ tenant_id: projectId, shared: false })
  for (const wanted of [null, requests(), requests({ network_id: 'auto' })]) {
    const [vif, ...more] = await allocate(fixture, await instanceOnHost(fixture), wanted)
    assert.equal(vif?.network?.id, own.id)
    assert.deepEqual(more, [])
  }
})

test('whoever names no network where there is none gets none, or one that is made, or an error', async () => {
  const fixture = neutronFixture()
  const instance = await instanceOnHost(fixture)
  assert.deepEqual(await allocate(fixture, instance, null), [])
  await assert.rejects(allocate(fixture, instance, requests({})), isKind('InterfaceAttachFailedNoNetwork'))
  const [vif] = await allocate(fixture, instance, requests({ network_id: 'auto' }))
  assert.equal(vif?.network?.label, 'auto_allocated_network')
})

test('a network that cannot be made is an error', async () => {
  const fixture = neutronFixture()
  fixture.neutron.calls.fail('autoAllocatedNetwork', 409)
  const boot = allocate(fixture, await instanceOnHost(fixture), requests({ network_id: 'auto' }))
  await assert.rejects(boot, isKind('UnableToAutoAllocateNetwork'))
})

test('two networks to choose from are one too many', async () => {
  const fixture = neutronFixture()
  fixture.neutron.addNetwork()
  fixture.neutron.addNetwork()
  await assert.rejects(allocate(fixture, await instanceOnHost(fixture), null), isKind('NetworkAmbiguous'))
})

test('whoever wants no network asks Neutron nothing', async () => {
  const fixture = neutronFixture()
  assert.deepEqual(await allocate(fixture, await instanceOnHost(fixture), requests({ network_id: 'none' })), [])
  assert.deepEqual(fixture.neutron.calls.methods, [])
})

const refusedPorts: readonly (readonly [why: string, changes: Partial<Port>, kind: NovaErrorKind])[] = [
  ['belongs to another project', { tenant_id: 'other' }, 'PortNotUsable'],
  ['is used by another instance', { device_id: nextUuid() }, 'PortInUse'],
  ['has another name in the DNS', { dns_name: 'elsewhere' }, 'PortNotUsableDNS'],
  ['could not be bound before', { 'binding:vif_type': 'binding_failed' }, 'PortBindingFailed'],
]
for (const [why, changes, kind] of refusedPorts) {
  test(`a port that ${why} is ${kind}, and stays as it is`, async () => {
    const fixture = neutronFixture()
    const { id } = fixture.neutron.addNetwork()
    const port = await madePort(fixture, id)
    const refused = { ...port, ...changes }
    fixture.neutron.ports.set(port.id, refused)
    const instance = await instanceOnHost(fixture)
    await assert.rejects(allocate(fixture, instance, requests({ port_id: port.id }, { network_id: id })), isKind(kind))
    assert.deepEqual([...fixture.neutron.ports.values()], [refused])
    // Giving up a build must not take the port from whoever has it.
    await fixture.networks.deallocate(fixture.userCtx, instance, requests({ port_id: port.id }))
    assert.deepEqual([...fixture.neutron.ports.values()], [refused])
  })
}

test('what is not there is an error that names it', async () => {
  const fixture = neutronFixture()
  const instance = await instanceOnHost(fixture)
  const { id } = fixture.neutron.addNetwork()
  await assert.rejects(allocate(fixture, instance, requests({ port_id: nextUuid() })), isKind('PortNotFound'))
  await assert.rejects(allocate(fixture, instance, requests({ network_id: nextUuid() })), isKind('NetworkNotFound'))
  await assert.rejects(allocate(fixture, instance, requests({ network_id: id }), ['nobody']), isKind('SecurityGroupNotFound'))
})

test('two security groups of one name are one too many', async () => {
  const fixture = neutronFixture()
  const { id } = fixture.neutron.addNetwork()
  for (const name of ['web', 'web']) fixture.neutron.addSecurityGroup(name, projectId)
  await assert.rejects(allocate(fixture, await instanceOnHost(fixture), requests({ network_id: id }), ['web']), isKind('NoUniqueMatch'))
})

test('security groups need a subnet and port security', async () => {
  const fixture = neutronFixture()
  const instance = await instanceOnHost(fixture)
  const bare = fixture.neutron.addNetwork({ subnets: [] }, [])
  const open = fixture.neutron.addNetwork({ port_security_enabled: false })
  fixture.neutron.addSecurityGroup('web', projectId)
  await assert.rejects(allocate(fixture, instance, requests({ network_id: bare.id })), isKind('SecurityGroupCannotBeApplied'))
  await assert.rejects(allocate(fixture, instance, requests({ network_id: open.id }), ['web']), isKind('SecurityGroupCannotBeApplied'))
  assert.equal((await allocate(fixture, instance, requests({ network_id: open.id }))).length, 1)
})

test('a network outside is for administrators, unless it is shared', async () => {
  const fixture = neutronFixture()
  const instance = await instanceOnHost(fixture)
  const { id } = fixture.neutron.addNetwork({ 'router:external': true, shared: false })
  const wanted = requests({ network_id: id })
  await assert.rejects(allocate(fixture, instance, wanted), isKind('ExternalNetworkAttachForbidden'))
  const asAdmin = { ...fixture, userCtx: fixture.ctx }
  assert.equal((await allocate(asAdmin, instance, wanted)).length, 1)
  // Shared with this project alone: an administrator does not see that it is shared.
  fixture.neutron.calls.before('listNetworks', () => {})
  fixture.neutron.calls.before('listNetworks', () => {
    fixture.neutron.networks.set(id, { ...fixture.neutron.networks.get(id), id, name: 'ext', shared: true })
  })
  assert.equal((await allocate(fixture, instance, wanted)).length, 1)
})

interface Refusal {
  readonly serviceCode: string
  readonly status: number | 'over_quota'
  readonly method: 'createPort' | 'updatePort'
  readonly kind: NovaErrorKind
}
const refusals: readonly Refusal[] = [
  { method: 'createPort', status: 'over_quota', serviceCode: 'OverQuota', kind: 'PortLimitExceeded' },
  { method: 'createPort', status: 409, serviceCode: 'IpAddressGenerationFailure', kind: 'NoMoreFixedIps' },
  { method: 'createPort', status: 409, serviceCode: 'IpAddressAlreadyAllocated', kind: 'FixedIpAlreadyInUse' },
  { method: 'createPort', status: 409, serviceCode: 'IpAddressInUse', kind: 'FixedIpAlreadyInUse' },
  { method: 'createPort', status: 400, serviceCode: 'InvalidIpForNetwork', kind: 'InvalidInput' },
  { method: 'createPort', status: 404, serviceCode: 'NetworkNotFound', kind: 'NetworkNotFound' },
  { method: 'createPort', status: 401, serviceCode: '', kind: 'Unauthorized' },
  { method: 'createPort', status: 403, serviceCode: 'PolicyNotAuthorized', kind: 'Forbidden' },
  { method: 'createPort', status: 500, serviceCode: '', kind: 'NovaException' },
  { method: 'updatePort', status: 409, serviceCode: 'MacAddressInUse', kind: 'PortInUse' },
  { method: 'updatePort', status: 409, serviceCode: 'HostNotCompatibleWithFixedIps', kind: 'FixedIpInvalidOnHost' },
  { method: 'updatePort', status: 404, serviceCode: 'PortNotFound', kind: 'PortNotFound' },
  { method: 'updatePort', status: 401, serviceCode: '', kind: 'NeutronAdminCredentialConfigurationInvalid' },
]
for (const { method, status, serviceCode, kind } of refusals) {
  test(`Neutron's ${status} ${serviceCode} to ${method} is ${kind}; ports that were made go, ports that were there are freed`, async () => {
    const fixture = neutronFixture()
    const { id } = fixture.neutron.addNetwork()
    const port = await madePort(fixture, id)
    fixture.neutron.calls.before(method, () => {})
    fixture.neutron.calls.fail(method, status, serviceCode)
    const instance = await instanceOnHost(fixture)
    await assert.rejects(allocate(fixture, instance, requests({ port_id: port.id }, { network_id: id }, { network_id: id })), isKind(kind))
    const left = [...fixture.neutron.ports.values()]
    assert.deepEqual(
      left.map(({ id: portId, device_id, device_owner }) => [portId, device_id, device_owner]),
      [[port.id, '', '']],
    )
    assert.equal(left[0]?.['binding:host_id'] ?? '', '')
  })
}

test('a host where nothing can serve the port is PortBindingFailed, and the port goes', async () => {
  const fixture = neutronFixture()
  const { id } = fixture.neutron.addNetwork()
  fixture.neutron.wiring.vifType = () => 'binding_failed'
  await assert.rejects(allocate(fixture, await instanceOnHost(fixture), requests({ network_id: id })), isKind('PortBindingFailed'))
  assert.equal(fixture.neutron.ports.size, 0)
})

test('a port that Neutron made while its answer was lost is found and goes', async () => {
  const fixture = neutronFixture()
  const { id } = fixture.neutron.addNetwork()
  const instance = await instanceOnHost(fixture)
  fixture.neutron.calls.before('createPort', async () => {
    await fixture.neutron.createPort(fixture.ctx, { network_id: id, tenant_id: projectId, device_id: instance.uuid }, { auth: 'admin' })
    throw fixture.neutron.calls.refusal('timeout', 'no answer')
  })
  await assert.rejects(allocate(fixture, instance, requests({ network_id: id })), isKind('NovaException'))
  assert.equal(fixture.neutron.ports.size, 0)
})

test('a network with guaranteed bandwidth needs a port that was made for it', async () => {
  const fixture = neutronFixture()
  const { id } = fixture.neutron.addNetwork()
  fixture.neutron.calls.before('updatePort', () => {})
  const create = fixture.neutron.createPort.bind(fixture.neutron)
  fixture.neutron.createPort = async (...args) => ({ ...(await create(...args)), resource_request: { required: ['CUSTOM_A'] } })
  const boot = allocate(fixture, await instanceOnHost(fixture), requests({ network_id: id }))
  await assert.rejects(boot, isKind('NetworksWithQoSPolicyNotSupported'))
  assert.equal(fixture.neutron.ports.size, 0)
})

test('a port with guaranteed bandwidth is told who provides it, in both forms', async () => {
  for (const [resource_request, alias, mappings, expected] of [
    [{ resources: { NET_BW: 1 } }, 'old', (id: string) => ({ [id]: ['rp1'] }), 'rp1'],
    [{ request_groups: [{ id: 'g1' }] }, 'port-resource-request-groups', () => ({ g1: ['rp2'] }), { g1: 'rp2' }],
  ] as const) {
    const fixture = neutronFixture()
    fixture.neutron.aliases.add(alias)
    const { id } = fixture.neutron.addNetwork()
    const port = await madePort(fixture, id, { 'binding:profile': { trusted: 'true' } })
    fixture.neutron.ports.set(port.id, { ...port, resource_request })
    const wanted = { networks: requests({ port_id: port.id }), securityGroups: [] }
    const instance = await instanceOnHost(fixture)
    const providerMappings = mappings(port.id)
    await fixture.networks.allocate(fixture.userCtx, instance, { ...wanted, providerMappings }).record()
    assert.deepEqual(fixture.neutron.ports.get(port.id)?.['binding:profile'], { trusted: 'true', allocation: expected })
    await fixture.networks.deallocate(fixture.userCtx, instance)
    assert.deepEqual(fixture.neutron.ports.get(port.id)?.['binding:profile'], { trusted: 'true' })
    const unknown = fixture.networks.allocate(fixture.userCtx, await instanceOnHost(fixture), wanted).record()
    await assert.rejects(unknown, isKind('PortUpdateFailed'))
  }
})

test('a name goes into the DNS with the port, or with the rights of the user where the network has a domain of its own', async () => {
  const fixture = neutronFixture()
  fixture.neutron.aliases.add('dns-integration')
  const [internal, external] = [fixture.neutron.addNetwork(), fixture.neutron.addNetwork({ dns_domain: 'example.org.' })]
  const port = await madePort(fixture, external.id)
  const instance = await instanceOnHost(fixture)
  const wanted = requests({ network_id: internal.id }, { port_id: port.id })
  const [vif] = await allocate(fixture, instance, wanted)
  assert.equal(fixture.neutron.ports.get(vif?.id ?? '')?.dns_name, 'vm1')
  assert.equal(fixture.neutron.ports.get(port.id)?.dns_name, 'vm1')
  const naming = writes(fixture).filter(({ args }) => args[0] === port.id)
  assert.deepEqual(
    naming.map(({ args }) => [Object.hasOwn(args[1] as object, 'dns_name'), (args[2] as { auth: string }).auth]),
    [
      [false, 'admin'],
      [true, 'user'],
    ],
  )
  await fixture.networks.deallocate(fixture.userCtx, instance)
  assert.equal(fixture.neutron.ports.get(port.id)?.dns_name, '')
})

test('an allocation that fails is tried again as often as configured', async () => {
  const fixture = neutronFixture({}, { allocateRetries: 1 })
  const { id } = fixture.neutron.addNetwork()
  for (let i = 0; i < 2; i++) fixture.neutron.calls.fail('createPort', 'over_quota', 'OverQuota')
  const instance = await instanceOnHost(fixture)
  const rejected = assert.rejects(allocate(fixture, instance, requests({ network_id: id })), isKind('PortLimitExceeded'))
  await fixture.clock.advance(1000)
  await rejected
  assert.equal(fixture.neutron.calls.methods.filter((method) => method === 'createPort').length, 2)
})
