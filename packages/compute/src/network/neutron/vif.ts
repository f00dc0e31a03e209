import type { BindingProfile, FixedIp, FloatingIp, Network, Port, Subnet } from '@micronova/clients'
import type { NetworkFixedIp, NetworkIp, NetworkRoute, NetworkSubnet, Vif, VifNetwork } from '@micronova/model'

/** What Neutron knows of ports besides the ports themselves. */
export interface NetworkFacts {
  /** By id, as an administrator sees them. */
  readonly networks: ReadonlyMap<string, Network>
  /** In Neutron's order. */
  readonly subnets: readonly Subnet[]
  readonly dhcpPorts: readonly Pick<Port, 'fixed_ips'>[]
  readonly floatingIps: readonly FloatingIp[]
}

export interface VifOptions {
  /** `[neutron] ovs_bridge`: for ports that do not name their bridge. */
  readonly ovsBridge: string
  /** `[DEFAULT] flat_injected` */
  readonly injected: boolean
}

/** Longest name of a network device: Linux has room for 15 characters, and Nova leaves one. */
const maxDeviceName = 14
const overlayTypes = ['vxlan', 'gre', 'geneve']

/** The profile of a port, which Neutron leaves out, or null, as it likes. */
export function bindingProfile(port: Pick<Port, 'binding:profile'>): BindingProfile {
  return port['binding:profile'] ?? {}
}

/**
 * A port as the info cache has it. Its keys come in Nova's order, as does the JSON text.
 *
 * @param keep the user had made the port: it outlives the instance
 * @see nova 26.2.2, `network/neutron.py`, `_build_vif_model`, `_nw_info_build_network`
 */
export function vifOf(port: Port, facts: NetworkFacts, keep: boolean, { ovsBridge, injected }: VifOptions): Vif {
  const wiring = wiringOf(port, ovsBridge)
  return {
    id: port.id,
    address: port.mac_address,
    network: networkOf(port, facts, wiring, injected),
    type: port['binding:vif_type'] ?? null,
    details: { ...port['binding:vif_details'] },
    devname: `tap${port.id}`.slice(0, maxDeviceName),
    ovs_interfaceid: wiring.isOvs ? port.id : null,
    qbh_params: null,
    qbg_params: null,
    active: port.admin_state_up === false || port.status === 'ACTIVE',
    vnic_type: port['binding:vnic_type'] ?? 'normal',
    profile: { ...bindingProfile(port) },
    preserve_on_delete: keep,
    delegate_create: true,
    meta: {},
  }
}

interface Wiring {
  /** Of the host, to which the guest is plugged. */
  readonly bridge: string | null
  readonly isOvs: boolean
  readonly createBridge: boolean
}

function wiringOf(port: Port, ovsBridge: string): Wiring {
  const details = port['binding:vif_details'] ?? {}
  const named = typeof details.bridge_name === 'string' ? details.bridge_name : null
  const linuxBridge = (named ?? `brq${port.network_id}`).slice(0, maxDeviceName)
  const ovs: Wiring = { bridge: (named ?? ovsBridge).slice(0, maxDeviceName), isOvs: true, createBridge: false }
  switch (port['binding:vif_type']) {
    case 'ovs':
    case 'agilio_ovs':
      return ovs
    case 'bridge':
      return { bridge: linuxBridge, isOvs: false, createBridge: true }
    case 'dvs':
      return { bridge: port.network_id, isOvs: false, createBridge: false }
    case 'vhostuser':
      if (details.vhostuser_ovs_plug) return ovs
      return { bridge: details.vhostuser_fp_plug ? linuxBridge : null, isOvs: false, createBridge: false }
    default:
      return { bridge: null, isOvs: false, createBridge: false }
  }
}

function networkOf(port: Port, facts: NetworkFacts, { bridge, createBridge }: Wiring, injected: boolean): VifNetwork {
  const network = facts.networks.get(port.network_id)
  const { physicalNetwork, tunneled } = physicalNetworkOf(network)
  return {
    id: port.network_id,
    bridge,
    label: network?.name ?? null,
    subnets: facts.subnets
      .filter(({ id }) => port.fixed_ips.some((ip) => ip.subnet_id === id))
      .map((subnet) => subnetOf(port, subnet, facts)),
    meta: {
      injected,
      tenant_id: (network === undefined ? port.tenant_id : network.tenant_id) ?? null,
      mtu: network?.mtu ?? null,
      physical_network: physicalNetwork,
      tunneled,
      ...(createBridge ? { should_create_bridge: true } : {}),
    },
  }
}

/** Of several segments the first that has a physical network counts. */
export function physicalNetworkOf(network: Network | undefined): { readonly physicalNetwork: string | null; readonly tunneled: boolean } {
  for (const segment of network?.segments ?? []) {
    const name = segment['provider:physical_network']
    if (typeof name === 'string' && name !== '') return { physicalNetwork: name, tunneled: false }
  }
  return {
    physicalNetwork: network?.['provider:physical_network'] ?? null,
    tunneled: overlayTypes.includes(network?.['provider:network_type'] ?? ''),
  }
}

function subnetOf(port: Port, subnet: Subnet, { dhcpPorts, floatingIps }: NetworkFacts): NetworkSubnet {
  const isHere = ({ subnet_id }: FixedIp) => subnet_id === subnet.id
  // Several servers may be there; upstream's loop ends with the last one.
  const server = dhcpPorts.flatMap(({ fixed_ips }) => fixed_ips.find(isHere) ?? []).at(-1)?.ip_address
  return {
    cidr: subnet.cidr,
    dns: (subnet.dns_nameservers ?? []).map((address) => ipOf(address, 'dns')),
    gateway: ipOf(subnet.gateway_ip, 'gateway'),
    ips: port.fixed_ips.filter(isHere).map(({ ip_address }) => fixedIpOf(port, ip_address ?? '', floatingIps)),
    routes: (subnet.host_routes ?? []).map(routeOf),
    version: versionOf(subnet.cidr),
    meta: {
      ...(subnet.ipv6_address_mode ? { ipv6_address_mode: subnet.ipv6_address_mode } : {}),
      ...(server !== undefined || subnet.enable_dhcp ? { dhcp_server: server ?? subnet.gateway_ip } : {}),
    },
  }
}

function fixedIpOf(port: Port, address: string, floatingIps: readonly FloatingIp[]): NetworkFixedIp {
  const floating = floatingIps.filter((ip) => ip.port_id === port.id && ip.fixed_ip_address === address)
  return { ...ipOf(address, 'fixed'), floating_ips: floating.map((ip) => ipOf(ip.floating_ip_address, 'floating')) }
}

function routeOf({ destination, nexthop }: { readonly destination: string; readonly nexthop: string }): NetworkRoute {
  return { cidr: destination, gateway: ipOf(nexthop, 'gateway'), interface: null, meta: {} }
}

function ipOf(address: string | null, type: string): NetworkIp {
  return { address, type, version: address === null ? null : versionOf(address), meta: {} }
}

function versionOf(address: string): number {
  return address.includes(':') ? 6 : 4
}
