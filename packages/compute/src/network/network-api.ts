import type { Instance, NetworkRequestList, RequestContext } from '@micronova/model'
import type { NetworkInfo } from '@micronova/virt'

/** What the user asked for when the instance was created. */
export interface NetworkRequests {
  /** Null: nothing was said. */
  readonly networks: NetworkRequestList | null
  /** Names or uuids. */
  readonly securityGroups: readonly string[]
}

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

/** The networks of instances; the service behind it (Neutron, or none) is not our business. */
export interface NetworkApi {
  /** Begin to allocate; does not wait. A failure shows in `record`. */
  allocate(ctx: RequestContext, instance: Instance, requests: NetworkRequests): NetworkAllocation
  /** The interfaces as the network service has them now; the info cache is brought up to date. */
  networkInfo(ctx: RequestContext, instance: Instance): Promise<NetworkInfo>
  /** Give everything back that the instance has. Nothing there is fine. */
  deallocate(ctx: RequestContext, instance: Instance): Promise<void>
}

/** The user wants no network at all: nothing is allocated, and nothing need be given back. */
export function wantsNoNetwork(networks: NetworkRequestList | null): boolean {
  return networks !== null && networks.objects.length === 1 && networks.objects[0]?.network_id === 'none'
}

/** What the info cache of an instance holds, without asking anyone. */
export function cachedNetworkInfo(instance: Instance): NetworkInfo {
  if (!instance.objIsSet('info_cache')) return []
  return instance.info_cache?.network_info ?? []
}
