import {
  type CellInstanceStore,
  Instance,
  type InstanceAttribute,
  isNovaError,
  novaError,
  type QuotaUsage,
  type ReadOptions,
  type RequestContext,
  type SaveInstanceOptions,
  type UsageWindow,
} from '@micronova/model'
import { sql } from 'kysely'
import { isDatabaseError } from '../../errors.js'
import type { Rows, Where } from '../../rows.js'
import { instanceExtra, instances } from '../../schema/cell-tables.js'
import type { StoreDeps } from '../deps.js'
import { fieldValues, objectOf } from '../object-rows.js'
import { owned, visible } from '../visibility.js'
import { type InstanceRow, readAttributes } from './attributes.js'
import { createInstance, ensureDefaultSecurityGroup } from './create-instance.js'
import { destroyInstance } from './destroy-instance.js'
import { extraAttributes } from './extra.js'
import { instancesByFilters } from './filters.js'
import { saveInstance } from './save-instance.js'

/** Attributes that come from other tables than `instance_extra`; a save reads those again that the object has. */
const joinedAttributes = [
  'metadata',
  'system_metadata',
  'info_cache',
  'security_groups',
  'tags',
  'services',
  'fault',
] as const satisfies InstanceAttribute[]

const allAttributes: readonly InstanceAttribute[] = [...joinedAttributes, 'pci_devices', 'ec2_ids', ...extraAttributes]

/** How often a save is tried whose conflict had gone when it was looked at. */
const conflictTries = 5

/** Instances whose satellites are read with one query. SQLite takes 32,766 values in a statement, PostgreSQL 65,535. */
const portion = 4096

/** The instances of the cell with their satellites. */
export class DatabaseInstanceStore implements CellInstanceStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  getByUuid(
    ctx: RequestContext,
    uuid: string,
    attributes: readonly InstanceAttribute[] = ['info_cache', 'security_groups'],
  ): Promise<Instance> {
    return this.#deps.database.read(async (rows) => {
      const values = await this.#values(rows, ctx, uuid, attributes)
      return Instance.objStored(values)
    })
  }

  listByHost(
    ctx: RequestContext,
    host: string,
    attributes: readonly InstanceAttribute[] = [],
    options: ReadOptions = {},
  ): Promise<Instance[]> {
    return this.#list(ctx, { host }, attributes, options)
  }

  listByHostAndNode(ctx: RequestContext, host: string, node: string, attributes: readonly InstanceAttribute[] = []): Promise<Instance[]> {
    return this.#list(ctx, { host, node }, attributes)
  }

  listByFilters(
    ctx: RequestContext,
    filters: Readonly<Record<string, unknown>>,
    attributes: readonly InstanceAttribute[] = [],
    options: ReadOptions = {},
  ): Promise<Instance[]> {
    const read = async (rows: Rows) => this.#objects(rows, ctx, await instancesByFilters(rows, ctx, filters), attributes)
    return this.#deps.database.read(read, unlessWritten(options, attributes))
  }

  listUuidsByHost(_ctx: RequestContext, host: string, node?: string): Promise<string[]> {
    const where = { host, deleted: 0, ...(node === undefined ? {} : { node }) }
    return this.#deps.database.read(async (rows) =>
      (await rows.selectColumns(instances, ['uuid'], where).orderBy('id').execute()).map(({ uuid }) => uuid),
    )
  }

  async listHostsByUuids(_ctx: RequestContext, uuids: readonly string[]): Promise<string[]> {
    if (uuids.length === 0) return []
    const found = await this.#deps.database.read((rows) =>
      rows.selectColumns(instances, ['host'], { uuid: uuids, deleted: 0 }).distinct().execute(),
    )
    return found.flatMap(({ host }) => host || [])
  }

  /** Soft-deleted and hidden ones do not count. @see nova 26.2.2, `objects/instance.py`, `_get_counts_in_db` */
  usageOfProject(_ctx: RequestContext, projectId: string, userId: string | null = null) {
    return this.#deps.database.read(async (rows) => ({
      project: await usageOf(rows, { project_id: projectId }),
      user: userId === null ? null : await usageOf(rows, { project_id: projectId, user_id: userId }),
    }))
  }

  /** @see nova 26.2.2, `db/main/api.py`, `instance_get_active_by_window_joined` */
  listActiveByWindow(
    ctx: RequestContext,
    { begin, end, projectId, host }: UsageWindow,
    attributes: readonly InstanceAttribute[] = [],
  ): Promise<Instance[]> {
    const where = { ...(projectId ? { project_id: projectId } : {}), ...(host ? { host } : {}) }
    return this.#deps.database.read(async (rows) => {
      let query = rows.select(instances, where).where(sql<boolean>`(terminated_at is null or terminated_at > ${begin})`)
      if (end) query = query.where(sql<boolean>`launched_at < ${end}`)
      return this.#objects(rows, ctx, await query.orderBy('project_id').orderBy('uuid').execute(), attributes)
    })
  }

  /** @throws NovaError `InstanceExists`, `ObjectActionError` if it is stored already */
  async create(ctx: RequestContext, instance: Instance): Promise<void> {
    if (instance.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    if (instance.objIsSet('deleted') && instance.deleted)
      throw novaError('ObjectActionError', { action: 'create', reason: 'already deleted' })
    const { database, random } = this.#deps
    await database
      .write((rows) => ensureDefaultSecurityGroup(rows, ctx))
      .catch((err) => {
        if (!isDatabaseError(err, 'unique_violation')) throw err
      })
    const uuid = instance.objIsSet('uuid') ? instance.uuid : random.uuid()
    const given = (['metadata', 'system_metadata', 'info_cache', 'security_groups', 'keypairs', 'flavor'] as const).filter((name) =>
      instance.objIsSet(name),
    )
    const always = ['numa_topology', 'pci_requests', 'device_metadata', 'vcpu_model', 'trusted_certs', 'resources', 'ec2_ids'] as const
    const values = await database.write(async (rows) => {
      await createInstance(rows, ctx, instance, uuid)
      return this.#values(rows, { ...ctx, readDeleted: 'no' }, uuid, [...given, ...always])
    })
    replace(instance, values)
  }

  async save(ctx: RequestContext, instance: Instance, options: SaveInstanceOptions = {}): Promise<void> {
    const values = await withoutUnknownConflicts(() =>
      this.#deps.database.write(async (rows) => {
        if (!(await saveInstance(rows, ctx, instance, options))) return {}
        const loaded = joinedAttributes.filter((name) => name === 'system_metadata' || instance.objIsSet(name))
        return this.#values(rows, ctx, instance.uuid, loaded)
      }),
    )
    replace(instance, values)
  }

  async destroy(ctx: RequestContext, instance: Instance): Promise<void> {
    const values = await this.#deps.database.write(async (rows) => {
      await destroyInstance(rows, ctx, instance)
      return this.#values(rows, { ...ctx, readDeleted: 'yes' }, instance.uuid, [])
    })
    replace(instance, values)
  }

  async refresh(ctx: RequestContext, instance: Instance, options: ReadOptions = {}): Promise<void> {
    const loaded = allAttributes.filter((name) => instance.objIsSet(name))
    const read = (rows: Rows) => this.#values(rows, ctx, instance.uuid, loaded)
    const values = await this.#deps.database.read(read, unlessWritten(options, loaded))
    replace(instance, values)
  }

  /** Reads deleted instances too. What the object has already stays as it is. */
  async load(ctx: RequestContext, instance: Instance, attributes: readonly InstanceAttribute[]): Promise<void> {
    const values = await this.#deps.database.read((rows) => this.#values(rows, { ...ctx, readDeleted: 'yes' }, instance.uuid, attributes))
    const missing = Object.entries(values).filter(([name]) => !instance.objIsSet(name as keyof typeof instance.objFields))
    instance.objSetStored(Object.fromEntries(missing))
  }

  /** One field alone is written, whatever else of the object has changed. */
  async dropMigrationContext(ctx: RequestContext, instance: Instance): Promise<void> {
    const isDropped = await this.#deps.database.write(async (rows) => {
      const { migration_context: stored } = await this.#values(rows, ctx, instance.uuid, ['migration_context'])
      if (stored === null) return false
      return (await rows.update(instanceExtra, { instance_uuid: instance.uuid, deleted: 0 }, { migration_context: null })) > 0
    })
    if (isDropped) instance.migration_context = null
  }

  #list(
    ctx: RequestContext,
    where: Where<typeof instances>,
    attributes: readonly InstanceAttribute[],
    options: ReadOptions = {},
  ): Promise<Instance[]> {
    const read = async (rows: Rows) => {
      const found = await rows
        .select(instances, { ...where, ...visible(ctx) })
        .orderBy('id')
        .execute()
      return this.#objects(rows, ctx, found, attributes)
    }
    return this.#deps.database.read(read, unlessWritten(options, attributes))
  }

  async #objects(rows: Rows, ctx: RequestContext, found: InstanceRow[], attributes: readonly InstanceAttribute[]): Promise<Instance[]> {
    const objects: Instance[] = []
    for (let at = 0; at < found.length; at += portion) {
      const some = found.slice(at, at + portion)
      const attributesOf = await readAttributes(rows, ctx, this.#deps.registry, some, attributes)
      for (const row of some) objects.push(objectOf(Instance, row, { ...ownFields(row), ...attributesOf(row) }))
    }
    return objects
  }

  /** The stored fields of one instance. @throws NovaError `InstanceNotFound` */
  async #values(rows: Rows, ctx: RequestContext, uuid: string, attributes: readonly InstanceAttribute[]): Promise<Record<string, unknown>> {
    const row = await rows.first(instances, { uuid, ...visible(ctx), ...owned(ctx) })
    if (row === undefined) throw novaError('InstanceNotFound', { instance_id: uuid })
    const attributesOf = await readAttributes(rows, ctx, this.#deps.registry, [row], attributes)
    return fieldValues(Instance.fields, row, { ...ownFields(row), ...attributesOf(row) })
  }
}

async function usageOf(rows: Rows, where: Where<typeof instances>): Promise<QuotaUsage> {
  const total = await rows
    .selectColumns(instances, [], { ...where, deleted: 0 })
    .select([
      sql<number | string>`count(*)`.as('instances'),
      sql<number | string | null>`sum(vcpus)`.as('cores'),
      sql<number | string | null>`sum(memory_mb)`.as('ram'),
    ])
    .where(sql<boolean>`(vm_state <> 'soft-delete' or vm_state is null)`)
    .where(sql<boolean>`(hidden = ${false} or hidden is null)`)
    .executeTakeFirstOrThrow()
  return { instances: Number(total.instances), cores: Number(total.cores ?? 0), ram: Number(total.ram ?? 0) }
}

/** EC2 ids are made when they are first read, which a replica cannot do. */
function unlessWritten(options: ReadOptions, attributes: readonly InstanceAttribute[]): ReadOptions {
  return attributes.includes('ec2_ids') ? {} : options
}

function ownFields({ id, deleted, cleaned }: InstanceRow): Record<string, unknown> {
  return { deleted: deleted === id, cleaned: cleaned === 1 }
}

function replace(instance: Instance, values: Readonly<Record<string, unknown>>): void {
  instance.objSetStored(values)
  instance.objResetChanges(undefined, { recursive: true })
}

async function withoutUnknownConflicts<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = conflictTries; ; left--) {
    try {
      return await attempt()
    } catch (err) {
      if (left <= 1 || !isNovaError(err, 'UnknownInstanceUpdateConflict')) throw err
    }
  }
}
