import { type NetworkFixedIp, type NetworkRoute, type NetworkSubnet, novaError, type VifNetwork } from '@micronova/model'
import { FixedIP, FixedIPList, Network, Route, RouteList, Subnet, SubnetList } from '@micronova/vif'

/**
 * A network of the info cache as os-vif has it. What the cache does not know stays unset.
 *
 * @throws NovaError `NovaException` for a VLAN without a number
 * @see nova 26.2.2, `network/os_vif_util.py`
 */
export function osVifNetwork(network: VifNetwork): Network {
  const meta = (key: string): unknown => network.meta[key] ?? null
  const found = new Network({
    id: text(network.id),
    bridge_interface: nullableText(meta('bridge_interface')),
    subnets: subnets(network.subnets),
  })
  if (network.bridge !== null) found.bridge = network.bridge
  if (network.label !== null) found.label = network.label
  if (meta('mtu') !== null) found.mtu = Number(meta('mtu'))
  if (meta('multi_host') !== null) found.multi_host = Boolean(meta('multi_host'))
  if (meta('should_create_bridge') !== null) found.should_provide_bridge = Boolean(meta('should_create_bridge'))
  if (meta('should_create_vlan') !== null) {
    found.should_provide_vlan = Boolean(meta('should_create_vlan'))
    if (meta('vlan') === null) throw novaError('NovaException', {}, `Missing vlan number in network ${network.id}`)
    found.vlan = Number(meta('vlan'))
  }
  return found
}

const text = (value: string | null) => value ?? ''
const nullableText = (value: unknown) => (value === null ? null : String(value))

function subnets(list: readonly NetworkSubnet[]): SubnetList {
  return new SubnetList({ objects: list.map(subnet) })
}

function subnet({ cidr, dns, gateway, ips, routes }: NetworkSubnet): Subnet {
  const found = new Subnet({
    dns: dns.map(({ address }) => text(address)),
    ips: new FixedIPList({ objects: ips.map(fixedIp) }),
    routes: new RouteList({ objects: routes.map(route) }),
  })
  if (cidr !== null) found.cidr = cidr
  if (gateway?.address) found.gateway = gateway.address
  return found
}

function fixedIp({ address, floating_ips }: NetworkFixedIp): FixedIP {
  return new FixedIP({ address: text(address), floating_ips: floating_ips.map((floating) => text(floating.address)) })
}

function route({ cidr, interface: device, gateway }: NetworkRoute): Route {
  const found = new Route({ cidr: text(cidr) })
  if (device !== null) found.interface = device
  if (gateway?.address) found.gateway = gateway.address
  return found
}
