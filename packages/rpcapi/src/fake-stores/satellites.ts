import type { Clock, Random } from '@micronova/lifecycle'
import {
  type BlockDeviceMapping,
  type BlockDeviceMappingStore,
  type ConsoleAuthToken,
  type ConsoleAuthTokenStore,
  countedUsage,
  type InfoCacheStore,
  type Instance,
  type InstanceFault,
  type InstanceFaultStore,
  type InstanceInfoCache,
  type Migration,
  type MigrationStore,
  novaError,
  type PciDevice,
  type PciDeviceStore,
  type RequestContext,
  type TaskLog,
  type TaskLogKey,
  type TaskLogStore,
  type VirtualInterface,
  type VirtualInterfaceStore,
  type VolumeUsage,
  type VolumeUsageStore,
} from '@micronova/model'
import type { Tables } from './tables.js'

/** The info cache lies in the row of its instance. */
export class FakeInfoCaches implements InfoCacheStore {
  readonly #tables: Tables

  constructor(tables: Tables) {
    this.#tables = tables
  }

  async getByInstanceUuid(_ctx: RequestContext, instanceUuid: string): Promise<InstanceInfoCache> {
    return this.#stored(instanceUuid).cache
  }

  async save(_ctx: RequestContext, cache: InstanceInfoCache): Promise<void> {
    const { instance, cache: written } = this.#stored(cache.instance_uuid)
    written.objSetStored({ network_info: cache.objClone().network_info, updated_at: this.#tables.instances.now() })
    instance.info_cache = written
    this.#tables.instances.update(instance)
    cache.objSetStored(written.objClone().objGetSet())
    cache.objResetChanges()
  }

  async refresh(_ctx: RequestContext, cache: InstanceInfoCache): Promise<void> {
    cache.objSetStored(this.#stored(cache.instance_uuid).cache.objGetSet())
    cache.objResetChanges()
  }

  #stored(instanceUuid: string): { readonly instance: Instance; readonly cache: InstanceInfoCache } {
    const instance = this.#tables.instances.find((row) => row.uuid === instanceUuid && !row.deleted)
    if (!instance?.info_cache) throw novaError('InstanceInfoCacheNotFound', { instance_uuid: instanceUuid })
    return { instance, cache: instance.info_cache }
  }
}

export class FakeBlockDeviceMappings implements BlockDeviceMappingStore {
  readonly #tables: Tables
  readonly #random: Random

  constructor(tables: Tables, deps: { readonly random: Random }) {
    this.#tables = tables
    this.#random = deps.random
  }

  async listByInstanceUuid(_ctx: RequestContext, instanceUuid: string): Promise<BlockDeviceMapping[]> {
    return this.#tables.blockDeviceMappings.filter((row) => row.instance_uuid === instanceUuid)
  }

  async getByVolumeAndInstance(_ctx: RequestContext, volumeId: string, instanceUuid: string): Promise<BlockDeviceMapping> {
    const found = this.#tables.blockDeviceMappings.find((row) => row.volume_id === volumeId && row.instance_uuid === instanceUuid)
    if (found === undefined) throw novaError('VolumeBDMNotFound', { volume_id: volumeId })
    return found
  }

  async mapByInstanceUuids(ctx: RequestContext, instanceUuids: readonly string[]): Promise<ReadonlyMap<string, BlockDeviceMapping[]>> {
    const lists = await Promise.all(instanceUuids.map((uuid) => this.listByInstanceUuid(ctx, uuid)))
    return new Map(instanceUuids.map((uuid, index) => [uuid, lists[index]!]))
  }

  async create(_ctx: RequestContext, mapping: BlockDeviceMapping): Promise<void> {
    const uuid = mapping.objIsSet('uuid') ? mapping.uuid : this.#random.uuid()
    this.#tables.blockDeviceMappings.insert(mapping, { uuid })
  }

  async save(_ctx: RequestContext, mapping: BlockDeviceMapping): Promise<void> {
    if (!this.#tables.blockDeviceMappings.update(mapping)) throw novaError('BDMNotFound', { id: mapping.id })
  }

  async destroy(_ctx: RequestContext, mapping: BlockDeviceMapping): Promise<void> {
    this.#tables.blockDeviceMappings.delete(mapping)
  }
}

export class FakeInstanceFaults implements InstanceFaultStore {
  readonly #tables: Tables

  constructor(tables: Tables) {
    this.#tables = tables
  }

  async create(_ctx: RequestContext, fault: InstanceFault): Promise<void> {
    this.#tables.faults.insert(fault)
  }
}

const inProgressOrError = { not: ['confirmed', 'reverted', 'completed', 'failed', 'cancelled', 'done'] } as const

export class FakeMigrations implements MigrationStore {
  readonly #tables: Tables
  readonly #random: Random

  constructor(tables: Tables, deps: { readonly random: Random }) {
    this.#tables = tables
    this.#random = deps.random
  }

  /** `host` means either end; a list means: one of these. */
  async listByFilters(_ctx: RequestContext, filters: Readonly<Record<string, unknown>>): Promise<Migration[]> {
    const { host, ...columns } = filters
    return this.#tables.migrations.filter((row) => {
      const values: Readonly<Record<string, unknown>> = row.objGetSet()
      const isMatch = ([name, wanted]: [string, unknown]) =>
        Array.isArray(wanted) ? wanted.includes(values[name]) : values[name] === wanted
      return (host === undefined || host === row.source_compute || host === row.dest_compute) && Object.entries(columns).every(isMatch)
    })
  }

  async listInProgressAndError(_ctx: RequestContext, host: string, node: string): Promise<Migration[]> {
    const isEnd = (row: Migration) =>
      (row.source_compute === host && row.source_node === node) || (row.dest_compute === host && row.dest_node === node)
    return this.#tables.migrations.filter((row) => isEnd(row) && !inProgressOrError.not.some((status) => status === row.status))
  }

  async listUnconfirmed(_ctx: RequestContext, windowSeconds: number, destCompute: string): Promise<Migration[]> {
    const latest = this.#tables.migrations.now().getTime() - windowSeconds * 1000
    return this.#tables.migrations.filter(
      (row) =>
        row.dest_compute === destCompute && row.status === 'finished' && (row.updated_at?.getTime() ?? Number.POSITIVE_INFINITY) <= latest,
    )
  }

  async getByIdAndInstance(_ctx: RequestContext, migration_id: number, instance_id: string): Promise<Migration> {
    const found = this.#tables.migrations.find((row) => row.id === migration_id && row.instance_uuid === instance_id)
    if (found === undefined) throw novaError('MigrationNotFoundForInstance', { migration_id, instance_id })
    return found
  }

  async create(_ctx: RequestContext, migration: Migration): Promise<void> {
    const uuid = migration.objIsSet('uuid') ? migration.uuid : this.#random.uuid()
    this.#tables.migrations.insert(migration, { uuid })
  }

  async save(_ctx: RequestContext, migration: Migration): Promise<void> {
    if (!this.#tables.migrations.update(migration)) throw novaError('MigrationNotFound', { migration_id: migration.id })
  }
}

export class FakeVirtualInterfaces implements VirtualInterfaceStore {
  readonly #tables: Tables

  constructor(tables: Tables) {
    this.#tables = tables
  }

  async listByInstanceUuid(_ctx: RequestContext, instanceUuid: string): Promise<VirtualInterface[]> {
    const rows = this.#tables.virtualInterfaces.filter((row) => row.instance_uuid === instanceUuid)
    rows.forEach(showBareAddress)
    return rows
  }

  async create(_ctx: RequestContext, vif: VirtualInterface): Promise<void> {
    this.#tables.virtualInterfaces.insert(vif)
    showBareAddress(vif)
  }

  async save(_ctx: RequestContext, vif: VirtualInterface): Promise<void> {
    if (!this.#tables.virtualInterfaces.update(vif)) throw novaError('NovaException', {}, `There is no virtual interface ${vif.uuid}`)
  }

  async destroy(_ctx: RequestContext, vif: VirtualInterface): Promise<void> {
    this.#tables.virtualInterfaces.delete(vif)
  }

  async deleteByInstanceUuid(_ctx: RequestContext, instanceUuid: string): Promise<void> {
    for (const row of this.#tables.virtualInterfaces.filter((vif) => vif.instance_uuid === instanceUuid))
      this.#tables.virtualInterfaces.delete(row)
  }
}

/** An address is kept as `MAC/port uuid`, which is unique, and shown as the MAC. */
function showBareAddress(vif: VirtualInterface): void {
  vif.objSetStored({ address: vif.address?.split('/')[0] ?? null })
}

export class FakePciDevices implements PciDeviceStore {
  readonly #tables: Tables

  constructor(tables: Tables) {
    this.#tables = tables
  }

  async listByComputeNode(_ctx: RequestContext, computeNodeId: number): Promise<PciDevice[]> {
    return this.#tables.pciDevices.filter((row) => row.compute_node_id === computeNodeId)
  }
}

export class FakeConsoleAuthTokens implements ConsoleAuthTokenStore {
  readonly #tables: Tables
  readonly #deps: { readonly clock: Clock; readonly random: Random }
  /** By id of the token; in milliseconds of the clock. */
  readonly #expiry = new Map<number, number>()

  constructor(tables: Tables, deps: { readonly clock: Clock; readonly random: Random }) {
    this.#tables = tables
    this.#deps = deps
  }

  async authorize(_ctx: RequestContext, token: ConsoleAuthToken, ttlSeconds: number): Promise<string> {
    if (token.objIsSet('id')) throw novaError('ObjectActionError', { action: 'authorize', reason: 'must be a new object to authorize' })
    if (this.#tables.instances.find((row) => row.uuid === token.instance_uuid && !row.deleted) === undefined)
      throw novaError('InstanceNotFound', { instance_id: token.instance_uuid })
    token.token = this.#deps.random.uuid()
    this.#tables.consoleAuthTokens.insert(token)
    this.#expiry.set(token.id, this.#deps.clock.now() + ttlSeconds * 1000)
    return token.token
  }

  async cleanForInstance(_ctx: RequestContext, instanceUuid: string): Promise<void> {
    this.#deleteWhere((token) => token.instance_uuid === instanceUuid)
  }

  async cleanExpiredForHost(_ctx: RequestContext, host: string): Promise<void> {
    this.#deleteWhere((token) => token.host === host && (this.#expiry.get(token.id) ?? 0) <= this.#deps.clock.now())
  }

  #deleteWhere(wanted: (token: ConsoleAuthToken) => boolean): void {
    for (const token of this.#tables.consoleAuthTokens.filter(wanted)) this.#tables.consoleAuthTokens.delete(token)
  }
}

export class FakeVolumeUsages implements VolumeUsageStore {
  readonly #tables: Tables

  constructor(tables: Tables) {
    this.#tables = tables
  }

  async save(_ctx: RequestContext, usage: VolumeUsage, { ends = false }: { readonly ends?: boolean } = {}): Promise<void> {
    const { volumeUsages } = this.#tables
    const stored = volumeUsages.find((row) => row.volume_id === usage.volume_id)
    const counts = stored?.objGetSet() as Readonly<Record<string, number | null>> | undefined
    const counted = countedUsage(counts ?? null, usage, volumeUsages.now(), ends)
    usage.objSetStored({ ...counted, ...(stored === undefined ? {} : { id: stored.id }) })
    if (stored === undefined) volumeUsages.insert(usage, counted)
    else volumeUsages.update(usage, counted)
  }
}

export class FakeTaskLogs implements TaskLogStore {
  readonly #tables: Tables

  constructor(tables: Tables) {
    this.#tables = tables
  }

  async get(_ctx: RequestContext, key: TaskLogKey, state: string | null = null): Promise<TaskLog | null> {
    return this.#stored(key, state) ?? null
  }

  async begin(_ctx: RequestContext, task: TaskLog): Promise<void> {
    const { task_name, host } = task
    if (this.#stored(keyOf(task)) !== undefined) throw novaError('TaskAlreadyRunning', { task_name, host })
    this.#tables.taskLogs.insert(task.objClone(), { state: 'RUNNING' })
  }

  async end(_ctx: RequestContext, task: TaskLog): Promise<void> {
    const { task_name, host, errors, message } = task
    const stored = this.#stored(keyOf(task))
    if (stored === undefined) throw novaError('TaskNotRunning', { task_name, host })
    this.#tables.taskLogs.update(stored, { state: 'DONE', errors, message })
  }

  #stored({ taskName, begin, end, host }: TaskLogKey, state: string | null = null): TaskLog | undefined {
    return this.#tables.taskLogs.find(
      (row) =>
        row.task_name === taskName &&
        row.host === host &&
        row.period_beginning.getTime() === begin.getTime() &&
        row.period_ending.getTime() === end.getTime() &&
        (state === null || row.state === state),
    )
  }
}

function keyOf({ task_name, period_beginning, period_ending, host }: TaskLog): TaskLogKey {
  return { taskName: task_name, begin: period_beginning, end: period_ending, host }
}
