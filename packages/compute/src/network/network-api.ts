import type { Instance, NetworkRequestList, RequestContext, Vif } from '@micronova/model'
import type { NetworkInfo } from '@micronova/virt'

/** Who provides what is asked of a resource provider beyond CPU, memory and disk: uuids of providers by port uuid or request group. */
export type ProviderMappings = Readonly<Record<string, readonly string[]>>

/** What the user asked for when the instance was created. */
export interface NetworkRequests {
  /** Null: nothing was said. */
  readonly networks: NetworkRequestList | null
  /** Names or uuids. */
  readonly securityGroups: readonly string[]
  /** For ports with guaranteed bandwidth and the like. */
  readonly providerMappings?: ProviderMappings | null
}

/** An interface that a running guest shall get: on a network, or a port that is there. All null: on the project's only network. */
export interface InterfaceRequest {
  readonly networkId: string | null
  readonly portId: string | null
  readonly address: string | null
  readonly tag: string | null
}

/** What a port needs of resource providers, such as bandwidth. */
export interface PortNeeds {
  /** Each is met by one provider. */
  readonly groups: readonly {
    readonly id: string
    /** By resource class. */
    readonly resources: Readonly<Record<string, number>>
    /** Traits. */
    readonly required: readonly string[]
  }[]
  /** Ids of groups whose providers lie in one tree below a common one; empty: any. */
  readonly sameSubtree: readonly string[]
}

/** What a port has of resource providers: by provider uuid, by resource class. */
export type PortAllocations = Readonly<Record<string, { readonly resources: Readonly<Record<string, number>> }>>

/** An allocation under way. */
export interface NetworkAllocation {
  /**
   * Waits for it and writes what came of it: a virtual interface each and the info cache.
   * Apart from the allocation itself, so that what a build writes keeps its order however long the network service takes.
   */
  record(): Promise<NetworkInfo>
  /** Resolves when nothing more will be allocated, however it ended: before what there is can be given back. */
  settled(): Promise<void>
}

export interface NetworkInfoOptions {
  /** Only this port may have changed; the others stay as the info cache has them. */
  readonly changedPort?: string
  /** The ports that the network service has count, not those of the info cache. */
  readonly force?: boolean
}

export interface TeardownNetworkOptions {
  /** Take off what an earlier call for the same host has set up. Default false. */
  readonly teardown?: boolean
}

export interface MoveNetworkOptions {
  /** The conductor has bound the ports of a live migration already. Default false. */
  readonly live?: boolean
  readonly providerMappings?: ProviderMappings | null
}

export interface BindPortsOptions {
  /** By port uuid; default: as the info cache says. */
  readonly vnicTypes?: Readonly<Record<string, string>>
  readonly profiles?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** A port on one host. */
export interface HostPortBinding {
  readonly host: string
  /** `ACTIVE` or `INACTIVE`. */
  readonly status: string
  readonly vif_type: string
  readonly vnic_type: string
  readonly vif_details: Readonly<Record<string, unknown>>
  readonly profile: Readonly<Record<string, unknown>>
}

/** The networks of instances; the service behind it (Neutron, or none) is not our business. */
export interface NetworkApi {
  /** Begin to allocate; does not wait. A failure shows in `record`. */
  allocate(ctx: RequestContext, instance: Instance, requests: NetworkRequests): NetworkAllocation
  /** The interfaces as the network service has them now; the info cache is brought up to date. */
  networkInfo(ctx: RequestContext, instance: Instance, options?: NetworkInfoOptions): Promise<NetworkInfo>
  /**
   * The same from what the network service has alone; bindings that are not on `host`, or have failed, are mended first.
   * Periodic: so it says nothing, and costs little, where all is well.
   *
   * @param mend false: an operation works on the instance, so its bindings are left alone
   */
  healNetworkInfo(ctx: RequestContext, instance: Instance, host: string, mend: boolean): Promise<void>
  /**
   * Give everything back that the instance has. Nothing there is fine.
   *
   * @param requested what a failed build was asked for: ports that the user had made are kept, even if the info cache does not know them
   */
  deallocate(ctx: RequestContext, instance: Instance, requested?: NetworkRequestList | null): Promise<void>

  /**
   * One more interface, in the info cache when this resolves. What was begun is taken back if it fails.
   *
   * @param claim called if the port needs something of resource providers, before it is bound; what it claims the caller gives back
   */
  attachInterface(
    ctx: RequestContext,
    instance: Instance,
    request: InterfaceRequest,
    claim?: (needs: PortNeeds) => Promise<ProviderMappings>,
  ): Promise<Vif>
  /**
   * Give one port back: deleted if Nova had made it, freed otherwise. A port that is gone is fine.
   *
   * @param options.isUsers the user had made it, whatever the info cache says
   * @returns what the port had of resource providers, which is the caller's to give back; `{}` for most
   */
  detachInterface(
    ctx: RequestContext,
    instance: Instance,
    portId: string,
    options?: { readonly isUsers?: boolean },
  ): Promise<PortAllocations>
  /** The network service has deleted the port: the info cache shall not have it any more. */
  forgetPort(ctx: RequestContext, instance: Instance, portId: string): Promise<void>
  /** @throws NovaError `NetworkNotFoundForInstance` */
  addFixedIp(ctx: RequestContext, instance: Instance, networkId: string): Promise<NetworkInfo>
  /** @throws NovaError `FixedIpNotFoundForInstance` */
  removeFixedIp(ctx: RequestContext, instance: Instance, address: string): Promise<NetworkInfo>

  /**
   * Mark the ports as about to move to `host`; with `teardown` take the mark off, and bindings on `host` unless the instance is there.
   * Nothing to do where `host` is the instance's own and `teardown` is not set.
   *
   * @param host null: none in particular
   * @throws NovaError `PortBindingDeletionFailed`
   */
  setupNetworksOnHost(ctx: RequestContext, instance: Instance, host: string | null, options?: TeardownNetworkOptions): Promise<void>
  /** Bind the ports to `host`, and mend bindings that have failed. @throws NovaError `PortUpdateFailed` */
  setupInstanceNetworkOnHost(ctx: RequestContext, instance: Instance, host: string, options?: MoveNetworkOptions): Promise<void>
  /** The ports keep no binding on `host`; the instance keeps its ports. @throws NovaError `PortBindingDeletionFailed` */
  cleanupInstanceNetworkOnHost(ctx: RequestContext, instance: Instance, host: string): Promise<void>
  /**
   * The guest is about to run on `destinationHost`: bindings that wait there become the active ones. Nothing to do if there are none.
   * @throws NovaError `PortBindingActivationFailed`
   */
  migrateInstanceStart(ctx: RequestContext, instance: Instance, destinationHost: string): Promise<void>
  /** The guest is on `destinationHost`: so are its ports. @throws NovaError `PortUpdateFailed` */
  migrateInstanceFinish(ctx: RequestContext, instance: Instance, destinationHost: string, options?: MoveNetworkOptions): Promise<void>

  /** A port may be bound to two hosts at once, one of them being active. The four methods below need it. */
  hasPortBindings(ctx: RequestContext): Promise<boolean>
  /**
   * A further, inactive binding for each port of the info cache. All or none.
   *
   * @returns by port uuid
   * @throws NovaError `PortBindingFailed`
   */
  bindPortsToHost(
    ctx: RequestContext,
    instance: Instance,
    host: string,
    options?: BindPortsOptions,
  ): Promise<ReadonlyMap<string, HostPortBinding>>
  /** @throws NovaError `PortBindingActivationFailed` */
  activatePortBinding(ctx: RequestContext, portId: string, host: string): Promise<void>
  /** A binding that is gone is fine. @throws NovaError `PortBindingDeletionFailed` */
  deletePortBinding(ctx: RequestContext, portId: string, host: string): Promise<void>
}

/** The user wants no network at all: nothing is allocated, and nothing need be given back. */
export function wantsNoNetwork(networks: NetworkRequestList | null): boolean {
  return isSingle(networks, 'none')
}

/** The user wants a network, and one made if there is none. */
export function wantsAutoNetwork(networks: NetworkRequestList | null): boolean {
  return isSingle(networks, 'auto')
}

function isSingle(networks: NetworkRequestList | null, networkId: 'auto' | 'none'): boolean {
  return networks !== null && networks.objects.length === 1 && networks.objects[0]?.network_id === networkId
}

/** What the info cache of an instance holds, without asking anyone. */
export function cachedNetworkInfo(instance: Instance): NetworkInfo {
  if (!instance.objIsSet('info_cache')) return []
  return instance.info_cache?.network_info ?? []
}
