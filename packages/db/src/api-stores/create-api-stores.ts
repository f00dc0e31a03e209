import { type ApiStores, novaRegistry } from '@micronova/model'
import type { Database } from '../database.js'
import type { StoresDeps } from '../stores/create-stores.js'
import { DatabaseAggregateStore } from './aggregates.js'
import { DatabaseBuildRequestStore } from './build-requests.js'
import { cellMappingOf, DatabaseCellMappingStore } from './cell-mappings.js'
import { completeCellUrl } from './cell-urls.js'
import type { ApiStoreDeps } from './deps.js'
import { DatabaseFlavorStore } from './flavors.js'
import { DatabaseHostMappingStore } from './host-mappings.js'
import { DatabaseInstanceGroupStore } from './instance-groups.js'
import { DatabaseInstanceMappingStore } from './instance-mappings.js'
import { DatabaseKeyPairStore } from './key-pairs.js'
import { DatabaseQuotaLimitStore } from './quotas.js'
import { DatabaseRequestSpecStore } from './request-specs.js'

export interface ApiStoresOptions {
  /** `[database] connection` of this service: what `{hostname}` and its like mean in the mapping of a cell. Default null. */
  readonly databaseUrl?: string | null
  /** `[DEFAULT] transport_url`: the same. */
  readonly transportUrl?: string | null
}

/** Stores over the API database, whose schema must be there (`prepareApiSchema`). They keep nothing in memory. */
export function createApiStores(database: Database, deps: StoresDeps, options: ApiStoresOptions = {}): ApiStores {
  const { databaseUrl = null, transportUrl = null } = options
  const complete = {
    database: (url: string) => completeCellUrl(url, databaseUrl),
    transport: (url: string) => completeCellUrl(url, transportUrl),
  }
  const storeDeps: ApiStoreDeps = {
    database,
    ...deps,
    registry: deps.registry ?? novaRegistry(),
    cellOf: (row) => cellMappingOf(row, complete),
  }
  const instanceGroups = new DatabaseInstanceGroupStore(storeDeps)
  return {
    cellMappings: new DatabaseCellMappingStore(storeDeps),
    hostMappings: new DatabaseHostMappingStore(storeDeps),
    instanceMappings: new DatabaseInstanceMappingStore(storeDeps),
    requestSpecs: new DatabaseRequestSpecStore(storeDeps, instanceGroups),
    buildRequests: new DatabaseBuildRequestStore(storeDeps),
    flavors: new DatabaseFlavorStore(storeDeps),
    aggregates: new DatabaseAggregateStore(storeDeps),
    instanceGroups,
    keyPairs: new DatabaseKeyPairStore(storeDeps),
    quotas: new DatabaseQuotaLimitStore(storeDeps),
  }
}
