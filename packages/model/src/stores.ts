import type { RequestContext } from './context.js'
import type { InstanceAttribute } from './instance-attributes.js'
import type {
  BlockDeviceMapping,
  ComputeNode,
  ConsoleAuthToken,
  Instance,
  InstanceFault,
  InstanceInfoCache,
  Migration,
  PciDevice,
  Service,
  TaskLog,
  VirtualInterface,
  VolumeUsage,
} from './objects/index.js'
import type { TaskState, VmState } from './states.js'

/**
 * Where objects are kept. Two kinds exist: the database (conductor, API) and conductor over RPC (compute).
 * Both pass the same contract tests.
 *
 * Rules for each method: a lookup of one thing rejects with the `NovaError` of Nova's kind if it is not there;
 * `create` and `save` write the changed fields of the object, then put what the store decided (id, timestamps) into the
 * object and reset its changes; a failed write leaves the object as it was.
 */
export interface Stores {
  readonly services: ServiceStore
  readonly computeNodes: ComputeNodeStore
  readonly instances: InstanceStore
  readonly infoCaches: InfoCacheStore
  readonly blockDeviceMappings: BlockDeviceMappingStore
  readonly actions: InstanceActionStore
  readonly faults: InstanceFaultStore
  readonly migrations: MigrationStore
  readonly virtualInterfaces: VirtualInterfaceStore
  readonly pciDevices: PciDeviceStore
  readonly consoleAuthTokens: ConsoleAuthTokenStore
  readonly volumeUsages: VolumeUsageStore
  readonly taskLogs: TaskLogStore
}

export interface ServiceStore {
  /** `null` if there is none: upstream's object method answers None here. */
  getByHostAndBinary(ctx: RequestContext, host: string, binary: string): Promise<Service | null>
  /** @throws NovaError `ComputeHostNotFound` */
  getByComputeHost(ctx: RequestContext, host: string): Promise<Service>
  /** Lowest version of all not deleted services of `binary`; 0 if there is none. */
  getMinimumVersion(ctx: RequestContext, binary: string): Promise<number>
  list(ctx: RequestContext, filter?: { readonly binary?: string; readonly host?: string; readonly topic?: string }): Promise<Service[]>
  /** @throws NovaError `ServiceTopicExists` or `ServiceBinaryExists` */
  create(ctx: RequestContext, service: Service): Promise<void>
  save(ctx: RequestContext, service: Service): Promise<void>
  destroy(ctx: RequestContext, service: Service): Promise<void>
}

export interface ComputeNodeStore {
  /** @throws NovaError `ComputeHostNotFound` */
  getByHostAndNode(ctx: RequestContext, host: string, node: string): Promise<ComputeNode>
  /** @throws NovaError `ComputeHostNotFound` if the host has none */
  listByHost(ctx: RequestContext, host: string): Promise<ComputeNode[]>
  create(ctx: RequestContext, node: ComputeNode): Promise<void>
  save(ctx: RequestContext, node: ComputeNode): Promise<void>
  destroy(ctx: RequestContext, node: ComputeNode): Promise<void>
}

export interface SaveInstanceOptions {
  /** The write happens only if the stored vm state is one of these. @throws NovaError `InstanceUpdateConflict` */
  readonly expectedVmState?: readonly (VmState | null)[]
  /** The same for the task state. @throws NovaError `UnexpectedTaskStateError`, `UnexpectedDeletingTaskStateError` */
  readonly expectedTaskState?: readonly (TaskState | null)[]
  readonly adminStateReset?: boolean
}

export interface ReadOptions {
  /** A replica that lags behind may answer: for periodic tasks. Upstream's `use_slave`. */
  readonly replica?: boolean
}

export interface InstanceStore {
  /** @throws NovaError `InstanceNotFound`. Default attributes: info_cache, security_groups. */
  getByUuid(ctx: RequestContext, uuid: string, attributes?: readonly InstanceAttribute[]): Promise<Instance>
  listByHost(ctx: RequestContext, host: string, attributes?: readonly InstanceAttribute[], options?: ReadOptions): Promise<Instance[]>
  listByHostAndNode(ctx: RequestContext, host: string, node: string, attributes?: readonly InstanceAttribute[]): Promise<Instance[]>
  /** Upstream's `InstanceList.get_by_filters`: `{ deleted, host, uuid, ... }`. */
  listByFilters(
    ctx: RequestContext,
    filters: Readonly<Record<string, unknown>>,
    attributes?: readonly InstanceAttribute[],
    options?: ReadOptions,
  ): Promise<Instance[]>
  /** Instances of which usage is to be told: they lived in the window. Deleted ones are among them. */
  listActiveByWindow(ctx: RequestContext, window: UsageWindow, attributes?: readonly InstanceAttribute[]): Promise<Instance[]>
  create(ctx: RequestContext, instance: Instance): Promise<void>
  save(ctx: RequestContext, instance: Instance, options?: SaveInstanceOptions): Promise<void>
  /** Soft delete of the row and its satellites. @throws NovaError `ObjectActionError` if it is on another host meanwhile */
  destroy(ctx: RequestContext, instance: Instance): Promise<void>
  /** Read again what is stored; attributes that were loaded stay loaded. */
  refresh(ctx: RequestContext, instance: Instance, options?: ReadOptions): Promise<void>
  /** Load further attributes into the same object. */
  load(ctx: RequestContext, instance: Instance, attributes: readonly InstanceAttribute[]): Promise<void>
  /**
   * The move is over: its context goes from the record, and from the object, where it counts as one more change. Other changes
   * of the object stay unsaved. No context is fine, and then the object stays as it is.
   * @throws NovaError `InstanceNotFound`
   */
  dropMigrationContext(ctx: RequestContext, instance: Instance): Promise<void>
}

/** A span of time, and whose instances are meant; null or absent: everybody's, on all hosts. */
export interface UsageWindow {
  readonly begin: Date
  readonly end?: Date | null
  readonly projectId?: string | null
  readonly host?: string | null
}

export interface InfoCacheStore {
  /** @throws NovaError `InstanceInfoCacheNotFound` */
  getByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<InstanceInfoCache>
  save(ctx: RequestContext, cache: InstanceInfoCache): Promise<void>
  refresh(ctx: RequestContext, cache: InstanceInfoCache): Promise<void>
}

export interface BlockDeviceMappingStore {
  listByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<BlockDeviceMapping[]>
  /** @throws NovaError `VolumeBDMNotFound` */
  getByVolumeAndInstance(ctx: RequestContext, volumeId: string, instanceUuid: string): Promise<BlockDeviceMapping>
  /** One round trip for many instances. Every uuid asked for is a key. */
  mapByInstanceUuids(ctx: RequestContext, instanceUuids: readonly string[]): Promise<ReadonlyMap<string, BlockDeviceMapping[]>>
  create(ctx: RequestContext, mapping: BlockDeviceMapping): Promise<void>
  save(ctx: RequestContext, mapping: BlockDeviceMapping): Promise<void>
  destroy(ctx: RequestContext, mapping: BlockDeviceMapping): Promise<void>
}

export interface InstanceActionStore {
  /** Begins the action `action` (`create`, `stop` ...) for the request of `ctx`. */
  start(ctx: RequestContext, instanceUuid: string, action: string): Promise<void>
  /** Begins an event (`compute_stop_instance` ...) of the action of this request; without an action nothing is recorded. */
  startEvent(ctx: RequestContext, instanceUuid: string, event: string, host: string): Promise<void>
  /** Ends it: `Success`, or `Error` with message and traceback. */
  finishEvent(
    ctx: RequestContext,
    instanceUuid: string,
    event: string,
    failure?: { readonly message: string; readonly traceback: string },
  ): Promise<void>
}

export interface InstanceFaultStore {
  create(ctx: RequestContext, fault: InstanceFault): Promise<void>
}

export interface MigrationStore {
  listByFilters(ctx: RequestContext, filters: Readonly<Record<string, unknown>>): Promise<Migration[]>
  listInProgressAndError(ctx: RequestContext, host: string, node: string): Promise<Migration[]>
  /** Resizes to `destCompute` that have waited for their confirmation for `windowSeconds` or longer. */
  listUnconfirmed(ctx: RequestContext, windowSeconds: number, destCompute: string, options?: ReadOptions): Promise<Migration[]>
  /** @throws NovaError `MigrationNotFoundForInstance` */
  getByIdAndInstance(ctx: RequestContext, id: number, instanceUuid: string): Promise<Migration>
  create(ctx: RequestContext, migration: Migration): Promise<void>
  save(ctx: RequestContext, migration: Migration): Promise<void>
}

export interface VirtualInterfaceStore {
  listByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<VirtualInterface[]>
  create(ctx: RequestContext, vif: VirtualInterface): Promise<void>
  save(ctx: RequestContext, vif: VirtualInterface): Promise<void>
  destroy(ctx: RequestContext, vif: VirtualInterface): Promise<void>
  /** Every interface of the instance in one round trip; none is fine. */
  deleteByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<void>
}

export interface PciDeviceStore {
  listByComputeNode(ctx: RequestContext, computeNodeId: number): Promise<PciDevice[]>
}

export interface VolumeUsageStore {
  /**
   * Bring the one record of a volume up to date with what has been read and written since it was attached, and put it into
   * `usage`. Numbers lower than before mean that the guest was restarted: then what was counted joins the totals.
   *
   * @param ends the volume is detached: all that was counted joins the totals
   */
  save(ctx: RequestContext, usage: VolumeUsage, options?: { readonly ends?: boolean }): Promise<void>
}

export interface ConsoleAuthTokenStore {
  /**
   * Record a new token, good for `ttlSeconds`, and give it its secret, which is kept nowhere else.
   *
   * @returns the secret
   * @throws NovaError `InstanceNotFound`; `ObjectActionError` if it was authorized before
   */
  authorize(ctx: RequestContext, token: ConsoleAuthToken, ttlSeconds: number): Promise<string>
  cleanForInstance(ctx: RequestContext, instanceUuid: string): Promise<void>
  cleanExpiredForHost(ctx: RequestContext, host: string): Promise<void>
}

/** Runs of the periodic usage audit: one for each task, host and period. */
export interface TaskLogStore {
  get(ctx: RequestContext, key: TaskLogKey, state?: string | null): Promise<TaskLog | null>
  /** @throws NovaError `TaskAlreadyRunning` */
  begin(ctx: RequestContext, task: TaskLog): Promise<void>
  /** @throws NovaError `TaskNotRunning` */
  end(ctx: RequestContext, task: TaskLog): Promise<void>
}

export interface TaskLogKey {
  readonly taskName: string
  readonly begin: Date
  readonly end: Date
  readonly host: string
}
