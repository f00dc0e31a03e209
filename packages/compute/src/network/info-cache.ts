import { type Instance, InstanceInfoCache, isNovaError, type RequestContext, type Stores } from '@micronova/model'
import type { NetworkInfo } from '@micronova/virt'
import { KeyedLocks } from '../keyed-locks.js'
import { cachedNetworkInfo } from './network-api.js'

export interface InfoCachesDeps {
  readonly stores: Pick<Stores, 'instances' | 'infoCaches'>
}

/**
 * What is stored of the networks of instances. One change of an instance's at a time: requests about it and events of
 * Neutron come in any order, and each begins from what the one before it has left.
 */
export class InfoCaches {
  readonly #stores: InfoCachesDeps['stores']
  readonly #locks = new KeyedLocks()

  constructor({ stores }: InfoCachesDeps) {
    this.#stores = stores
  }

  /** @param change from what is stored now to what shall be; both are put into `instance` */
  update(ctx: RequestContext, instance: Instance, change: (present: NetworkInfo) => Promise<NetworkInfo>): Promise<NetworkInfo> {
    return this.#locks.run(instance.uuid, async () => this.#write(ctx, instance, await change(await this.#read(ctx, instance))))
  }

  /** The same where most calls find nothing to change: then nothing is stored. @param change null: nothing has */
  refresh(ctx: RequestContext, instance: Instance, change: (present: NetworkInfo) => Promise<NetworkInfo | null>): Promise<NetworkInfo> {
    return this.#locks.run(instance.uuid, async () => {
      const present = await this.#read(ctx, instance)
      const network = await change(present)
      return network === null ? present : this.#write(ctx, instance, network)
    })
  }

  /** Without looking at what is stored. */
  set(ctx: RequestContext, instance: Instance, network: NetworkInfo): Promise<NetworkInfo> {
    return this.#locks.run(instance.uuid, () => this.#write(ctx, instance, network))
  }

  async #read(ctx: RequestContext, instance: Instance): Promise<NetworkInfo> {
    if (!instance.objIsSet('info_cache') || instance.info_cache === null) await this.#stores.instances.load(ctx, instance, ['info_cache'])
    const cache = instance.info_cache
    if (cache !== null) await unlessGone(() => this.#stores.infoCaches.refresh(ctx, cache))
    return cachedNetworkInfo(instance)
  }

  async #write(ctx: RequestContext, instance: Instance, network: NetworkInfo): Promise<NetworkInfo> {
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
