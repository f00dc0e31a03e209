import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { machineSkip } from '@micronova/testing'
import {
  OsVif,
  OvsPlugin,
  type OvsSettings,
  VIFBridge,
  VIFHostDevice,
  VIFPortProfile8021Qbh,
  VIFVHostUser,
  VifError,
} from '../../src/index.js'
import { ovsContext } from '../../src/privileged/index.js'
import { hybridVif, instance, ovsVif, portId, short } from '../support/builders.js'
import { TestHost } from '../support/host.js'

const skip = machineSkip('namespaces', 'openvswitch')
const names = { bridge: `qbr${short}`, inner: `qvb${short}`, outer: `qvo${short}` }

async function open(t: ConstructorParameters<typeof TestHost>[0], settings: Partial<OvsSettings> = {}) {
  const host = new TestHost(t)
  const switchd = await host.startOpenVSwitch()
  const { privileged } = host.privileged(ovsContext)
  const plugin = new OvsPlugin(
    { privileged },
    {
      network_device_mtu: 1500,
      ovs_vsctl_timeout: 20,
      ovsdb_connection: switchd.connection,
      isolate_vif: false,
      per_port_bridge: false,
      ...settings,
    },
  )
  return { host, osVif: new OsVif({ log: nullLogger, plugins: [plugin] }), vsctl: switchd.vsctl }
}

test('a hybrid plug joins a Linux bridge of the interface and Open vSwitch by a cable, and may be repeated', { skip }, async (t) => {
  const { host, osVif, vsctl } = await open(t)
  for (const mtu of [1450, 1400]) {
    await osVif.plug(hybridVif({ mtu }), instance)
    assert.equal(host.link(names.bridge)?.linkinfo?.info_data?.['ageing_time'], 0)
    assert.equal(host.link(names.inner)?.master, names.bridge)
    for (const name of [names.inner, names.outer]) {
      const { mtu: found, flags } = host.link(name)!
      assert.deepEqual([found, flags.includes('UP'), flags.includes('PROMISC')], [mtu, true, true], name)
    }
    assert.equal(vsctl('list-ports', 'br-int'), names.outer)
    const id = (key: string) => vsctl('get', 'Interface', names.outer, `external_ids:${key}`).replaceAll('"', '')
    assert.deepEqual(['iface-id', 'iface-status', 'attached-mac', 'vm-uuid'].map(id), [
      portId,
      'active',
      'fa:16:3e:00:00:01',
      instance.uuid,
    ])
    assert.equal(vsctl('get', 'Bridge', 'br-int', 'datapath_type'), 'netdev')
    assert.equal(vsctl('get', 'Interface', names.outer, 'error'), '[]')
  }
  for (let round = 0; round < 2; round++) {
    await osVif.unplug(hybridVif(), instance)
    assert.equal(vsctl('list-ports', 'br-int'), '')
    for (const name of Object.values(names)) assert.equal(host.link(name), undefined, name)
  }
})

test('a hybrid plug that was cut short is made whole by the next', { skip }, async (t) => {
  const { host, osVif, vsctl } = await open(t)
  host.run('ip', 'link', 'add', names.inner, 'type', 'veth', 'peer', 'name', names.outer)
  await osVif.plug(hybridVif(), instance)
  assert.equal(host.link(names.inner)?.master, names.bridge)
  assert.equal(vsctl('port-to-br', names.outer), 'br-int')
})

test('isolate_vif puts a new port into VLAN 4095 and leaves the VLAN that the agent has given it since', { skip }, async (t) => {
  const { osVif, vsctl } = await open(t, { isolate_vif: true })
  await osVif.plug(hybridVif(), instance)
  assert.equal(vsctl('get', 'Port', names.outer, 'tag'), '4095')
  vsctl('set', 'Port', names.outer, 'tag=7')
  await osVif.plug(hybridVif(), instance)
  assert.equal(vsctl('get', 'Port', names.outer, 'tag'), '7')
})

test('a straight plug makes the integration bridge, and the port only where the profile asks for it', { skip }, async (t) => {
  const { host, osVif, vsctl } = await open(t)
  await osVif.plug(ovsVif(), instance)
  assert.equal(vsctl('list-br'), 'br-int')
  assert.equal(vsctl('list-ports', 'br-int'), '')
  host.run('ip', 'tuntap', 'add', `tap${short}`, 'mode', 'tap')
  const created = ovsVif({ mtu: 1300 }, { create_port: true })
  for (let round = 0; round < 2; round++) await osVif.plug(created, instance)
  assert.equal(vsctl('list-ports', 'br-int'), `tap${short}`)
  assert.equal(vsctl('get', 'Interface', `tap${short}`, 'external_ids:iface-id'), `"${portId}"`)
  assert.equal(host.link(`tap${short}`)?.mtu, 1300)
  for (let round = 0; round < 2; round++) await osVif.unplug(created, instance)
  assert.equal(vsctl('list-ports', 'br-int'), '')
  assert.equal(host.link(`tap${short}`), undefined)
})

test('an interface that was plugged the hybrid way is unplugged so after its network has changed its ways', { skip }, async (t) => {
  const { host, osVif, vsctl } = await open(t)
  await osVif.plug(hybridVif(), instance)
  await osVif.unplug(ovsVif(), instance)
  assert.equal(vsctl('list-ports', 'br-int'), '')
  for (const name of Object.values(names)) assert.equal(host.link(name), undefined, name)
})

test('with per_port_bridge each port has a bridge of its own and a patch to the integration bridge', { skip }, async (t) => {
  const { osVif, vsctl } = await open(t, { per_port_bridge: true, isolate_vif: true })
  const [bridge, patch, integration] = [`pb${portId}`.slice(0, 14), `pbp${portId}`, `ibp${portId}`]
  for (let round = 0; round < 2; round++) await osVif.plug(ovsVif(), instance)
  assert.deepEqual(vsctl('list-br').split('\n').sort(), ['br-int', bridge].sort())
  assert.equal(vsctl('list-ports', 'br-int'), integration)
  assert.deepEqual(vsctl('list-ports', bridge).split('\n').sort(), [patch, `tap${short}`].sort())
  assert.equal(vsctl('get', 'Interface', integration, 'options:peer'), patch)
  assert.equal(vsctl('get', 'Interface', patch, 'options:peer'), integration)
  assert.equal(vsctl('get', 'Interface', integration, 'external_ids:iface-id'), `"${portId}"`)
  assert.equal(vsctl('get', 'Interface', `tap${short}`, 'external_ids'), '{}')
  assert.equal(vsctl('get', 'Port', integration, 'tag'), '4095')
  for (let round = 0; round < 2; round++) await osVif.unplug(ovsVif(), instance)
  assert.equal(vsctl('list-br'), 'br-int')
  assert.equal(vsctl('list-ports', 'br-int'), '')
})

test('the bridge of a trunk goes with its last port', { skip }, async (t) => {
  const { osVif, vsctl } = await open(t)
  const vif = ovsVif({ bridge: 'tbr-1' }, { create_port: true })
  await osVif.plug(vif, instance)
  assert.equal(vsctl('list-br'), 'tbr-1')
  await osVif.unplug(vif, instance)
  assert.equal(vsctl('list-br'), '')
})

test('a database that does not answer fails the plug in a sentence', { skip: machineSkip('namespaces', 'openvswitch') }, async (t) => {
  const host = new TestHost(t)
  const { privileged } = host.privileged(ovsContext)
  const settings = {
    network_device_mtu: 1500,
    ovs_vsctl_timeout: 1,
    ovsdb_connection: 'unix:/nonexistent/db.sock',
    isolate_vif: false,
    per_port_bridge: false,
  }
  const osVif = new OsVif({ log: nullLogger, plugins: [new OvsPlugin({ privileged }, settings)] })
  await assert.rejects(osVif.plug(ovsVif(), instance), (err) => {
    assert.ok(err instanceof VifError && err.code === 'plug_failed')
    assert.match(err.message, /^Failed to plug VIF VIFOpenVSwitch\(id=.*\)\. Got error: ovsdb\.ensureBridge failed: ovs-vsctl .*db\.sock/)
    return true
  })
})

test('an interface that is not for Open vSwitch is refused before anything is done', async () => {
  const privileged = new Proxy({} as ConstructorParameters<typeof OvsPlugin>[0]['privileged'], { get: () => assert.fail('called') })
  const settings = {
    network_device_mtu: 1500,
    ovs_vsctl_timeout: 1,
    ovsdb_connection: 'tcp:127.0.0.1:1',
    isolate_vif: false,
    per_port_bridge: false,
  }
  const plugin = new OvsPlugin({ privileged }, settings)
  const withCode = (code: string) => (err: unknown) => err instanceof VifError && err.code === code
  await assert.rejects(plugin.plug(new VIFBridge({ id: portId, bridge_name: 'b' }), instance), withCode('missing_port_profile'))
  const wrong = new VIFBridge({ id: portId, bridge_name: 'b', port_profile: new VIFPortProfile8021Qbh({ profile_id: 'p' }) })
  await assert.rejects(plugin.plug(wrong, instance), withCode('wrong_port_profile'))
  await assert.rejects(plugin.plug(ovsVif({}, { datapath_type: 'fast' }), instance), withCode('unsupported_vif'))
})

test('a socket in user space becomes a port of the type and path that its mode asks for', async () => {
  const { calls, plugin } = recording()
  const { network, address, port_profile } = ovsVif({}, { datapath_type: null })
  const vif = (mode: 'client' | 'server') =>
    new VIFVHostUser({ id: portId, network, address, port_profile, plugin: 'ovs', mode, path: '/run/vhost/x' })
  await plugin.plug(vif('server'), instance)
  const port = { connection: 'tcp:127.0.0.1:1', timeoutSeconds: 5, port: `vhu${short}` }
  const owner = { interfaceId: portId, address: 'fa:16:3e:00:00:01', instanceUuid: instance.uuid }
  const server = { type: 'dpdkvhostuserclient', vhostServerPath: '/run/vhost/x', datapathType: 'netdev' }
  assert.deepEqual(calls, [
    ['ovsdb.addPort', { ...port, bridge: 'br-int', ...owner, ...server }],
    ['ovsdb.requestMtu', { ...port, mtu: 1500 }],
  ])
  calls.length = 0
  await plugin.plug(vif('client'), instance)
  assert.deepEqual(calls[0], ['ovsdb.addPort', { ...port, bridge: 'br-int', ...owner, type: 'dpdkvhostuser', datapathType: 'netdev' }])
})

/** A plug whose privileged functions are written down in place of being run. */
function recording() {
  const calls: unknown[] = []
  const module = (module: string) =>
    new Proxy({}, { get: (_, name) => async (args: unknown) => void calls.push([`${module}.${String(name)}`, args]) })
  const privileged = { ovsdb: module('ovsdb'), links: module('links') } as unknown as ConstructorParameters<
    typeof OvsPlugin
  >[0]['privileged']
  const representors = { representorOf: () => 'eth0_3', vfNumber: () => 3, pfAddress: () => '0000:03:00.0' }
  const settings = {
    network_device_mtu: 1500,
    ovs_vsctl_timeout: 5,
    ovsdb_connection: 'tcp:127.0.0.1:1',
    isolate_vif: false,
    per_port_bridge: false,
  }
  return { calls, plugin: new OvsPlugin({ privileged, representors }, settings) }
}

for (const datapath of ['system', 'netdev'] as const)
  test(`a function of a network card has its representor on the bridge (${datapath})`, async () => {
    const { calls, plugin } = recording()
    const { network, address, port_profile } = ovsVif({ mtu: 1400 }, { datapath_type: datapath })
    const vif = new VIFHostDevice({
      id: portId,
      network,
      address,
      port_profile,
      plugin: 'ovs',
      dev_address: '0000:03:01.3',
      dev_type: 'ethernet',
    })
    const database = { connection: 'tcp:127.0.0.1:1', timeoutSeconds: 5 }
    const owner = { interfaceId: portId, address: 'fa:16:3e:00:00:01', instanceUuid: instance.uuid }
    const isKernels = datapath === 'system'
    const port = isKernels ? 'eth0_3' : `vfr${short}`
    const dpdk = isKernels ? {} : { type: 'dpdk', dpdkDevargs: '0000:03:00.0,representor=[3]' }
    const state = (to: string) => (isKernels ? [['links.setState', { device: port, state: to }]] : [])
    await plugin.plug(vif, instance)
    assert.deepEqual(calls.splice(0), [
      ['ovsdb.ensureBridge', { ...database, bridge: 'br-int', datapathType: datapath }],
      ...state('up'),
      ['ovsdb.addPort', { ...database, bridge: 'br-int', port, ...owner, ...dpdk }],
      ['links.setMtu', { device: port, mtu: 1400 }],
    ])
    await plugin.unplug(vif, instance)
    assert.deepEqual(calls, [['ovsdb.removePort', { ...database, bridge: 'br-int', port }], ...state('down')])
  })
