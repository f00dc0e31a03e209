import { defineOptions, opt, type Section } from '@micronova/config'

const networkDeviceMtu = opt.integer({
  default: 1500,
  deprecatedNames: [{ group: 'DEFAULT', name: 'network_device_mtu' }],
  help: 'MTU of the devices that a plug makes, where the network names none.',
})

export const osVifOvsOptions = defineOptions('os_vif_ovs', {
  network_device_mtu: networkDeviceMtu,
  ovs_vsctl_timeout: opt.integer({
    default: 120,
    deprecatedNames: [{ group: 'DEFAULT', name: 'ovs_vsctl_timeout' }],
    help: 'Seconds that ovs-vsctl waits for the database of Open vSwitch; 0: for ever.',
  }),
  ovsdb_connection: opt.string({
    default: 'tcp:127.0.0.1:6640',
    help: 'Where the database of Open vSwitch is: tcp:HOST:PORT, ssl:HOST:PORT or unix:PATH.',
  }),
  isolate_vif: opt.boolean({
    default: false,
    help: 'Plug ports into VLAN 4095, in which nothing is forwarded, until the Open vSwitch agent of Neutron gives them their own.',
  }),
  per_port_bridge: opt.boolean({
    default: false,
    help: 'Give each port a bridge of its own, joined to the integration bridge by a pair of patch ports.',
  }),
})

export const osVifLinuxBridgeOptions = defineOptions('os_vif_linux_bridge', {
  network_device_mtu: networkDeviceMtu,
  flat_interface: opt.string({
    deprecatedNames: [{ group: 'DEFAULT', name: 'flat_interface' }],
    help: 'Device that bridges of networks without a VLAN get as a port. Default: the one that the network names.',
  }),
  vlan_interface: opt.string({
    deprecatedNames: [{ group: 'DEFAULT', name: 'vlan_interface' }],
    help: 'Device under the VLAN devices of bridges. Default: the one that the network names.',
  }),
  forward_bridge_interface: opt.multiString({
    default: ['all'],
    deprecatedNames: [{ group: 'DEFAULT', name: 'forward_bridge_interface' }],
    help: 'Device that bridges may forward to; may stand several times. all: they may forward to every one.',
  }),
  iptables_drop_action: opt.string({
    default: 'DROP',
    deprecatedNames: [{ group: 'DEFAULT', name: 'iptables_drop_action' }],
    help: 'Chain of iptables that packets go to which a bridge may not forward.',
  }),
})

export type OvsSettings = Section<typeof osVifOvsOptions>
export type LinuxBridgeSettings = Section<typeof osVifLinuxBridgeOptions>
