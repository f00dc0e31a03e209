import type { CellStores } from './cell-stores.js'
import type { RequestContext } from './context.js'
import type {
  Aggregate,
  BuildRequest,
  CellMapping,
  Flavor,
  HostMapping,
  InstanceGroup,
  InstanceMapping,
  KeyPair,
  RequestSpec,
} from './objects/index.js'

/**
 * What is kept for the whole deployment, above its cells: Nova's API database. The rules are those of `Stores`; nothing here is only
 * marked as deleted, what is destroyed is gone.
 */
export interface ApiStores {
  readonly cellMappings: CellMappingStore
  readonly hostMappings: HostMappingStore
  readonly instanceMappings: InstanceMappingStore
  readonly requestSpecs: RequestSpecStore
  readonly buildRequests: BuildRequestStore
  readonly flavors: FlavorStore
  readonly aggregates: AggregateStore
  readonly instanceGroups: InstanceGroupStore
  readonly keyPairs: KeyPairStore
  readonly quotas: QuotaLimitStore
}

/** The uuid of the cell that holds what could not be scheduled: it has a database and no broker. */
export const CELL0_UUID = '00000000-0000-0000-0000-000000000000'

/**
 * The databases of the cells.
 *
 * A cell that is not asked for is not connected to; one that was stays connected until the service ends.
 */
export interface Cells {
  /** All of them, disabled ones and cell0 too. They change once in months: the list may be as old as the service, see `refresh`. */
  list(ctx: RequestContext): Promise<readonly CellMapping[]>
  /** @throws NovaError `CellMappingNotFound`, after a second look at the database */
  byUuid(ctx: RequestContext, uuid: string): Promise<CellMapping>
  /** @throws DatabaseError if the database of the cell cannot be reached */
  stores(cell: CellMapping): Promise<CellStores>
  /** The next `list` reads again: after SIGHUP, as upstream. */
  refresh(): void
}

export interface CellMappingStore {
  /** In the order of their ids. URLs are complete: `{hostname}` and its like are replaced. */
  list(ctx: RequestContext, filter?: { readonly disabled?: boolean }): Promise<CellMapping[]>
  /** @throws NovaError `CellMappingNotFound` */
  getByUuid(ctx: RequestContext, uuid: string): Promise<CellMapping>
  create(ctx: RequestContext, cell: CellMapping): Promise<void>
  save(ctx: RequestContext, cell: CellMapping): Promise<void>
  destroy(ctx: RequestContext, cell: CellMapping): Promise<void>
}

export interface HostMappingStore {
  /** @throws NovaError `HostMappingNotFound` */
  getByHost(ctx: RequestContext, host: string): Promise<HostMapping>
  /** One round trip; hosts that are in no cell are left out. */
  listByHosts(ctx: RequestContext, hosts: readonly string[]): Promise<HostMapping[]>
  list(ctx: RequestContext, filter?: { readonly cellId?: number }): Promise<HostMapping[]>
  create(ctx: RequestContext, mapping: HostMapping): Promise<void>
  save(ctx: RequestContext, mapping: HostMapping): Promise<void>
  destroy(ctx: RequestContext, mapping: HostMapping): Promise<void>
}

export interface InstanceMappingStore {
  /** @throws NovaError `InstanceMappingNotFound` */
  getByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<InstanceMapping>
  /** One round trip; instances without a mapping are left out. */
  listByInstanceUuids(ctx: RequestContext, instanceUuids: readonly string[]): Promise<InstanceMapping[]>
  listByProject(ctx: RequestContext, projectId: string): Promise<InstanceMapping[]>
  listByCellId(ctx: RequestContext, cellId: number): Promise<InstanceMapping[]>
  /** Whether `counts` counts all: no mapping is left of before Stein, which said neither its user nor whether it is deleted. */
  isCountable(ctx: RequestContext): Promise<boolean>
  /** Instances of the project (and of the user in it) that are not deleted. */
  counts(ctx: RequestContext, projectId: string, userId?: string | null): Promise<InstanceCounts>
  create(ctx: RequestContext, mapping: InstanceMapping): Promise<void>
  /** @throws NovaError `InstanceMappingNotFound` */
  save(ctx: RequestContext, mapping: InstanceMapping): Promise<void>
  /** @throws NovaError `InstanceMappingNotFound` */
  destroy(ctx: RequestContext, instanceUuid: string): Promise<void>
}

export interface InstanceCounts {
  readonly project: { readonly instances: number }
  readonly user?: { readonly instances: number }
}

export interface RequestSpecStore {
  /** Its server group is read anew, without hosts. @throws NovaError `RequestSpecNotFound` */
  getByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<RequestSpec>
  create(ctx: RequestContext, spec: RequestSpec): Promise<void>
  /** What holds for one request alone (retry, hosts to ignore, requested destination ...) is not kept. */
  save(ctx: RequestContext, spec: RequestSpec): Promise<void>
  /** @throws NovaError `RequestSpecNotFound` */
  destroy(ctx: RequestContext, instanceUuid: string): Promise<void>
}

export interface BuildRequestStore {
  /** @throws NovaError `BuildRequestNotFound` */
  getByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<BuildRequest>
  /** What can be read: one that cannot counts as not there. */
  list(ctx: RequestContext): Promise<BuildRequest[]>
  /** Those of these instances whose request is still there: those that nobody deleted. One round trip. */
  presentUuids(ctx: RequestContext, instanceUuids: readonly string[]): Promise<Set<string>>
  create(ctx: RequestContext, request: BuildRequest): Promise<void>
  save(ctx: RequestContext, request: BuildRequest): Promise<void>
  /** @throws NovaError `BuildRequestNotFound`: the user has deleted the server meanwhile */
  destroy(ctx: RequestContext, instanceUuid: string): Promise<void>
}

/** With their extra specs; `projects` only after `loadProjects`. */
export interface FlavorStore {
  /** @throws NovaError `FlavorNotFound` */
  getById(ctx: RequestContext, id: number): Promise<Flavor>
  /** @throws NovaError `FlavorNotFound` */
  getByFlavorId(ctx: RequestContext, flavorId: string): Promise<Flavor>
  /** @throws NovaError `FlavorNotFoundByName` */
  getByName(ctx: RequestContext, name: string): Promise<Flavor>
  list(ctx: RequestContext): Promise<Flavor[]>
  loadProjects(ctx: RequestContext, flavor: Flavor): Promise<void>
  /** @throws NovaError `FlavorIdExists`, `FlavorExists` */
  create(ctx: RequestContext, flavor: Flavor): Promise<void>
  destroy(ctx: RequestContext, flavor: Flavor): Promise<void>
}

export interface AggregateStore {
  /** @throws NovaError `AggregateNotFound` */
  getById(ctx: RequestContext, id: number): Promise<Aggregate>
  /** @throws NovaError `AggregateNotFound` */
  getByUuid(ctx: RequestContext, uuid: string): Promise<Aggregate>
  list(ctx: RequestContext): Promise<Aggregate[]>
  /** Those that the host is in; with `key` those of them that have this metadatum. */
  listByHost(ctx: RequestContext, host: string, key?: string | null): Promise<Aggregate[]>
  /** Those with the metadatum `key`, with one of `hosts` in them if any are named. */
  listByMetadataKey(ctx: RequestContext, key: string, hosts?: readonly string[] | null): Promise<Aggregate[]>
  /** Those with any metadatum of this key, or value, or both. */
  listByMetadata(ctx: RequestContext, key: string | null, value: string | null): Promise<Aggregate[]>
  /** @throws NovaError `AggregateNameExists` */
  create(ctx: RequestContext, aggregate: Aggregate): Promise<void>
  save(ctx: RequestContext, aggregate: Aggregate): Promise<void>
  /** A value of null removes the key. */
  updateMetadata(ctx: RequestContext, aggregate: Aggregate, updates: Readonly<Record<string, string | null>>): Promise<void>
  destroy(ctx: RequestContext, aggregate: Aggregate): Promise<void>
  /** @throws NovaError `AggregateHostExists` */
  addHost(ctx: RequestContext, aggregate: Aggregate, host: string): Promise<void>
  /** @throws NovaError `AggregateHostNotFound` */
  deleteHost(ctx: RequestContext, aggregate: Aggregate, host: string): Promise<void>
}

/** Server groups. `hosts` is in the cells and not read here. A user sees those of the project. */
export interface InstanceGroupStore {
  /** @throws NovaError `InstanceGroupNotFound` */
  getByUuid(ctx: RequestContext, uuid: string): Promise<InstanceGroup>
  /** @throws NovaError `InstanceGroupNotFound` */
  getByName(ctx: RequestContext, name: string): Promise<InstanceGroup>
  /** @throws NovaError `InstanceGroupNotFound` */
  getByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<InstanceGroup>
  list(ctx: RequestContext, filter?: { readonly projectId?: string }): Promise<InstanceGroup[]>
  counts(ctx: RequestContext, projectId: string, userId?: string | null): Promise<ServerGroupCounts>
  create(ctx: RequestContext, group: InstanceGroup): Promise<void>
  save(ctx: RequestContext, group: InstanceGroup): Promise<void>
  destroy(ctx: RequestContext, group: InstanceGroup): Promise<void>
  /** @returns those that are members now, of `instanceUuids`. @throws NovaError `InstanceGroupNotFound` */
  addMembers(ctx: RequestContext, groupUuid: string, instanceUuids: readonly string[]): Promise<string[]>
  /** Of any group. */
  removeMembers(ctx: RequestContext, instanceUuids: readonly string[]): Promise<void>
}

export interface ServerGroupCounts {
  readonly project: { readonly server_groups: number }
  readonly user?: { readonly server_groups: number }
}

export interface KeyPairStore {
  /** @throws NovaError `KeypairNotFound` */
  getByName(ctx: RequestContext, userId: string, name: string): Promise<KeyPair>
  /** In the order of their names, from after `marker` on. @throws NovaError `MarkerNotFound` */
  listByUser(
    ctx: RequestContext,
    userId: string,
    page?: { readonly limit?: number | null; readonly marker?: string | null },
  ): Promise<KeyPair[]>
  countByUser(ctx: RequestContext, userId: string): Promise<number>
  /** @throws NovaError `KeyPairExists` */
  create(ctx: RequestContext, keyPair: KeyPair): Promise<void>
  /** @throws NovaError `KeypairNotFound` */
  destroy(ctx: RequestContext, userId: string, name: string): Promise<void>
}

/** Limits as they were set, by resource; what is not set here comes from the configuration. -1 is no limit. */
export interface QuotaLimitStore {
  limitsOfProject(ctx: RequestContext, projectId: string): Promise<Readonly<Record<string, number | null>>>
  limitsOfUser(ctx: RequestContext, projectId: string, userId: string): Promise<Readonly<Record<string, number | null>>>
  /** Nova knows one class that counts: `default`. */
  limitsOfClass(ctx: RequestContext, className: string): Promise<Readonly<Record<string, number | null>>>
  /** @throws NovaError `QuotaExists` */
  createLimit(ctx: RequestContext, projectId: string, resource: string, limit: number, userId?: string | null): Promise<void>
  /** @throws NovaError `ProjectQuotaNotFound`, `ProjectUserQuotaNotFound` */
  updateLimit(ctx: RequestContext, projectId: string, resource: string, limit: number, userId?: string | null): Promise<void>
}
