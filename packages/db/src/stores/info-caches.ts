import { type InfoCacheStore, InstanceInfoCache, novaError, pythonJson, type RequestContext } from '@micronova/model'
import { isDatabaseError } from '../errors.js'
import type { Rows, StoredRow } from '../rows.js'
import { instanceInfoCaches } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { fieldValues, objectOf } from './object-rows.js'
import { visible } from './visibility.js'

type CacheRow = StoredRow<typeof instanceInfoCaches>

/** What is known of the networks of instances. */
export class DatabaseInfoCacheStore implements InfoCacheStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  async getByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<InstanceInfoCache> {
    return objectOf(InstanceInfoCache, await this.#get(ctx, instanceUuid))
  }

  /** Only the network info is written. A record that is gone is made again. @throws NovaError `InstanceInfoCacheNotFound`, `InstanceNotFound` */
  async save(ctx: RequestContext, cache: InstanceInfoCache): Promise<void> {
    const row = await this.#deps.database.write((rows) => saveInfoCache(rows, ctx, cache))
    if (row !== undefined) cache.objSetStored(fieldValues(InstanceInfoCache.fields, row))
    cache.objResetChanges()
  }

  async refresh(ctx: RequestContext, cache: InstanceInfoCache): Promise<void> {
    cache.objSetStored(fieldValues(InstanceInfoCache.fields, await this.#get(ctx, cache.instance_uuid)))
    cache.objResetChanges()
  }

  async #get(ctx: RequestContext, instance_uuid: string): Promise<CacheRow> {
    const row = await this.#deps.database.read((rows) => rows.first(instanceInfoCaches, { instance_uuid, ...visible(ctx) }))
    if (row === undefined) throw novaError('InstanceInfoCacheNotFound', { instance_uuid })
    return row
  }
}

/** @returns the row as it is now; `undefined` if nothing had changed */
export async function saveInfoCache(rows: Rows, ctx: RequestContext, cache: InstanceInfoCache): Promise<CacheRow | undefined> {
  if (!cache.objWhatChanged().has('network_info')) return undefined
  const { instance_uuid } = cache
  const network_info = encodeNetworkInfo(cache)
  const stored = await rows.first(instanceInfoCaches, { instance_uuid })
  if (stored === undefined) {
    await rows.insert(instanceInfoCaches, { instance_uuid, network_info }).catch((err) => {
      throw isDatabaseError(err, 'reference_violation')
        ? novaError('InstanceNotFound', { instance_id: instance_uuid }, { cause: err })
        : err
    })
    return rows.first(instanceInfoCaches, { instance_uuid })
  }
  if (stored.deleted !== 0 && ctx.readDeleted === 'no') throw novaError('InstanceInfoCacheNotFound', { instance_uuid })
  await rows.update(instanceInfoCaches, { id: stored.id }, { network_info })
  return { ...stored, network_info, updated_at: rows.now }
}

export function encodeNetworkInfo({ network_info }: InstanceInfoCache): string | null {
  return network_info === null ? null : pythonJson(network_info)
}
