import { isClientError, type NeutronClient, type Port } from '@micronova/clients'
import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import {
  type Instance,
  type NetworkRequest,
  type NetworkRequestList,
  novaError,
  type RequestContext,
  type Stores,
  type Vif,
  VirtualInterface,
} from '@micronova/model'
import type { NetworkInfo } from '@micronova/virt'
import { InfoCaches } from '../info-cache.js'
import {
  type BindPortsOptions,
  cachedNetworkInfo,
  type HostPortBinding,
  type InterfaceRequest,
  type MoveNetworkOptions,
  type NetworkAllocation,
  type NetworkApi,
  type NetworkInfoOptions,
  type NetworkRequests,
  type PortAllocations,
  type PortNeeds,
  type ProviderMappings,
  type TeardownNetworkOptions,
  wantsAutoNetwork,
  wantsNoNetwork,
} from '../network-api.js'
import { type AllocatedVif, allocatePorts, type NetworkWish } from './allocate.js'
import type { PortWish } from './choose-networks.js'
import { isGone, withNovaErrors } from './failures.js'
import { addFixedIp, removeFixedIp } from './fixed-ips.js'
import {
  activateBinding,
  activateBindings,
  announceMove,
  bindPortsTo,
  createBindings,
  deleteBindings,
  hasPortBindings,
  needsBinding,
  withdrawMove,
} from './moves.js'
import { allocationsOf, refuseClaim } from './port-needs.js'
import { asAdmin, deletePorts, type PortDeps, portsOf, unbindPorts } from './ports.js'
import { isSameInfo, refreshedInfo } from './refresh.js'
import type { VifOptions } from './vif.js'

export interface NeutronNetworksDeps {
  readonly neutron: NeutronClient
  readonly stores: Pick<Stores, 'instances' | 'infoCaches' | 'virtualInterfaces'>
  readonly clock: Clock
  readonly log: Logger
}

export interface NeutronNetworksOptions extends VifOptions {
  /** `[DEFAULT] network_allocate_retries` */
  readonly allocateRetries: number
}

/** Longest pause between two tries to allocate. */
const longestPauseMs = 30_000
/** Neutron may be gone for a moment when many instances are deleted at once. @see nova 26.2.2, `_try_deallocate_network` */
const givingBackPausesMs = [2000, 4000, 6000]

/** The networks of instances as Neutron has them. */
export class NeutronNetworks implements NetworkApi {
  readonly #ports: PortDeps
  readonly #stores: NeutronNetworksDeps['stores']
  readonly #caches: InfoCaches
  readonly #clock: Clock
  readonly #allocateRetries: number

  constructor({ neutron, stores, clock, log }: NeutronNetworksDeps, { allocateRetries, ovsBridge, injected }: NeutronNetworksOptions) {
    this.#ports = { neutron, log, vifOptions: { ovsBridge, injected } }
    this.#stores = stores
    this.#caches = new InfoCaches({ stores })
    this.#clock = clock
    this.#allocateRetries = allocateRetries
  }

  allocate(ctx: RequestContext, instance: Instance, requests: NetworkRequests): NetworkAllocation {
    if (wantsNoNetwork(requests.networks)) return { record: async () => [], settled: async () => {} }
    const allocated = this.#allocateWithRetries(ctx, instance, wishOf(instance, requests))
    allocated.catch(() => {}) // seen by whoever records it
    return {
      record: async () => this.#record(ctx, instance, await allocated),
      settled: () =>
        allocated.then(
          () => {},
          () => {},
        ),
    }
  }

  networkInfo(ctx: RequestContext, instance: Instance, options: NetworkInfoOptions = {}): Promise<NetworkInfo> {
    return withNovaErrors(() => this.#refresh(ctx, instance, options, () => portsOf(this.#for(ctx), ctx, instance)))
  }

  async healNetworkInfo(ctx: RequestContext, instance: Instance, host: string, mend: boolean): Promise<void> {
    const mendedPorts = async () => {
      const ports = await portsOf(this.#for(ctx), ctx, instance)
      if (!mend || !ports.some((port) => needsBinding(port, host))) return ports
      await bindPortsTo(this.#for(ctx), ctx, instance, host)
      return portsOf(this.#for(ctx), ctx, instance)
    }
    await withNovaErrors(() => this.#refresh(ctx, instance, { force: true }, mendedPorts))
  }

  async deallocate(ctx: RequestContext, instance: Instance, requested: NetworkRequestList | null = null): Promise<void> {
    const ports = await withNovaErrors(() => this.#patiently(ctx, () => portsOf(this.#for(ctx), ctx, instance)))
    const kept = new Set([...(requested?.objects ?? []).flatMap((request) => valueIn(request, 'port_id') ?? []), ...keptPorts(instance)])
    const [given, made] = [ports.filter(({ id }) => kept.has(id)), ports.filter(({ id }) => !kept.has(id))]
    await withNovaErrors(async () => {
      await unbindPorts(this.#for(ctx), ctx, instance, given)
      await deletePorts(
        this.#for(ctx),
        ctx,
        instance,
        made.map(({ id }) => id),
      )
    })
    await this.#stores.virtualInterfaces.deleteByInstanceUuid(ctx, instance.uuid)
    if (!isDeleted(instance)) await this.#caches.set(ctx, instance, [])
  }

  async attachInterface(
    ctx: RequestContext,
    instance: Instance,
    request: InterfaceRequest,
    claim: (needs: PortNeeds) => Promise<ProviderMappings> = async () => refuseClaim(instance),
  ): Promise<Vif> {
    const ports = [{ ...request, pciRequestId: null }]
    const wish = { ports, auto: false, securityGroups: [], providerMappings: null, claim, host: instance.host ?? '' }
    const [allocated] = await withNovaErrors(() => allocatePorts(this.#for(ctx), ctx, instance, wish))
    if (allocated === undefined) throw novaError('InterfaceAttachFailed', { instance_uuid: instance.uuid })
    try {
      await this.#createRow(ctx, instance, allocated)
      await this.#caches.update(ctx, instance, async (present) => [...present.filter(({ id }) => id !== allocated.vif.id), allocated.vif])
    } catch (err) {
      await this.#giveBack(ctx, instance, allocated.vif).catch((failure) =>
        this.#for(ctx).log.error('A port is left that nobody uses', { err: failure, instanceUuid: instance.uuid }),
      )
      throw err
    }
    return allocated.vif
  }

  async detachInterface(
    ctx: RequestContext,
    instance: Instance,
    portId: string,
    { isUsers = false }: { readonly isUsers?: boolean } = {},
  ): Promise<PortAllocations> {
    const vif = cachedNetworkInfo(instance).find(({ id }) => id === portId)
    const allocations = vif?.profile?.allocation ? await withNovaErrors(() => this.#allocationsOf(ctx, instance, portId)) : {}
    const given = { id: portId, preserve_on_delete: isUsers || (vif?.preserve_on_delete ?? false) }
    // Forgotten, it would be found again as a port that Nova had made, and go with the instance.
    if (!(await withNovaErrors(() => this.#giveBack(ctx, instance, given)))) return {}
    const rows = await this.#stores.virtualInterfaces.listByInstanceUuid(ctx, instance.uuid)
    for (const row of rows.filter(({ uuid }) => uuid === portId)) await this.#stores.virtualInterfaces.destroy(ctx, row)
    await this.forgetPort(ctx, instance, portId)
    return allocations
  }

  async forgetPort(ctx: RequestContext, instance: Instance, portId: string): Promise<void> {
    await this.#caches.update(ctx, instance, async (present) => present.filter(({ id }) => id !== portId))
  }

  async addFixedIp(ctx: RequestContext, instance: Instance, networkId: string): Promise<NetworkInfo> {
    await withNovaErrors(() => addFixedIp(this.#for(ctx), ctx, instance, networkId), 'user')
    return this.networkInfo(ctx, instance)
  }

  async removeFixedIp(ctx: RequestContext, instance: Instance, address: string): Promise<NetworkInfo> {
    await withNovaErrors(() => removeFixedIp(this.#for(ctx), ctx, instance, address), 'user')
    return this.networkInfo(ctx, instance)
  }

  async setupNetworksOnHost(
    ctx: RequestContext,
    instance: Instance,
    host: string | null,
    { teardown = false }: TeardownNetworkOptions = {},
  ): Promise<void> {
    const otherHost = host === instance.host ? null : host
    if (teardown) await withNovaErrors(() => withdrawMove(this.#for(ctx), ctx, instance, otherHost))
    else if (otherHost !== null) await withNovaErrors(() => announceMove(this.#for(ctx), ctx, instance, otherHost))
  }

  async setupInstanceNetworkOnHost(ctx: RequestContext, instance: Instance, host: string, options?: MoveNetworkOptions): Promise<void> {
    await withNovaErrors(() => bindPortsTo(this.#for(ctx), ctx, instance, host, options))
  }

  migrateInstanceFinish(ctx: RequestContext, instance: Instance, destinationHost: string, options?: MoveNetworkOptions): Promise<void> {
    return this.setupInstanceNetworkOnHost(ctx, instance, destinationHost, options)
  }

  async cleanupInstanceNetworkOnHost(ctx: RequestContext, instance: Instance, host: string): Promise<void> {
    await withNovaErrors(async () => {
      if (!(await hasPortBindings(this.#for(ctx), ctx))) return
      await deleteBindings(this.#for(ctx), ctx, await portsOf(this.#for(ctx), ctx, instance, ['id']), host)
    })
  }

  async migrateInstanceStart(ctx: RequestContext, instance: Instance, destinationHost: string): Promise<void> {
    await withNovaErrors(async () => {
      if (!(await hasPortBindings(this.#for(ctx), ctx))) return
      await activateBindings(this.#for(ctx), ctx, cachedNetworkInfo(instance), destinationHost)
    })
  }

  hasPortBindings(ctx: RequestContext): Promise<boolean> {
    return withNovaErrors(() => hasPortBindings(this.#for(ctx), ctx))
  }

  bindPortsToHost(
    ctx: RequestContext,
    instance: Instance,
    host: string,
    options?: BindPortsOptions,
  ): Promise<ReadonlyMap<string, HostPortBinding>> {
    return createBindings(this.#for(ctx), ctx, instance, cachedNetworkInfo(instance), host, options)
  }

  activatePortBinding(ctx: RequestContext, portId: string, host: string): Promise<void> {
    return activateBinding(this.#for(ctx), ctx, portId, host)
  }

  deletePortBinding(ctx: RequestContext, portId: string, host: string): Promise<void> {
    return deleteBindings(this.#for(ctx), ctx, [{ id: portId }], host)
  }

  /** With the request in the lines of the log. */
  #for(ctx: RequestContext): PortDeps {
    return { ...this.#ports, log: this.#ports.log.with({ context: ctx }) }
  }

  #refresh(
    ctx: RequestContext,
    instance: Instance,
    options: NetworkInfoOptions,
    readPorts: () => Promise<readonly Port[]>,
  ): Promise<NetworkInfo> {
    const rows = () => this.#stores.virtualInterfaces.listByInstanceUuid(ctx, instance.uuid)
    return this.#caches.refresh(ctx, instance, async (present) => {
      const network = await refreshedInfo(this.#for(ctx), ctx, instance, present, await readPorts(), rows, options)
      return isSameInfo(present, network) ? null : network
    })
  }

  async #allocateWithRetries(ctx: RequestContext, instance: Instance, wish: NetworkWish): Promise<readonly AllocatedVif[]> {
    for (let attempt = 1, pauseMs = 1000; ; attempt++, pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        return await withNovaErrors(() => allocatePorts(this.#for(ctx), ctx, instance, wish))
      } catch (err) {
        if (attempt > this.#allocateRetries) throw err
        const which = `attempt ${attempt} of ${this.#allocateRetries + 1}`
        this.#for(ctx).log.warning(`The instance got no network (${which}); it is tried again`, { err, instanceUuid: instance.uuid })
        await this.#clock.sleep(pauseMs)
      }
    }
  }

  /** What the instance had in its cache before is of an earlier attempt, whose ports are gone: it is not even read. */
  async #record(ctx: RequestContext, instance: Instance, allocated: readonly AllocatedVif[]): Promise<NetworkInfo> {
    for (const one of allocated) await this.#createRow(ctx, instance, one)
    const vifs = allocated.map(({ vif }) => vif)
    return this.#caches.set(ctx, instance, vifs)
  }

  /** Nova keeps `<MAC>/<port>` in the address, as several interfaces may have the same MAC address. */
  async #createRow(ctx: RequestContext, instance: Instance, { vif, tag }: AllocatedVif): Promise<void> {
    const row = new VirtualInterface({ address: `${vif.address}/${vif.id}`, instance_uuid: instance.uuid, tag, uuid: vif.id ?? '' })
    await this.#stores.virtualInterfaces.create(ctx, row)
  }

  /** @returns false if a port of the user's own could not be freed, which is logged */
  async #giveBack(
    ctx: RequestContext,
    instance: Instance,
    { id, preserve_on_delete }: Pick<Vif, 'id' | 'preserve_on_delete'>,
  ): Promise<boolean> {
    if (id === null) return true
    if (!preserve_on_delete) {
      await deletePorts(this.#for(ctx), ctx, instance, [id])
      return true
    }
    try {
      const port = await this.#ports.neutron.showPort(ctx, id, asAdmin)
      return port.device_id !== instance.uuid || (await unbindPorts(this.#for(ctx), ctx, instance, [port]))
    } catch (err) {
      if (isGone(err)) return true
      throw err
    }
  }

  async #allocationsOf(ctx: RequestContext, instance: Instance, portId: string): Promise<PortAllocations> {
    const { neutron, log } = this.#for(ctx)
    try {
      const hasGroups = (await neutron.extensions(ctx, asAdmin)).has('port-resource-request-groups')
      return allocationsOf(await neutron.showPort(ctx, portId, asAdmin), hasGroups)
    } catch (err) {
      if (!isGone(err)) throw err
      log.warning(`Port ${portId} is gone; what it had of resource providers stays allocated`, { instanceUuid: instance.uuid })
      return {}
    }
  }

  async #patiently<T>(ctx: RequestContext, work: () => Promise<T>): Promise<T> {
    for (const pauseMs of givingBackPausesMs) {
      try {
        return await work()
      } catch (err) {
        if (!isClientError(err, 'unreachable')) throw err
        this.#for(ctx).log.warning('Neutron cannot be reached to give networks back; it is asked again', { err })
        await this.#clock.sleep(pauseMs)
      }
    }
    return work()
  }
}

function wishOf(instance: Instance, { networks, securityGroups, providerMappings = null }: NetworkRequests): NetworkWish {
  const auto = wantsAutoNetwork(networks)
  const ports = auto ? [] : (networks?.objects ?? []).map(portWish)
  return { ports, auto, securityGroups, providerMappings, host: instance.host ?? '' }
}

function portWish(request: NetworkRequest): PortWish {
  return {
    networkId: valueIn(request, 'network_id'),
    portId: valueIn(request, 'port_id'),
    address: valueIn(request, 'address'),
    tag: valueIn(request, 'tag'),
    pciRequestId: valueIn(request, 'pci_request_id'),
  }
}

function valueIn(request: NetworkRequest, field: 'network_id' | 'port_id' | 'address' | 'tag' | 'pci_request_id'): string | null {
  return request.objIsSet(field) ? request[field] : null
}

/** Ports that the user had made: they outlive the instance. */
function keptPorts(instance: Instance): readonly string[] {
  return cachedNetworkInfo(instance).flatMap(({ id, preserve_on_delete }) => (preserve_on_delete && id !== null ? [id] : []))
}

function isDeleted(instance: Instance): boolean {
  return instance.objIsSet('deleted') && Boolean(instance.deleted)
}
