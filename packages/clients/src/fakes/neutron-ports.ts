import type { BindingProfile, FixedIp, Network, Port, PortBinding, PortBindingBody, PortBody, Subnet } from '../neutron/types.js'
import { addressIn, isIn } from './addresses.js'
import { countingUuids } from './fake-calls.js'
import type { Refuse } from './placement-state.js'

/** What becomes of a port on a host, as the mechanism drivers of a deployment decide. */
export interface Wiring {
  /** `binding_failed` for a host where nothing can serve the port. Default: `ovs`. */
  vifType(host: string): string
  /** Status of a port once it is bound. Default: `ACTIVE`; an agent that is slow leaves it `DOWN`. */
  statusWhenBound: string
}

/** The ports of FakeNeutron, their addresses and bindings. */
export class NeutronPorts {
  readonly #refuse: Refuse
  readonly #uuid = countingUuids('90000000')
  #macs = 0
  readonly wiring: Wiring = { vifType: () => 'ovs', statusWhenBound: 'ACTIVE' }
  readonly networks = new Map<string, Network>()
  readonly subnets = new Map<string, Subnet>()
  readonly ports = new Map<string, Port>()
  /** Port to its bindings. */
  readonly bindings = new Map<string, PortBinding[]>()
  /** Most ports that a project may have; -1: any number. */
  quota = -1

  constructor(refuse: Refuse) {
    this.#refuse = refuse
  }

  port(id: string): Port {
    const port = this.ports.get(id)
    if (port === undefined) throw this.#refuse(404, `Port ${id} could not be found.`, 'PortNotFound')
    return port
  }

  network(id: string): Network {
    const network = this.networks.get(id)
    if (network === undefined) throw this.#refuse(404, `Network ${id} could not be found.`, 'NetworkNotFound')
    return network
  }

  create(body: PortBody, projectId: string): Port {
    const network = this.network(body.network_id ?? '')
    const owned = [...this.ports.values()].filter((port) => port.tenant_id === projectId)
    if (this.quota >= 0 && owned.length >= this.quota) throw this.#refuse(409, "Quota exceeded for resources: ['port'].", 'OverQuota')
    const id = this.#uuid()
    const port: Port = {
      id,
      name: '',
      network_id: network.id,
      tenant_id: projectId,
      project_id: projectId,
      admin_state_up: true,
      status: 'DOWN',
      device_id: '',
      device_owner: '',
      port_security_enabled: network.port_security_enabled ?? true,
      security_groups: [],
      allowed_address_pairs: [],
      extra_dhcp_opts: [],
      'binding:vnic_type': 'normal',
      'binding:profile': {},
      ...withoutHost(body),
      mac_address: this.#macFor(network.id, body.mac_address ?? null),
      fixed_ips: this.#addressesFor(network, body.fixed_ips),
    }
    this.ports.set(id, port)
    return this.#bind(port, body['binding:host_id'])
  }

  update(id: string, changes: PortBody): Port {
    const port = this.port(id)
    const mac = changes.mac_address ?? port.mac_address
    const next: Port = {
      ...port,
      ...withoutHost(changes),
      network_id: port.network_id,
      mac_address: mac === port.mac_address ? mac : this.#macFor(port.network_id, mac),
      fixed_ips:
        changes.fixed_ips === undefined ? port.fixed_ips : this.#addressesFor(this.network(port.network_id), changes.fixed_ips, port),
    }
    this.ports.set(id, next)
    const rebinds =
      changes['binding:host_id'] !== undefined || changes['binding:profile'] !== undefined || changes['binding:vnic_type'] !== undefined
    return rebinds
      ? this.#bind(next, changes['binding:host_id'] === undefined ? port['binding:host_id'] : changes['binding:host_id'])
      : next
  }

  delete(id: string): void {
    this.port(id)
    this.ports.delete(id)
    this.bindings.delete(id)
  }

  bindingOn(portId: string, host: string): PortBinding {
    this.port(portId)
    const binding = this.bindings.get(portId)?.find((one) => one.host === host)
    if (binding !== undefined) return binding
    throw this.#refuse(404, `Binding for port ${portId} for host ${host} could not be found.`, 'PortBindingNotFound')
  }

  addBinding(portId: string, { host, vnic_type = 'normal', profile = {} }: PortBindingBody): PortBinding {
    this.port(portId)
    const others = this.bindings.get(portId) ?? []
    if (others.some((one) => one.host === host))
      throw this.#refuse(409, `Binding for port ${portId} on host ${host} already exists.`, 'PortBindingAlreadyExists')
    const binding = this.#bindingFor(host, vnic_type, profile, 'INACTIVE')
    if (binding.vif_type === 'binding_failed')
      throw this.#refuse(500, `Binding for port ${portId} on host ${host} could not be created.`, 'PortBindingError')
    this.bindings.set(portId, [...others, binding])
    return binding
  }

  activate(portId: string, host: string): PortBinding {
    const chosen = this.bindingOn(portId, host)
    if (chosen.status === 'ACTIVE')
      throw this.#refuse(409, `Binding for port ${portId} on host ${host} is already active.`, 'PortBindingAlreadyActive')
    const bindings = (this.bindings.get(portId) ?? []).map((one) => ({ ...one, status: one === chosen ? 'ACTIVE' : 'INACTIVE' }))
    this.bindings.set(portId, bindings)
    const active = { ...chosen, status: 'ACTIVE' }
    this.ports.set(portId, { ...this.port(portId), ...shownBinding(active) })
    return active
  }

  removeBinding(portId: string, host: string): void {
    const binding = this.bindingOn(portId, host)
    this.bindings.set(
      portId,
      (this.bindings.get(portId) ?? []).filter((one) => one !== binding),
    )
    if (binding.status === 'ACTIVE') this.ports.set(portId, { ...this.port(portId), ...unbound, status: 'DOWN' })
  }

  /** The active binding follows the host of the port; an inactive one of that host gives way. */
  #bind(port: Port, host: string | null | undefined): Port {
    const inactive = (this.bindings.get(port.id) ?? []).filter((one) => one.status !== 'ACTIVE' && one.host !== host)
    if (host === undefined || host === null || host === '') {
      this.bindings.set(port.id, inactive)
      return this.#keep({ ...port, ...unbound, status: 'DOWN' })
    }
    const binding = this.#bindingFor(host, port['binding:vnic_type'] ?? 'normal', port['binding:profile'] ?? {}, 'ACTIVE')
    this.bindings.set(port.id, [...inactive, binding])
    const status = binding.vif_type === 'binding_failed' ? 'DOWN' : this.wiring.statusWhenBound
    return this.#keep({ ...port, ...shownBinding(binding), status })
  }

  #keep(port: Port): Port {
    this.ports.set(port.id, port)
    return port
  }

  #bindingFor(host: string, vnicType: string, profile: BindingProfile, status: string): PortBinding {
    const vifType = this.wiring.vifType(host)
    const details = vifType === 'binding_failed' ? {} : { port_filter: false }
    return { host, vif_type: vifType, vnic_type: vnicType, status, profile, vif_details: details }
  }

  #macFor(networkId: string, wanted: string | null): string {
    if (wanted !== null) {
      if (![...this.ports.values()].some((port) => port.network_id === networkId && port.mac_address === wanted)) return wanted
      throw this.#refuse(
        409,
        `Unable to complete operation for network ${networkId}. The mac address ${wanted} is in use.`,
        'MacAddressInUse',
      )
    }
    this.#macs += 1
    const hex = this.#macs.toString(16).padStart(6, '0')
    return `fa:16:3e:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`
  }

  /** Without wishes: one address of the first subnet of each version. */
  #addressesFor(network: Network, wishes: readonly FixedIp[] | undefined, own?: Port): FixedIp[] {
    const subnets = [...this.subnets.values()].filter((subnet) => subnet.network_id === network.id)
    if (wishes !== undefined) return wishes.map((wish) => this.#wishedAddress(network, subnets, wish, own))
    return [4, 6].flatMap((version) => {
      const ofVersion = subnets.filter((subnet) => subnet.ip_version === version)
      return ofVersion.length === 0 ? [] : [this.#nextAddress(network, ofVersion)]
    })
  }

  #wishedAddress(network: Network, subnets: readonly Subnet[], wish: FixedIp, own: Port | undefined): FixedIp {
    const address = wish.ip_address
    const candidates = subnets.filter((subnet) => wish.subnet_id === undefined || subnet.id === wish.subnet_id)
    if (address === undefined) return this.#nextAddress(network, candidates)
    const subnet = candidates.find(({ cidr }) => isIn(cidr, address))
    if (subnet === undefined)
      throw this.#refuse(
        400,
        `IP address ${address} is not a valid IP for any of the subnets on the specified network.`,
        'InvalidIpForNetwork',
      )
    if (this.#isUsed(subnet, address) && !own?.fixed_ips.some((ip) => ip.ip_address === address))
      throw this.#refuse(409, `IP address ${address} already allocated in subnet ${subnet.id}`, 'IpAddressAlreadyAllocated')
    return { subnet_id: subnet.id, ip_address: address }
  }

  #nextAddress(network: Network, subnets: readonly Subnet[]): FixedIp {
    for (const subnet of subnets) {
      for (let index = 1; ; index += 1) {
        const address = addressIn(subnet.cidr, index)
        if (address === null) break
        if (address !== subnet.gateway_ip && !this.#isUsed(subnet, address)) return { subnet_id: subnet.id, ip_address: address }
      }
    }
    throw this.#refuse(409, `No more IP addresses available on network ${network.id}.`, 'IpAddressGenerationFailure')
  }

  #isUsed(subnet: Subnet, address: string): boolean {
    return [...this.ports.values()].some((port) => port.fixed_ips.some((ip) => ip.subnet_id === subnet.id && ip.ip_address === address))
  }
}

/** The host is set by binding the port. */
function withoutHost({ 'binding:host_id': _, ...rest }: PortBody) {
  return rest
}

const unbound = { 'binding:host_id': '', 'binding:vif_type': 'unbound', 'binding:vif_details': {} }

function shownBinding({ host, vif_type, vif_details, vnic_type, profile }: PortBinding) {
  return {
    'binding:host_id': host,
    'binding:vif_type': vif_type,
    'binding:vif_details': vif_details,
    'binding:vnic_type': vnic_type,
    'binding:profile': profile,
  }
}
