import { InstanceInfo, Network, type VIFBase, VIFBridge, VIFOpenVSwitch, VIFPortProfileOpenVSwitch } from '../../src/index.js'

export const portId = '3f2a9c1e-8b6d-4e0f-9a57-1c2d3e4f5a6b'
export const instance = new InstanceInfo({ uuid: '8c7d6e5f-4a3b-4c2d-9e1f-0a1b2c3d4e5f', name: 'instance-00000001' })
/** The first 11 characters are in the names of devices. */
export const short = portId.slice(0, 11)

type NetworkValues = ConstructorParameters<typeof Network>[0]

const common = (network: NetworkValues) => ({
  id: portId,
  address: 'fa:16:3e:00:00:01',
  active: true,
  preserve_on_delete: false,
  has_traffic_filtering: true,
  network: new Network({ id: '5d4c3b2a-1f0e-4d9c-8b7a-6f5e4d3c2b1a', bridge: 'br-int', ...network }),
})

const profile = (values: ConstructorParameters<typeof VIFPortProfileOpenVSwitch>[0] = {}) =>
  new VIFPortProfileOpenVSwitch({ interface_id: portId, datapath_type: 'netdev', ...values })

export function bridgeVif(network: NetworkValues, values: Partial<{ has_traffic_filtering: boolean }> = {}): VIFBase {
  return new VIFBridge({ ...common(network), plugin: 'linux_bridge', vif_name: `tap${short}`, bridge_name: 'brq1', ...values })
}

export function hybridVif(network: NetworkValues = {}): VIFBase {
  return new VIFBridge({ ...common(network), plugin: 'ovs', vif_name: `tap${short}`, bridge_name: `qbr${short}`, port_profile: profile() })
}

export function ovsVif(network: NetworkValues = {}, values: Parameters<typeof profile>[0] = {}): VIFBase {
  return new VIFOpenVSwitch({
    ...common(network),
    plugin: 'ovs',
    vif_name: `tap${short}`,
    bridge_name: 'br-int',
    port_profile: profile(values),
  })
}
