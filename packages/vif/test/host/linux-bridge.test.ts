import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { machineSkip } from '@micronova/testing'
import { LinuxBridgePlugin, type LinuxBridgeSettings, OsVif, VifError } from '../../src/index.js'
import { linuxBridgeContext } from '../../src/privileged/index.js'
import { bridgeVif, instance, ovsVif } from '../support/builders.js'
import { TestHost } from '../support/host.js'

const skip = machineSkip('namespaces')
const defaults: LinuxBridgeSettings = {
  network_device_mtu: 1500,
  flat_interface: null,
  vlan_interface: null,
  forward_bridge_interface: ['all'],
  iptables_drop_action: 'DROP',
}

function open(t: ConstructorParameters<typeof TestHost>[0], settings: Partial<LinuxBridgeSettings> = {}) {
  const host = new TestHost(t)
  const { privileged } = host.privileged(linuxBridgeContext)
  const osVif = new OsVif({ log: nullLogger, plugins: [new LinuxBridgePlugin({ privileged }, { ...defaults, ...settings })] })
  return { host, osVif }
}

test('a bridge is made, kept apart from the network of its instances, and left alone by the next plug', { skip }, async (t) => {
  const { host, osVif } = open(t)
  const vif = bridgeVif({ should_provide_bridge: true, bridge_interface: null })
  await osVif.plug(vif, instance)
  const { linkinfo, flags } = host.link('brq1')!
  assert.equal(linkinfo?.info_kind, 'bridge')
  const { forward_delay, stp_state, mcast_snooping } = linkinfo.info_data!
  assert.deepEqual([forward_delay, stp_state, mcast_snooping], [0, 0, 0])
  assert.ok(flags.includes('UP'))
  const sysctl = (name: string) => host.run('cat', `/proc/sys/net/${name}`).trim()
  assert.equal(sysctl('ipv6/conf/brq1/disable_ipv6'), '1')
  assert.equal(sysctl('ipv4/conf/brq1/arp_ignore'), '1')
  assert.equal(sysctl('ipv4/conf/brq1/arp_announce'), '2')

  host.addDevice('tap9')
  host.run('ip', 'link', 'set', 'tap9', 'master', 'brq1')
  await osVif.plug(vif, instance)
  await osVif.unplug(vif, instance)
  assert.equal(host.link('tap9')?.master, 'brq1')
})

test('the device of the network becomes a port of the bridge, which gets its addresses, routes and MTU', { skip }, async (t) => {
  const { host, osVif } = open(t)
  host.addDevice('eth9')
  host.run('ip', 'addr', 'add', '192.0.2.5/24', 'broadcast', '192.0.2.255', 'dev', 'eth9')
  host.run('ip', 'route', 'add', 'default', 'via', '192.0.2.1', 'dev', 'eth9')
  const vif = bridgeVif({ should_provide_bridge: true, bridge_interface: 'eth9', mtu: 1400 })
  for (let round = 0; round < 2; round++) {
    await osVif.plug(vif, instance)
    assert.deepEqual([host.link('eth9')?.master, host.link('eth9')?.mtu, host.link('brq1')?.mtu], ['brq1', 1400, 1400])
    assert.match(host.run('ip', 'addr', 'show', 'dev', 'brq1'), /inet 192\.0\.2\.5\/24 brd 192\.0\.2\.255 scope global/)
    assert.doesNotMatch(host.run('ip', 'addr', 'show', 'dev', 'eth9'), /inet /)
    assert.match(host.run('ip', 'route', 'show'), /^default via 192\.0\.2\.1 dev brq1/m)
  }
})

test('a network with a VLAN has its device between the bridge and the physical one', {
  skip: machineSkip('namespaces', 'vlan'),
}, async (t) => {
  const { host, osVif } = open(t, { vlan_interface: 'eth9' })
  host.addDevice('eth9')
  host.run('ip', 'link', 'set', 'eth9', 'mtu', '9000')
  const vif = bridgeVif({ should_provide_bridge: true, should_provide_vlan: true, vlan: 42, mtu: 8000 })
  for (let round = 0; round < 2; round++) await osVif.plug(vif, instance)
  const vlan = host.link('vlan42')!
  assert.deepEqual([vlan.linkinfo?.info_kind, vlan.linkinfo?.info_data?.['id'], vlan.master, vlan.mtu], ['vlan', 42, 'brq1', 8000])
  assert.equal(host.link('brq1')?.mtu, 8000)
})

test('where Neutron does not filter, the bridge may forward what the options say, once each', { skip }, async (t) => {
  const { host, osVif } = open(t, { forward_bridge_interface: ['eth9'] })
  const vif = bridgeVif({ should_provide_bridge: true, bridge_interface: null }, { has_traffic_filtering: false })
  for (let round = 0; round < 2; round++) await osVif.plug(vif, instance)
  const rules = host
    .run('iptables-save', '-t', 'filter')
    .split('\n')
    .filter((line) => line.startsWith('-A'))
  assert.deepEqual(rules, [
    '-A FORWARD -j nova-compute-FORWARD',
    '-A nova-compute-FORWARD -i brq1 -o eth9 -j ACCEPT',
    '-A nova-compute-FORWARD -i eth9 -o brq1 -j ACCEPT',
    '-A nova-compute-FORWARD -i brq1 -o brq1 -j ACCEPT',
    '-A nova-compute-FORWARD -i brq1 -j DROP',
    '-A nova-compute-FORWARD -o brq1 -j DROP',
  ])
})

test('the bridge of a network with a VLAN is on a device of that VLAN and forwards nothing', async () => {
  const calls: unknown[] = []
  const record = (name: string, result?: string) => async (args: unknown) => {
    calls.push([name, args])
    return result
  }
  const modules = {
    networkBridges: { ensureVlan: record('ensureVlan', 'vlan42'), ensure: record('ensure') },
    filters: { ensure: record('filter') },
  }
  const privileged = modules as unknown as ConstructorParameters<typeof LinuxBridgePlugin>[0]['privileged']
  const network = { should_provide_bridge: true, should_provide_vlan: true, vlan: 42, bridge_interface: 'eth1' }
  await new LinuxBridgePlugin({ privileged }, defaults).plug(bridgeVif(network))
  assert.deepEqual(calls, [
    ['ensureVlan', { vlan: 42, parent: 'eth1', mtu: 1500 }],
    ['ensure', { bridge: 'brq1', device: 'vlan42', mtu: 1500 }],
    ['filter', { bridge: 'brq1', interfaces: [], dropAction: 'DROP' }],
  ])
  const nowhere = bridgeVif({ ...network, bridge_interface: null })
  await assert.rejects(
    new LinuxBridgePlugin({ privileged }, defaults).plug(nowhere),
    (err) => err instanceof VifError && err.code === 'missing_bridge_interface',
  )
})

test('a network whose bridge is made by others costs no helper', async () => {
  const privileged = new Proxy({} as ConstructorParameters<typeof LinuxBridgePlugin>[0]['privileged'], { get: () => assert.fail('called') })
  const osVif = new OsVif({ log: nullLogger, plugins: [new LinuxBridgePlugin({ privileged }, defaults)] })
  await osVif.plug(bridgeVif({ should_provide_bridge: false }), instance)
  await osVif.plug(bridgeVif({ should_provide_bridge: true, multi_host: true }), instance)
  await assert.rejects(osVif.plug(ovsVif(), instance), (err) => err instanceof VifError && err.code === 'no_matching_plugin')
})
