import type { RequestContext } from '@micronova/model'
import type { AuthCallOptions } from '../call.js'
import type { NeutronClient, NeutronReadOptions } from '../neutron/client.js'
import type {
  Agent,
  Filters,
  FloatingIp,
  Network,
  Port,
  PortBinding,
  PortBindingBody,
  PortBody,
  Quota,
  SecurityGroup,
  Subnet,
} from '../neutron/types.js'
import { countingUuids, FakeCalls } from './fake-calls.js'
import { NeutronPorts, type Wiring } from './neutron-ports.js'

/**
 * Neutron in memory, for what Nova does with it. Who is no administrator sees what belongs to the project of the context, and neither
 * sees nor sets `binding:*` (except the vnic type), as with Neutron's default policy.
 */
export class FakeNeutron implements NeutronClient {
  readonly calls = new FakeCalls<keyof NeutronClient>('network')
  readonly #uuid = countingUuids('40000000')
  readonly #ports = new NeutronPorts((status, detail, type) =>
    type === 'OverQuota' ? this.calls.refusal('over_quota', detail, type) : this.calls.refusal(status, detail, type),
  )
  readonly floatingIps = new Map<string, FloatingIp>()
  readonly securityGroups = new Map<string, SecurityGroup>()
  readonly agents: Agent[] = []
  /** Aliases. Without `router` there are no floating addresses: 404. */
  readonly aliases = new Set(defaultAliases)

  /** As they are, all fields. To be looked at, and changed to play the part of somebody else. */
  get ports(): Map<string, Port> {
    return this.#ports.ports
  }
  get bindings(): ReadonlyMap<string, readonly PortBinding[]> {
    return this.#ports.bindings
  }
  get networks(): Map<string, Network> {
    return this.#ports.networks
  }
  get subnets(): Map<string, Subnet> {
    return this.#ports.subnets
  }
  get wiring(): Wiring {
    return this.#ports.wiring
  }
  set portQuota(limit: number) {
    this.#ports.quota = limit
  }

  /** A network with one subnet for each of `cidrs`, whose gateway is the first address. Shared unless it has a project. */
  addNetwork(network: Partial<Network> = {}, cidrs: readonly string[] = ['10.0.0.0/24']): Network {
    const id = network.id ?? this.#uuid()
    const subnets = cidrs.map((cidr) => this.#addSubnet(id, cidr).id)
    const made: Network = {
      id,
      name: 'net',
      status: 'ACTIVE',
      admin_state_up: true,
      shared: network.tenant_id === undefined,
      mtu: 1500,
      port_security_enabled: true,
      'router:external': false,
      'provider:network_type': 'local',
      'provider:physical_network': null,
      'provider:segmentation_id': null,
      subnets,
      ...network,
    }
    this.networks.set(id, made)
    return made
  }

  #addSubnet(networkId: string, cidr: string): Subnet {
    const version = cidr.includes(':') ? 6 : 4
    const base = cidr.split('/')[0] ?? ''
    const subnet: Subnet = {
      id: this.#uuid(),
      name: 'subnet',
      network_id: networkId,
      cidr,
      ip_version: version,
      gateway_ip: version === 4 ? base.replace(/\d+$/, (last) => String(Number(last) + 1)) : `${base}1`,
      enable_dhcp: true,
      dns_nameservers: [],
      host_routes: [],
      ipv6_address_mode: null,
      ipv6_ra_mode: null,
    }
    this.subnets.set(subnet.id, subnet)
    return subnet
  }

  addSecurityGroup(name: string, tenantId = ''): SecurityGroup {
    const group = { id: this.#uuid(), name, tenant_id: tenantId }
    this.securityGroups.set(group.id, group)
    return group
  }

  async listPorts(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Port[]> {
    await this.calls.begin('listPorts', [filters, options], options)
    const visible = [...this.ports.values()].filter((port) => isAdmin(ctx, options) || port.tenant_id === ctx.projectId)
    return visible.filter((port) => matches(port, filters)).map((port) => chosen(shownTo(ctx, options, port), options?.fields))
  }

  async showPort(ctx: RequestContext, portId: string, options?: NeutronReadOptions): Promise<Port> {
    await this.calls.begin('showPort', [portId, options], options)
    return chosen(shownTo(ctx, options, this.#own(ctx, options, portId)), options?.fields)
  }

  #own(ctx: RequestContext, options: AuthCallOptions | undefined, portId: string): Port {
    const port = this.#ports.port(portId)
    if (isAdmin(ctx, options) || port.tenant_id === ctx.projectId) return port
    throw this.calls.refusal(404, `Port ${portId} could not be found.`, 'PortNotFound')
  }

  async createPort(ctx: RequestContext, port: PortBody, options?: AuthCallOptions): Promise<Port> {
    await this.calls.begin('createPort', [port, options], options)
    return this.#create(ctx, port, options)
  }

  #create(ctx: RequestContext, port: PortBody, options: AuthCallOptions | undefined): Port {
    this.#refuseAdminFields(ctx, port, options)
    return shownTo(ctx, options, this.#ports.create(port, port.tenant_id ?? ctx.projectId ?? ''))
  }

  async createPorts(ctx: RequestContext, ports: readonly PortBody[], options?: AuthCallOptions): Promise<readonly Port[]> {
    await this.calls.begin('createPorts', [ports, options], options)
    const made: Port[] = []
    try {
      for (const port of ports) made.push(this.#create(ctx, port, options))
    } catch (err) {
      for (const { id } of made) this.#ports.delete(id)
      throw err
    }
    return made
  }

  async updatePort(ctx: RequestContext, portId: string, changes: PortBody, options?: AuthCallOptions): Promise<Port> {
    await this.calls.begin('updatePort', [portId, changes, options], options)
    this.#own(ctx, options, portId)
    this.#refuseAdminFields(ctx, changes, options)
    return shownTo(ctx, options, this.#ports.update(portId, changes))
  }

  #refuseAdminFields(ctx: RequestContext, body: PortBody, options: AuthCallOptions | undefined): void {
    const field = Object.keys(body).find((name) => adminFields.has(name))
    if (field === undefined || isAdmin(ctx, options)) return
    throw this.calls.refusal(403, `(rule:update_port and rule:update_port:${field}) is disallowed by policy`, 'PolicyNotAuthorized')
  }

  async deletePort(ctx: RequestContext, portId: string, options?: AuthCallOptions): Promise<void> {
    await this.calls.begin('deletePort', [portId, options], options)
    this.#own(ctx, options, portId)
    this.#ports.delete(portId)
  }

  async listPortBindings(_: RequestContext, portId: string, options?: AuthCallOptions): Promise<readonly PortBinding[]> {
    await this.calls.begin('listPortBindings', [portId, options], options)
    this.#ports.port(portId)
    return this.bindings.get(portId) ?? []
  }

  async showPortBinding(_: RequestContext, portId: string, host: string, options?: AuthCallOptions): Promise<PortBinding> {
    await this.calls.begin('showPortBinding', [portId, host, options], options)
    return this.#ports.bindingOn(portId, host)
  }

  async createPortBinding(_: RequestContext, portId: string, binding: PortBindingBody, options?: AuthCallOptions): Promise<PortBinding> {
    await this.calls.begin('createPortBinding', [portId, binding, options], options)
    return this.#ports.addBinding(portId, binding)
  }

  async activatePortBinding(_: RequestContext, portId: string, host: string, options?: AuthCallOptions): Promise<PortBinding> {
    await this.calls.begin('activatePortBinding', [portId, host, options], options)
    return this.#ports.activate(portId, host)
  }

  async deletePortBinding(_: RequestContext, portId: string, host: string, options?: AuthCallOptions): Promise<void> {
    await this.calls.begin('deletePortBinding', [portId, host, options], options)
    this.#ports.removeBinding(portId, host)
  }

  async listNetworks(ctx: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Network[]> {
    await this.calls.begin('listNetworks', [filters, options], options)
    const visible = [...this.networks.values()].filter(
      (network) => isAdmin(ctx, options) || network.shared || network['router:external'] || network.tenant_id === ctx.projectId,
    )
    return visible.filter((network) => matches(network, filters)).map((network) => chosen(network, options?.fields))
  }

  async showNetwork(_: RequestContext, networkId: string, options?: NeutronReadOptions): Promise<Network> {
    await this.calls.begin('showNetwork', [networkId, options], options)
    return chosen(this.#ports.network(networkId), options?.fields)
  }

  async listSubnets(_: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Subnet[]> {
    await this.calls.begin('listSubnets', [filters, options], options)
    return listed(this.subnets, filters, options)
  }

  async showSubnet(_: RequestContext, subnetId: string, options?: NeutronReadOptions): Promise<Subnet> {
    await this.calls.begin('showSubnet', [subnetId, options], options)
    const subnet = this.subnets.get(subnetId)
    if (subnet === undefined) throw this.calls.refusal(404, `Subnet ${subnetId} could not be found.`, 'SubnetNotFound')
    return chosen(subnet, options?.fields)
  }

  async listFloatingIps(_: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly FloatingIp[]> {
    await this.calls.begin('listFloatingIps', [filters, options], options)
    if (!this.aliases.has('router')) throw this.calls.refusal(404, 'The resource could not be found.', 'HTTPNotFound')
    return listed(this.floatingIps, filters, options)
  }

  async showFloatingIp(_: RequestContext, floatingIpId: string, options?: NeutronReadOptions): Promise<FloatingIp> {
    await this.calls.begin('showFloatingIp', [floatingIpId, options], options)
    return chosen(this.#floatingIp(floatingIpId), options?.fields)
  }

  #floatingIp(id: string): FloatingIp {
    const floatingIp = this.floatingIps.get(id)
    if (floatingIp === undefined) throw this.calls.refusal(404, `Floating IP ${id} could not be found`, 'FloatingIPNotFound')
    return floatingIp
  }

  async updateFloatingIp(
    _: RequestContext,
    floatingIpId: string,
    changes: { readonly port_id: string | null; readonly fixed_ip_address?: string },
    options?: AuthCallOptions,
  ): Promise<FloatingIp> {
    await this.calls.begin('updateFloatingIp', [floatingIpId, changes, options], options)
    const fixed = changes.port_id === null ? null : (changes.fixed_ip_address ?? null)
    const next = { ...this.#floatingIp(floatingIpId), port_id: changes.port_id, fixed_ip_address: fixed }
    this.floatingIps.set(floatingIpId, next)
    return next
  }

  async autoAllocatedNetwork(_: RequestContext, projectId: string, options?: AuthCallOptions): Promise<string> {
    await this.calls.begin('autoAllocatedNetwork', [projectId, options], options)
    const name = 'auto_allocated_network'
    const made = [...this.networks.values()].find((network) => network.name === name && network.tenant_id === projectId)
    return (made ?? this.addNetwork({ name, tenant_id: projectId })).id
  }

  async listSecurityGroups(_: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly SecurityGroup[]> {
    await this.calls.begin('listSecurityGroups', [filters, options], options)
    return listed(this.securityGroups, filters, options)
  }

  /** Kept for ever after the first call, as the real client keeps it for a while: one request. */
  async extensions(_: RequestContext, options?: AuthCallOptions): Promise<ReadonlySet<string>> {
    if (!this.calls.methods.includes('extensions')) await this.calls.begin('extensions', [], options)
    return new Set(this.aliases)
  }

  async showQuota(_: RequestContext, projectId: string, options?: AuthCallOptions): Promise<Quota> {
    await this.calls.begin('showQuota', [projectId, options], options)
    return { network: 100, subnet: 100, port: this.#ports.quota }
  }

  async listAgents(_: RequestContext, filters: Filters, options?: NeutronReadOptions): Promise<readonly Agent[]> {
    await this.calls.begin('listAgents', [filters, options], options)
    return this.agents.filter((agent) => matches(agent, filters)).map((agent) => chosen(agent, options?.fields))
  }
}

const defaultAliases = [
  'binding',
  'binding-extended',
  'external-net',
  'multi-provider',
  'net-mtu',
  'port-security',
  'provider',
  'quotas',
  'router',
  'security-group',
]

/** Set and seen by administrators alone. @see neutron 21.0.0, `conf/policies/port.py` */
const adminFields = new Set(['binding:host_id', 'binding:profile', 'binding:vif_type', 'binding:vif_details'])

function isAdmin(ctx: RequestContext, options: AuthCallOptions | undefined): boolean {
  return options?.auth === 'admin' || ctx.isAdmin
}

function shownTo(ctx: RequestContext, options: AuthCallOptions | undefined, port: Port): Port {
  if (isAdmin(ctx, options)) return structuredClone(port)
  const { id, network_id, mac_address, status, device_id, device_owner, fixed_ips, ...rest } = structuredClone(port)
  const open = Object.fromEntries(Object.entries(rest).filter(([name]) => !adminFields.has(name) && name !== 'resource_request'))
  return { ...open, id, network_id, mac_address, status, device_id, device_owner, fixed_ips }
}

/** Only the fields asked for, as the service answers. */
function chosen<T extends object>(item: T, fields: readonly string[] | undefined): T {
  const entries = Object.entries(structuredClone(item))
  return Object.fromEntries(fields === undefined ? entries : entries.filter(([name]) => fields.includes(name))) as T
}

function listed<T extends object>(items: ReadonlyMap<string, T>, filters: Filters, options: NeutronReadOptions | undefined): T[] {
  return [...items.values()].filter((item) => matches(item, filters)).map((item) => chosen(item, options?.fields))
}

/** `fixed_ips` conditions (`ip_address=...`) look into the list. */
function matches(item: object, filters: Filters): boolean {
  const fields = new Map<string, unknown>(Object.entries(item))
  return Object.entries(filters).every(([name, wanted]) => {
    const values = Array.isArray(wanted) ? wanted.map(String) : [String(wanted)]
    const own = fields.get(name)
    if (name === 'fixed_ips' && Array.isArray(own))
      return own.some((ip) => values.some((value) => JSON.stringify(ip).includes(`"${value.split('=')[1]}"`)))
    if (typeof own === 'boolean') return values.some((value) => (value.toLowerCase() === 'true') === own)
    return values.includes(String(own ?? ''))
  })
}
