import type { Network, NeutronClient, Port } from '@micronova/clients'
import type { RequestContext } from '@micronova/model'
import type { NetworkFacts } from './vif.js'

const asAdmin = { auth: 'admin' } as const

/** Subnets, and who gives out their addresses. */
export type Addressing = Pick<NetworkFacts, 'subnets' | 'dhcpPorts'>

export async function readNetworks(
  neutron: NeutronClient,
  ctx: RequestContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Network>> {
  if (ids.length === 0) return new Map()
  const networks = await neutron.listNetworks(ctx, { id: unique(ids) }, asAdmin)
  return new Map(networks.map((network) => [network.id, network]))
}

/** At most two requests, for any number of networks. */
export async function readAddressing(neutron: NeutronClient, ctx: RequestContext, networkIds: readonly string[]): Promise<Addressing> {
  if (networkIds.length === 0) return { subnets: [], dhcpPorts: [] }
  const subnets = await neutron.listSubnets(ctx, { network_id: unique(networkIds) }, asAdmin)
  const served = unique(subnets.filter(({ enable_dhcp }) => enable_dhcp).map(({ network_id }) => network_id))
  if (served.length === 0) return { subnets, dhcpPorts: [] }
  const filters = { network_id: served, device_owner: 'network:dhcp' }
  return { subnets, dhcpPorts: await neutron.listPorts(ctx, filters, { ...asAdmin, fields: ['fixed_ips'] }) }
}

/** Where Neutron has no routers there are none. */
export async function readFloatingIps(
  neutron: NeutronClient,
  ctx: RequestContext,
  portIds: readonly string[],
): Promise<NetworkFacts['floatingIps']> {
  if (portIds.length === 0 || !(await neutron.extensions(ctx, asAdmin)).has('router')) return []
  return neutron.listFloatingIps(ctx, { port_id: unique(portIds) }, asAdmin)
}

/** What there is to know of ports, read at once: at most four requests for any number of them. */
export async function readFacts(neutron: NeutronClient, ctx: RequestContext, ports: readonly Port[]): Promise<NetworkFacts> {
  const networkIds = ports.map(({ network_id }) => network_id)
  const [networks, addressing, floatingIps] = await Promise.all([
    readNetworks(neutron, ctx, networkIds),
    readAddressing(
      neutron,
      ctx,
      ports.filter(({ fixed_ips }) => fixed_ips.length > 0).map(({ network_id }) => network_id),
    ),
    readFloatingIps(
      neutron,
      ctx,
      ports.filter(({ fixed_ips }) => fixed_ips.length > 0).map(({ id }) => id),
    ),
  ])
  return { networks, ...addressing, floatingIps }
}

/** A port has an address in a subnet that was made after the subnets were read. */
export function isComplete({ subnets }: Addressing, ports: readonly Port[]): boolean {
  const known = new Set(subnets.map(({ id }) => id))
  return ports.every(({ fixed_ips }) => fixed_ips.every(({ subnet_id }) => subnet_id === undefined || known.has(subnet_id)))
}

export function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)]
}
