import type { Clock, Random } from '@micronova/lifecycle'
import {
  type Instance,
  type InstanceAttribute,
  type InstanceStore,
  type NovaError,
  type NovaErrorKind,
  novaError,
  type RequestContext,
  type SaveInstanceOptions,
  type UsageWindow,
} from '@micronova/model'
import { joinedAttributes, newInfoCache, withAttributes } from './instance-attributes.js'
import type { Tables } from './tables.js'

export class FakeInstances implements InstanceStore {
  readonly #tables: Tables
  readonly #deps: { readonly clock: Clock; readonly random: Random }

  constructor(tables: Tables, deps: { readonly clock: Clock; readonly random: Random }) {
    this.#tables = tables
    this.#deps = deps
  }

  async getByUuid(
    ctx: RequestContext,
    uuid: string,
    attributes: readonly InstanceAttribute[] = ['info_cache', 'security_groups'],
  ): Promise<Instance> {
    return withAttributes(this.#tables, this.#row(ctx, uuid), attributes)
  }

  async listByHost(ctx: RequestContext, host: string, attributes: readonly InstanceAttribute[] = []): Promise<Instance[]> {
    return this.#list(ctx, attributes, (row) => row.host === host)
  }

  async listByHostAndNode(
    ctx: RequestContext,
    host: string,
    node: string,
    attributes: readonly InstanceAttribute[] = [],
  ): Promise<Instance[]> {
    return this.#list(ctx, attributes, (row) => row.host === host && row.node === node)
  }

  async listByFilters(
    ctx: RequestContext,
    filters: Readonly<Record<string, unknown>>,
    attributes: readonly InstanceAttribute[] = [],
  ): Promise<Instance[]> {
    const { deleted, soft_deleted: softDeleted, ...columns } = filters
    const seen: RequestContext = { ...ctx, readDeleted: deleted === true ? 'only' : deleted === false ? 'no' : 'yes' }
    return this.#list(seen, attributes, (row) => (softDeleted !== false || row.vm_state !== 'soft-delete') && matches(row, columns))
  }

  async listActiveByWindow(
    _ctx: RequestContext,
    { begin, end, projectId, host }: UsageWindow,
    attributes: readonly InstanceAttribute[] = [],
  ): Promise<Instance[]> {
    return this.#list(anyInstance as RequestContext, attributes, (row) => {
      const { terminated_at, launched_at, project_id } = row
      if ((projectId && project_id !== projectId) || (host && row.host !== host)) return false
      return (terminated_at === null || terminated_at > begin) && (!end || (launched_at !== null && launched_at < end))
    })
  }

  async create(_ctx: RequestContext, instance: Instance): Promise<void> {
    const uuid = instance.objIsSet('uuid') ? instance.uuid : this.#deps.random.uuid()
    if (this.#tables.instances.find((row) => row.uuid === uuid)) throw novaError('InstanceExists', { name: uuid })
    this.#tables.instances.insert(instance, { uuid, info_cache: newInfoCache(instance, uuid, this.#tables.instances.now()) })
    this.#showJoined(instance)
  }

  /** One that is deleted is not found, as in the database, unless there is nothing to write. */
  async save(ctx: RequestContext, instance: Instance, options: SaveInstanceOptions = {}): Promise<void> {
    const { uuid, task_state, vm_state } = this.#row(instance.objWhatChanged().size > 0 ? ctx : anyInstance, instance.uuid)
    const conflict = stateConflict({ uuid, task_state, vm_state }, options)
    if (conflict) throw conflict
    this.#tables.instances.update(instance)
    this.#showJoined(instance)
  }

  async destroy(ctx: RequestContext, instance: Instance): Promise<void> {
    const stored = this.#row(ctx, instance.uuid)
    if (!(instance.objIsSet('host') && instance.host) && stored.host !== null)
      throw novaError('ObjectActionError', { action: 'destroy', reason: 'host changed' })
    this.#tables.instances.update(instance, { deleted: true, deleted_at: this.#tables.instances.now() })
    this.#showJoined(instance)
  }

  async refresh(ctx: RequestContext, instance: Instance): Promise<void> {
    const loaded = instance.objGetSet()
    const current = withAttributes(this.#tables, this.#row(ctx, instance.uuid), Object.keys(loaded))
    instance.objSetStored(Object.fromEntries(Object.entries(current.objGetSet()).filter(([name]) => name in loaded)))
    instance.objResetChanges()
  }

  async load(_ctx: RequestContext, instance: Instance, attributes: readonly InstanceAttribute[]): Promise<void> {
    const loaded = instance.objGetSet()
    const current = withAttributes(this.#tables, this.#row(anyInstance, instance.uuid), attributes)
    instance.objSetStored(Object.fromEntries(Object.entries(current.objGetSet()).filter(([name]) => !(name in loaded))))
  }

  async dropMigrationContext(_ctx: RequestContext, instance: Instance): Promise<void> {
    const row = this.#row(anyInstance, instance.uuid)
    if (!row.objIsSet('migration_context') || row.migration_context === null) return
    row.migration_context = null
    this.#tables.instances.update(row)
    instance.migration_context = null
  }

  /** A write reads these again, if they were loaded. */
  #showJoined(instance: Instance): void {
    const loaded = joinedAttributes.filter((name) => instance.objIsSet(name))
    const current = withAttributes(this.#tables, this.#row(anyInstance, instance.uuid), loaded)
    instance.objSetStored(Object.fromEntries(loaded.map((name) => [name, current.objGet(name)])))
  }

  #row(ctx: Pick<RequestContext, 'readDeleted'>, uuid: string): Instance {
    const row = this.#tables.instances.find((other) => other.uuid === uuid && isSeen(ctx, other))
    if (row === undefined) throw novaError('InstanceNotFound', { instance_id: uuid })
    return row
  }

  #list(ctx: RequestContext, attributes: readonly InstanceAttribute[], wanted: (row: Instance) => boolean): Instance[] {
    return this.#tables.instances
      .filter((row) => isSeen(ctx, row) && wanted(row))
      .map((row) => withAttributes(this.#tables, row, attributes))
  }
}

const anyInstance = { readDeleted: 'yes' } as const

function isSeen({ readDeleted }: Pick<RequestContext, 'readDeleted'>, row: Instance): boolean {
  return readDeleted === 'yes' || row.deleted === (readDeleted === 'only')
}

/** A list in a filter means: one of these. */
function matches(row: Instance, filters: Readonly<Record<string, unknown>>): boolean {
  const values: Readonly<Record<string, unknown>> = row.objGetSet()
  return Object.entries(filters).every(([name, wanted]) =>
    Array.isArray(wanted) ? wanted.includes(values[name]) : values[name] === wanted,
  )
}

interface InstanceStates {
  readonly uuid: string
  readonly task_state: string | null
  readonly vm_state: string | null
}

/** The error of a save whose conditions do not hold. A task state goes before a vm state, and deletion before all. */
function stateConflict(
  { uuid, ...stored }: InstanceStates,
  { expectedTaskState, expectedVmState }: SaveInstanceOptions,
): NovaError | undefined {
  const expected: Record<string, unknown> = {}
  if (expectedTaskState && !expectedTaskState.includes(stored.task_state)) expected.task_state = expectedTaskState
  if (expectedVmState && !expectedVmState.some((state) => state === stored.vm_state)) expected.vm_state = expectedVmState
  const actual = Object.fromEntries(Object.entries(stored).filter(([name]) => name in expected))
  if (Object.keys(expected).length === 0) return undefined
  return novaError(conflictKind(actual.task_state), { instance_uuid: uuid, expected, actual })
}

/** @param taskState undefined: the task state was not the reason */
function conflictKind(taskState: string | null | undefined): NovaErrorKind {
  if (taskState === undefined) return 'InstanceUpdateConflict'
  return taskState === 'deleting' ? 'UnexpectedDeletingTaskStateError' : 'UnexpectedTaskStateError'
}
