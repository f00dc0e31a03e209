import type { RequestContext } from './context.js'
import type { HostSurveyStore } from './host-survey.js'
import type { BlockDeviceMapping, ComputeNode, Migration, TagList, TaskLog } from './objects/index.js'
import type {
  BlockDeviceMappingStore,
  ComputeNodeStore,
  InstanceStore,
  MigrationStore,
  Stores,
  TaskLogKey,
  TaskLogStore,
} from './stores.js'

/** The stores of a cell for a service that stands beside its database: with look-ups that a nova-compute never needs. */
export interface CellStores extends Stores {
  readonly computeNodes: CellComputeNodeStore
  readonly instances: CellInstanceStore
  readonly blockDeviceMappings: CellBlockDeviceMappingStore
  readonly migrations: CellMigrationStore
  readonly tags: TagStore
  readonly taskLogs: CellTaskLogStore
  readonly hostSurvey: HostSurveyStore
  readonly instanceRecords: InstanceRecordStore
}

/** All that a cell keeps of an instance. Only the stores of another cell read what is in it. */
export interface InstanceRecords {
  readonly instanceUuid: string
}

/** Instances as wholes, for moves from one cell to another. Each call is one unit of work: all of it is done, or nothing. */
export interface InstanceRecordStore {
  /** @throws NovaError `InstanceNotFound` */
  read(ctx: RequestContext, instanceUuid: string): Promise<InstanceRecords>
  /** Write down what another cell has, as an instance that lists leave out. @throws NovaError `InstanceExists` */
  createHidden(ctx: RequestContext, records: InstanceRecords): Promise<void>
  /** Of the actions in `records` those whose request is not yet known here, with their events. */
  addActions(ctx: RequestContext, records: InstanceRecords): Promise<void>
  /** Not marked as deleted but gone, so that the instance can come again. That there is none is fine. */
  erase(ctx: RequestContext, instanceUuid: string): Promise<void>
}

export interface CellComputeNodeStore extends ComputeNodeStore {
  /** @throws NovaError `ComputeHostNotFound` */
  getById(ctx: RequestContext, id: number): Promise<ComputeNode>
  listAll(ctx: RequestContext): Promise<ComputeNode[]>
  /** One round trip; those that are not in this cell are left out. */
  listByUuids(ctx: RequestContext, uuids: readonly string[]): Promise<ComputeNode[]>
  /** One round trip; hosts without a node are left out. */
  listByHosts(ctx: RequestContext, hosts: readonly string[]): Promise<ComputeNode[]>
}

export interface CellInstanceStore extends InstanceStore {
  /** Of the host, and of one of its nodes if that is named. Only the column is read. */
  listUuidsByHost(ctx: RequestContext, host: string, node?: string): Promise<string[]>
  /** The hosts of those of these instances that are not deleted and have one; each host once. */
  listHostsByUuids(ctx: RequestContext, uuids: readonly string[]): Promise<string[]>
  /** What the instances of the project, and of the user in it if one is named, count against its quota. Memory in MiB. */
  usageOfProject(
    ctx: RequestContext,
    projectId: string,
    userId?: string | null,
  ): Promise<{ readonly project: QuotaUsage; readonly user: QuotaUsage | null }>
}

export interface QuotaUsage {
  readonly instances: number
  readonly cores: number
  readonly ram: number
}

export interface CellBlockDeviceMappingStore extends BlockDeviceMappingStore {
  /**
   * Write a mapping; one of the same device, or of the same source if the device is not yet named, is brought up to date instead.
   * Of swap disks an instance has one.
   */
  updateOrCreate(ctx: RequestContext, mapping: BlockDeviceMapping): Promise<void>
}

export interface CellMigrationStore extends MigrationStore {
  /** @throws NovaError `MigrationNotFound` */
  getById(ctx: RequestContext, id: number): Promise<Migration>
  /** @throws NovaError `MigrationNotFound` */
  getByUuid(ctx: RequestContext, uuid: string): Promise<Migration>
}

export interface TagStore {
  listByResource(ctx: RequestContext, resourceId: string): Promise<TagList>
  /** These and no others. @throws NovaError `InstanceNotFound` */
  replace(ctx: RequestContext, resourceId: string, tags: readonly string[]): Promise<TagList>
  /** All of them. @throws NovaError `InstanceNotFound` */
  destroyAll(ctx: RequestContext, resourceId: string): Promise<void>
}

export interface CellTaskLogStore extends TaskLogStore {
  list(ctx: RequestContext, key: Omit<TaskLogKey, 'host'> & { readonly host?: string | null }, state?: string | null): Promise<TaskLog[]>
}
