import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import type { Instance, NetworkRequestList } from '@micronova/model'
import { FakeBuildAbortDriver, FakeRescheduleDriver } from '@micronova/virt'
import { buildArguments, currentInstance, forever, storedInstance, tablesOf } from '../../test/support/compute-fixture.js'
import { cachedVifs, type NeutronFixture, neutronFixture, projectId, requests } from '../../test/support/neutron-fixture.js'
import { runOperation } from '../run-operation.js'
import { buildAndRunInstance } from './index.js'

const deps = { log: nullLogger }

async function build(fixture: NeutronFixture, networks: NetworkRequestList): Promise<Instance> {
  const instance = await storedInstance(fixture, { hostname: 'vm1', availability_zone: 'nova', project_id: projectId })
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'create')
  const args = await buildArguments(fixture, instance, { requested_networks: networks })
  await runOperation(fixture.parts, buildAndRunInstance, fixture.userCtx, args, forever)
  return currentInstance(fixture, instance.uuid)
}

const fault = ({ stores }: NeutronFixture) => String(tablesOf(stores).faults.find(() => true)?.message)
const isRescheduled = ({ sent }: NeutronFixture) => sent.some(({ method }) => method === 'build_instances')

async function given(fixture: NeutronFixture, network_id: string) {
  const port = await fixture.neutron.createPort(fixture.ctx, { network_id, tenant_id: projectId }, { auth: 'admin' })
  fixture.neutron.calls.log.length = 0
  return port
}

test('a build ends with its ports bound to this host, and the guest has them', async () => {
  const fixture = neutronFixture()
  const network = fixture.neutron.addNetwork()
  const instance = await build(fixture, requests({ network_id: network.id }))
  assert.equal(instance.vm_state, 'active')
  const [port] = fixture.neutron.ports.values()
  assert.deepEqual([port?.device_id, port?.device_owner, port?.['binding:host_id']], [instance.uuid, 'compute:nova', 'compute1'])
  assert.equal((await cachedVifs(fixture, instance))[0]?.id, port?.id)
})

for (const [what, driver] of [
  ['is aborted', new FakeBuildAbortDriver(deps)],
  ['goes to another host', new FakeRescheduleDriver(deps)],
] as const) {
  test(`a build that ${what} deletes the ports that it made, and frees the one that was there`, async () => {
    const fixture = neutronFixture({ driver })
    const network = fixture.neutron.addNetwork()
    const port = await given(fixture, network.id)
    const instance = await build(fixture, requests({ port_id: port.id }, { network_id: network.id }))
    assert.notEqual(instance.vm_state, 'active')
    const left = [...fixture.neutron.ports.values()]
    assert.deepEqual(
      left.map(({ id, device_id }) => [id, device_id]),
      [[port.id, '']],
    )
    assert.deepEqual(await cachedVifs(fixture, instance), [])
    assert.deepEqual(await fixture.stores.virtualInterfaces.listByInstanceUuid(fixture.ctx, instance.uuid), [])
  })
}

test('a quota that is used up may be another elsewhere: the build goes there', async () => {
  const fixture = neutronFixture()
  const network = fixture.neutron.addNetwork()
  fixture.neutron.portQuota = 0
  const instance = await build(fixture, requests({ network_id: network.id }))
  assert.deepEqual([instance.vm_state, instance.task_state, instance.host], ['building', 'scheduling', null])
  assert.ok(isRescheduled(fixture))
})

test('a port that is deleted under the build sends it to another host', async () => {
  const fixture = neutronFixture()
  const network = fixture.neutron.addNetwork()
  const port = await given(fixture, network.id)
  fixture.neutron.calls.before('updatePort', () => {
    fixture.neutron.ports.delete(port.id)
  })
  await build(fixture, requests({ port_id: port.id }))
  assert.ok(isRescheduled(fixture))
})

interface Final {
  readonly why: string
  prepare(fixture: NeutronFixture): void
  readonly says: RegExp
}
const finals: readonly Final[] = [
  {
    why: 'has no address left',
    prepare: ({ neutron }) => neutron.calls.fail('createPort', 409, 'IpAddressGenerationFailure'),
    says: /Failed to allocate the network\(s\) with error No fixed IP addresses available for network: .*, not rescheduling/,
  },
  {
    why: 'is outside',
    prepare: ({ neutron }) => {
      for (const [id, network] of neutron.networks) neutron.networks.set(id, { ...network, shared: false, 'router:external': true })
    },
    says: /Failed to allocate the network\(s\), not rescheduling/,
  },
  {
    why: 'is on a segment that this host does not have',
    prepare: ({ neutron }) => neutron.calls.fail('updatePort', 409, 'HostNotCompatibleWithFixedIps'),
    says: /Failed to allocate the network\(s\), not rescheduling/,
  },
]
for (const { why, prepare, says } of finals) {
  test(`a network that ${why} ends the build in ERROR with a fault, as no other host would do better`, async () => {
    const fixture = neutronFixture()
    const network = fixture.neutron.addNetwork()
    prepare(fixture)
    const instance = await build(fixture, requests({ network_id: network.id }))
    assert.equal(instance.vm_state, 'error')
    assert.ok(!isRescheduled(fixture))
    assert.match(fault(fixture), says)
    assert.equal(fixture.neutron.ports.size, 0)
  })
}

test('a build that waits for Neutron holds up no other', async () => {
  const fixture = neutronFixture()
  const [slow, quick] = [fixture.neutron.addNetwork(), fixture.neutron.addNetwork()]
  let answer = () => {}
  fixture.neutron.calls.before('createPort', () => new Promise<void>((resolve) => (answer = resolve)))
  const waiting = build(fixture, requests({ network_id: slow.id }))
  const asked = new Promise<void>((resolve) => {
    const look = () => (fixture.neutron.calls.methods.includes('createPort') ? resolve() : setImmediate(look))
    look()
  })
  await asked
  assert.equal((await build(fixture, requests({ network_id: quick.id }))).vm_state, 'active')
  answer()
  assert.equal((await waiting).vm_state, 'active')
})
