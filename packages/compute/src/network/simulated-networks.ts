import {
  type Instance,
  type NetworkRequest,
  type NetworkRequestList,
  type NetworkSubnet,
  novaError,
  type RequestContext,
  type Stores,
  type Vif,
  VirtualInterface,
} from '@micronova/model'
import type { NetworkInfo } from '@micronova/virt'
import { InfoCaches } from './info-cache.js'
import {
  type BindPortsOptions,
  cachedNetworkInfo,
  type HostPortBinding,
  type InterfaceRequest,
  type NetworkAllocation,
  type NetworkApi,
  type NetworkRequests,
  type PortAllocations,
  wantsAutoNetwork,
  wantsNoNetwork,
} from './network-api.js'
import { type SimulatedVif, simulatedDefaultNetworkId, simulatedFixedIp, simulatedVif } from './simulated-addresses.js'

interface RequestedVif {
  readonly vif: SimulatedVif
  /** The user's name for it inside the guest. */
  readonly tag: string | null
}

export interface SimulatedNetworksDeps {
  readonly stores: Pick<Stores, 'instances' | 'infoCaches' | 'virtualInterfaces'>
}

/**
 * Networks without a network service: an interface for each that was asked for, with addresses of its own. Writes what
 * Neutron's counterpart writes, in the same order. No packet ever flows, so nothing need be bound to a host.
 */
export class SimulatedNetworks implements NetworkApi {
  readonly #stores: SimulatedNetworksDeps['stores']
  readonly #caches: InfoCaches

  constructor({ stores }: SimulatedNetworksDeps) {
    this.#stores = stores
    this.#caches = new InfoCaches({ stores })
  }

  allocate(ctx: RequestContext, instance: Instance, { networks }: NetworkRequests): NetworkAllocation {
    if (wantsNoNetwork(networks)) return { record: async () => [], settled: async () => {} }
    const vifs = requestedInterfaces(networks).map((request, index) => ({ vif: vifFor(instance, request, index), tag: request.tag }))
    return { record: () => this.#record(ctx, instance, vifs), settled: async () => {} }
  }

  networkInfo(ctx: RequestContext, instance: Instance): Promise<NetworkInfo> {
    return this.#caches.update(ctx, instance, async (present) => present)
  }

  async deallocate(ctx: RequestContext, instance: Instance): Promise<void> {
    await this.#stores.virtualInterfaces.deleteByInstanceUuid(ctx, instance.uuid)
    await this.#caches.set(ctx, instance, [])
  }

  async attachInterface(ctx: RequestContext, instance: Instance, request: InterfaceRequest): Promise<Vif> {
    const network = await this.#caches.update(ctx, instance, async (present) => {
      const vif = newVif(instance, request, present)
      await this.#stores.virtualInterfaces.create(ctx, rowOf(instance, { vif, tag: request.tag }))
      return [...present, vif]
    })
    return network.at(-1) as Vif
  }

  async detachInterface(ctx: RequestContext, instance: Instance, portId: string): Promise<PortAllocations> {
    const rows = await this.#stores.virtualInterfaces.listByInstanceUuid(ctx, instance.uuid)
    for (const row of rows.filter(({ uuid }) => uuid === portId)) await this.#stores.virtualInterfaces.destroy(ctx, row)
    await this.forgetPort(ctx, instance, portId)
    return {}
  }

  async forgetPort(ctx: RequestContext, instance: Instance, portId: string): Promise<void> {
    await this.#caches.update(ctx, instance, async (present) => present.filter(({ id }) => id !== portId))
  }

  addFixedIp(ctx: RequestContext, instance: Instance, networkId: string): Promise<NetworkInfo> {
    return this.#caches.update(ctx, instance, async (present) => {
      if (!present.some(({ network }) => network?.id === networkId))
        throw novaError('NetworkNotFoundForInstance', { instance_id: instance.uuid })
      const first = present.findIndex(({ network }) => network?.id === networkId)
      return present.map((vif, i) => (i === first ? withSubnets(vif, (subnet) => withAnotherIp(vif, subnet)) : vif))
    })
  }

  removeFixedIp(ctx: RequestContext, instance: Instance, address: string): Promise<NetworkInfo> {
    return this.#caches.update(ctx, instance, async (present) => {
      const has = (vif: Vif) => vif.network?.subnets.some(({ ips }) => ips.some((ip) => ip.address === address))
      if (!present.some(has)) throw novaError('FixedIpNotFoundForInstance', { instance_uuid: instance.uuid, ip: address })
      return present.map((vif) => withSubnets(vif, (subnet) => ({ ...subnet, ips: subnet.ips.filter((ip) => ip.address !== address) })))
    })
  }

  async healNetworkInfo(): Promise<void> {}
  async setupNetworksOnHost(): Promise<void> {}
  async setupInstanceNetworkOnHost(): Promise<void> {}
  async cleanupInstanceNetworkOnHost(): Promise<void> {}
  async migrateInstanceStart(): Promise<void> {}
  async migrateInstanceFinish(): Promise<void> {}

  async hasPortBindings(): Promise<boolean> {
    return false
  }

  async bindPortsToHost(
    _ctx: RequestContext,
    instance: Instance,
    host: string,
    { vnicTypes = {}, profiles = {} }: BindPortsOptions = {},
  ): Promise<ReadonlyMap<string, HostPortBinding>> {
    return new Map(
      cachedNetworkInfo(instance).map((vif) => {
        const id = vif.id ?? ''
        const binding: HostPortBinding = {
          host,
          status: 'INACTIVE',
          vif_type: vif.type ?? 'other',
          vnic_type: vnicTypes[id] ?? vif.vnic_type,
          vif_details: vif.details,
          profile: profiles[id] ?? vif.profile ?? {},
        }
        return [id, binding]
      }),
    )
  }

  async activatePortBinding(): Promise<void> {}
  async deletePortBinding(): Promise<void> {}

  async #record(ctx: RequestContext, instance: Instance, requested: readonly RequestedVif[]): Promise<NetworkInfo> {
    for (const one of requested) await this.#stores.virtualInterfaces.create(ctx, rowOf(instance, one))
    return this.#caches.update(ctx, instance, async () => requested.map(({ vif }) => vif))
  }
}

function requestedInterfaces(networks: NetworkRequestList | null): readonly InterfaceRequest[] {
  if (networks === null || networks.objects.length === 0 || wantsAutoNetwork(networks))
    return [{ networkId: null, portId: null, address: null, tag: null }]
  return networks.objects.map((request) => ({
    networkId: givenTo(request, 'network_id'),
    portId: givenTo(request, 'port_id'),
    address: givenTo(request, 'address'),
    tag: givenTo(request, 'tag'),
  }))
}

function givenTo(request: NetworkRequest, field: 'network_id' | 'port_id' | 'address' | 'tag'): string | null {
  return request.objIsSet(field) ? request[field] : null
}

function vifFor(instance: Instance, { networkId, portId, address }: InterfaceRequest, index: number): SimulatedVif {
  return simulatedVif({
    instanceUuid: instance.uuid,
    projectId: instance.project_id,
    networkId: networkId ?? simulatedDefaultNetworkId,
    index,
    portId,
    fixedIp: address,
  })
}

/** As another one on the same network may have been detached, the first whose port is free. */
function newVif(instance: Instance, request: InterfaceRequest, present: NetworkInfo): SimulatedVif {
  for (let index = 0; ; index++) {
    const vif = vifFor(instance, request, index)
    if (!present.some(({ id, address }) => id === vif.id || address === vif.address)) return vif
    if (request.portId !== null && present.some(({ id }) => id === request.portId))
      throw novaError('PortInUse', { port_id: request.portId })
  }
}

function withSubnets(vif: Vif, change: (subnet: NetworkSubnet) => NetworkSubnet): Vif {
  if (vif.network === null) return vif
  return { ...vif, network: { ...vif.network, subnets: vif.network.subnets.map(change) } }
}

function withAnotherIp(vif: Vif, subnet: NetworkSubnet): NetworkSubnet {
  for (let index = 1; ; index++) {
    const ip = simulatedFixedIp(`${vif.id} ${index}`)
    if (!subnet.ips.some(({ address }) => address === ip.address)) return { ...subnet, ips: [...subnet.ips, ip] }
  }
}

/** Nova keeps `<MAC>/<port>` in the address, as several interfaces may have the same MAC address. */
function rowOf(instance: Instance, { vif, tag }: RequestedVif): VirtualInterface {
  return new VirtualInterface({ address: `${vif.address}/${vif.id}`, instance_uuid: instance.uuid, tag, uuid: vif.id })
}
