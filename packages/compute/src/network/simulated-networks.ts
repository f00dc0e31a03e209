import {
  type Instance,
  InstanceInfoCache,
  isNovaError,
  type NetworkRequest,
  type RequestContext,
  type Stores,
  VirtualInterface,
} from '@micronova/model'
import type { NetworkInfo } from '@micronova/virt'
import { cachedNetworkInfo, type NetworkAllocation, type NetworkApi, type NetworkRequests, wantsNoNetwork } from './network-api.js'
import { type SimulatedVif, simulatedDefaultNetworkId, simulatedVif } from './simulated-addresses.js'

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
 * Neutron's counterpart writes, in the same order. No packet ever flows.
 */
export class SimulatedNetworks implements NetworkApi {
  readonly #stores: SimulatedNetworksDeps['stores']

  constructor({ stores }: SimulatedNetworksDeps) {
    this.#stores = stores
  }

  allocate(ctx: RequestContext, instance: Instance, { networks }: NetworkRequests): NetworkAllocation {
    if (wantsNoNetwork(networks)) return { record: async () => [], settled: async () => {} }
    const requested = networks === null || networks.objects.length === 0 ? [null] : networks.objects
    const vifs = requested.map((request, index) => ({ vif: vifFor(instance, request, index), tag: givenTo(request, 'tag') }))
    return { record: () => this.#record(ctx, instance, vifs), settled: async () => {} }
  }

  async networkInfo(ctx: RequestContext, instance: Instance): Promise<NetworkInfo> {
    const cache = await this.#refreshed(ctx, instance)
    return this.#keep(ctx, instance, cache)
  }

  async deallocate(ctx: RequestContext, instance: Instance): Promise<void> {
    await this.#stores.virtualInterfaces.deleteByInstanceUuid(ctx, instance.uuid)
    await this.#keep(ctx, instance, [])
  }

  async #record(ctx: RequestContext, instance: Instance, vifs: readonly RequestedVif[]): Promise<NetworkInfo> {
    for (const requested of vifs) await this.#stores.virtualInterfaces.create(ctx, rowOf(instance, requested))
    await this.#refreshed(ctx, instance)
    return this.#keep(
      ctx,
      instance,
      vifs.map(({ vif }) => vif),
    )
  }

  /** The cache as it is stored now. */
  async #refreshed(ctx: RequestContext, instance: Instance): Promise<NetworkInfo> {
    if (!instance.objIsSet('info_cache') || instance.info_cache === null) await this.#stores.instances.load(ctx, instance, ['info_cache'])
    const cache = instance.info_cache
    if (cache !== null) await unlessGone(() => this.#stores.infoCaches.refresh(ctx, cache))
    return cachedNetworkInfo(instance)
  }

  async #keep(ctx: RequestContext, instance: Instance, network: NetworkInfo): Promise<NetworkInfo> {
    const cache = new InstanceInfoCache({ instance_uuid: instance.uuid, network_info: [...network] })
    await unlessGone(() => this.#stores.infoCaches.save(ctx, cache))
    instance.info_cache = cache
    return network
  }
}

/** A cache that is gone is that of an instance that is gone: whoever asks will learn so from the instance. */
async function unlessGone(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (err) {
    if (!isNovaError(err, 'InstanceInfoCacheNotFound')) throw err
  }
}

function vifFor(instance: Instance, request: NetworkRequest | null, index: number): SimulatedVif {
  return simulatedVif({
    instanceUuid: instance.uuid,
    projectId: instance.project_id,
    networkId: givenTo(request, 'network_id') ?? simulatedDefaultNetworkId,
    index,
    portId: givenTo(request, 'port_id'),
    fixedIp: givenTo(request, 'address'),
  })
}

function givenTo(request: NetworkRequest | null, field: 'network_id' | 'port_id' | 'address' | 'tag'): string | null {
  return request?.objIsSet(field) ? request[field] : null
}

/** Nova keeps `<MAC>/<port>` in the address, as several interfaces may have the same MAC address. */
function rowOf(instance: Instance, { vif, tag }: RequestedVif): VirtualInterface {
  return new VirtualInterface({ address: `${vif.address}/${vif.id}`, instance_uuid: instance.uuid, tag, uuid: vif.id })
}
