import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { novaRegistry } from '@micronova/model'
import { createNovaSerializer } from '@micronova/rpcapi'
import { currentInstance, forever, runningInstance, tablesOf } from '../../test/support/compute-fixture.js'
import { cachedVifs, neutronFixture, projectId } from '../../test/support/neutron-fixture.js'
import { attachInterface } from '../operations/attach-interface.js'
import { runOperation } from '../run-operation.js'
import { recoverWork } from './recover.js'

const serializer = createNovaSerializer({ registry: novaRegistry() })

/** An attach of a port of the user, or on a network, that is cut off before the guest gets the interface. */
async function interrupted(whose: 'user' | 'nova', isInGuest: boolean) {
  const fixture = neutronFixture()
  const { neutron, ctx, stores, parts, networks } = fixture
  const network = neutron.addNetwork()
  const given = await neutron.createPort(ctx, { network_id: network.id, tenant_id: projectId, name: 'mine' }, { auth: 'admin' })
  const instance = await runningInstance(fixture, { project_id: projectId })
  await stores.actions.start(ctx, instance.uuid, 'attach_interface')
  const asked = { network_id: whose === 'nova' ? network.id : null, port_id: whose === 'user' ? given.id : null }
  const message = { instance: serializer.serializeEntity(ctx, instance), requested_ip: null, tag: null, ...asked }
  const context = Object.entries(serializer.serializeContext(ctx)).map(([key, value]) => [`_context_${key}`, value])
  const text = JSON.stringify({ method: 'attach_interface', args: message, version: '6.0', ...Object.fromEntries(context) })
  const request = { networkId: asked.network_id, portId: asked.port_id, address: null, tag: null }
  const vif = await networks.attachInterface(ctx, instance, request)
  if (isInGuest) await parts.driver.interfaceHotplug?.attachInterface(ctx, instance, vif)
  const recover = async () => {
    const finished: number[] = []
    const deps = { parts, serializer, log: nullLogger, finish: (id: number) => void finished.push(id) }
    const instances = [await currentInstance(fixture, instance.uuid)]
    await recoverWork(deps, ctx, [{ kind: 'accepted', id: 1, method: 'attach_interface', text }], instances, forever)
    return finished
  }
  const faults = () =>
    tablesOf(stores)
      .faults.filter(() => true)
      .map(({ message }) => message)
  return { fixture, instance, given, network, vif, recover, faults }
}

test('a port that Nova made for a guest that did not get it is deleted, and the fault says why', async () => {
  const { fixture, instance, given, recover, faults } = await interrupted('nova', false)
  assert.deepEqual(await recover(), [1])
  assert.deepEqual([...fixture.neutron.ports.keys()], [given.id])
  assert.deepEqual(await cachedVifs(fixture, instance), [])
  assert.deepEqual(await fixture.stores.virtualInterfaces.listByInstanceUuid(fixture.ctx, instance.uuid), [])
  assert.match(String(faults()), /restarted during attach_interface/)
})

for (const cache of ['has it', 'was not written'] as const) {
  test(`a port of the user that the guest did not get is free again, where the info cache ${cache}`, async () => {
    const { fixture, instance, given, recover } = await interrupted('user', false)
    if (cache === 'was not written') await fixture.networks.forgetPort(fixture.ctx, instance, given.id)
    assert.deepEqual(await recover(), [1])
    const port = fixture.neutron.ports.get(given.id)
    assert.deepEqual([port?.device_id, port?.device_owner], ['', ''])
    assert.deepEqual(await cachedVifs(fixture, instance), [])
  })
}

test('an interface that the guest has got stays, and counts as attached', async () => {
  const { fixture, instance, vif, recover, faults } = await interrupted('nova', true)
  assert.deepEqual(await recover(), [1])
  assert.deepEqual(
    (await cachedVifs(fixture, instance)).map(({ id }) => id),
    [vif.id],
  )
  assert.ok(fixture.neutron.ports.has(vif.id ?? ''))
  assert.deepEqual(faults(), [])
})

test('what another attach, which came after the message, has given to the guest stays', async () => {
  const { fixture, instance, network, vif, recover } = await interrupted('nova', false)
  await runOperation(
    fixture.parts,
    attachInterface,
    fixture.ctx,
    { instance, network_id: network.id, port_id: null, requested_ip: null, tag: null },
    forever,
  )
  assert.deepEqual(await recover(), [1])
  const [kept, ...others] = await cachedVifs(fixture, instance)
  assert.deepEqual(others, [])
  assert.notEqual(kept?.id, vif.id)
})
