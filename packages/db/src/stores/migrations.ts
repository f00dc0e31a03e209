import { type CellMigrationStore, Migration, novaError, type ReadOptions, type RequestContext } from '@micronova/model'
import { sql } from 'kysely'
import { oneOf, type Rows, type StoredRow, type Where } from '../rows.js'
import { migrations } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { filterTime } from './filter-time.js'
import { withUuids } from './missing-uuids.js'
import { changedValues, columnValues, fieldValues, objectOf } from './object-rows.js'
import { visible } from './visibility.js'

type MigrationRow = StoredRow<typeof migrations>
type MigrationQuery = ReturnType<typeof allVisible>

/** Statuses of a migration that holds nothing on a host any more; `error` holds what it had. */
const finalStatuses = ['confirmed', 'reverted', 'failed', 'completed', 'cancelled', 'done']

/** Filters that are a column which must have a value, or one of a list. */
const columnFilters = ['uuid', 'status', 'migration_type', 'hidden', 'instance_uuid', 'user_id', 'project_id'] as const

/** Moves of instances between hosts, and what they hold meanwhile. */
export class DatabaseMigrationStore implements CellMigrationStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  /** `host` and `node` take either side of a move; `changes-since` and `changes-before` are times. */
  listByFilters(ctx: RequestContext, filters: Readonly<Record<string, unknown>>): Promise<Migration[]> {
    return this.#list((rows) => filtered(allVisible(rows, ctx), filters))
  }

  listInProgressAndError(ctx: RequestContext, host: string, node: string): Promise<Migration[]> {
    const from = sql<boolean>`(source_compute = ${host} and source_node = ${node})`
    const to = sql<boolean>`(dest_compute = ${host} and dest_node = ${node})`
    return this.#list((rows) =>
      allVisible(rows, ctx)
        .where(sql<boolean>`(${from} or ${to})`)
        .where(sql<boolean>`not ${oneOf('status', finalStatuses)}`),
    )
  }

  /** Resizes to `destCompute` that wait for their confirmation for `windowSeconds` or longer. Deleted records count. */
  listUnconfirmed(_ctx: RequestContext, windowSeconds: number, destCompute: string, options: ReadOptions = {}): Promise<Migration[]> {
    const latest = new Date(this.#deps.clock.now() - windowSeconds * 1000)
    const finished = { dest_compute: destCompute, status: 'finished' }
    return this.#list((rows) => rows.select(migrations, finished).where(sql<boolean>`updated_at <= ${latest}`), options)
  }

  /** @throws NovaError `MigrationNotFoundForInstance` */
  async getByIdAndInstance(ctx: RequestContext, migration_id: number, instance_id: string): Promise<Migration> {
    const [found] = await this.#list((rows) => rows.select(migrations, { id: migration_id, instance_uuid: instance_id, ...visible(ctx) }))
    if (found === undefined) throw novaError('MigrationNotFoundForInstance', { migration_id, instance_id })
    return found
  }

  /** @throws NovaError `MigrationNotFound` */
  getById(_ctx: RequestContext, id: number): Promise<Migration> {
    return this.#get({ id }, id)
  }

  /** @throws NovaError `MigrationNotFound` */
  getByUuid(_ctx: RequestContext, uuid: string): Promise<Migration> {
    return this.#get({ uuid }, uuid)
  }

  /** The request's user and project are recorded, who need not own the instance. */
  async create(ctx: RequestContext, migration: Migration): Promise<void> {
    if (migration.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    if (!migration.objIsSet('migration_type')) {
      const reason = 'cannot create a Migration object without a migration_type set'
      throw novaError('ObjectActionError', { action: 'create', reason })
    }
    const given = columnValues(migrations, migration.objGetChanges())
    const values = { uuid: this.#deps.random.uuid(), user_id: ctx.userId, project_id: ctx.projectId, ...given }
    const row = await this.#deps.database.write(async (rows) => {
      const id = await rows.insert(migrations, values)
      return rows.select(migrations, { id }).executeTakeFirstOrThrow()
    })
    replace(migration, row)
  }

  /** @throws NovaError `MigrationNotFound` */
  async save(_ctx: RequestContext, migration: Migration): Promise<void> {
    const { id } = migration
    const row = await this.#deps.database.write(async (rows) => {
      const stored = await rows.first(migrations, { id })
      if (stored === undefined) throw novaError('MigrationNotFound', { migration_id: id })
      const changed = changedValues(stored, columnValues(migrations, migration.objGetChanges()))
      if (Object.keys(changed).length === 0) return stored
      await rows.update(migrations, { id }, changed)
      return { ...stored, updated_at: rows.now, ...changed }
    })
    replace(migration, row)
  }

  async #get(where: Where<typeof migrations>, named: number | string): Promise<Migration> {
    const [found] = await this.#list((rows) => rows.select(migrations, where))
    if (found === undefined) throw novaError('MigrationNotFound', { migration_id: named })
    return found
  }

  async #list(query: (rows: Rows) => MigrationQuery, options: ReadOptions = {}): Promise<Migration[]> {
    const { database, random } = this.#deps
    const rows = await database.read((unit) => query(unit).orderBy('id').execute(), options)
    return (await withUuids(database, random, migrations, rows)).map((row) => objectOf(Migration, row, typeOf(row)))
  }
}

function allVisible(rows: Rows, ctx: RequestContext) {
  return rows.select(migrations, visible(ctx))
}

function filtered(query: MigrationQuery, filters: Readonly<Record<string, unknown>>): MigrationQuery {
  let found = query
  for (const name of columnFilters) if (name in filters) found = found.where(oneOf(name, listOf(filters[name])))
  if ('host' in filters) found = found.where(sql<boolean>`(source_compute = ${filters.host} or dest_compute = ${filters.host})`)
  else if ('source_compute' in filters) found = found.where(oneOf('source_compute', listOf(filters.source_compute)))
  if ('node' in filters) found = found.where(sql<boolean>`(source_node = ${filters.node} or dest_node = ${filters.node})`)
  if (filters['changes-since']) found = found.where(sql<boolean>`updated_at >= ${filterTime(filters['changes-since'])}`)
  if (filters['changes-before']) found = found.where(sql<boolean>`updated_at <= ${filterTime(filters['changes-before'])}`)
  return found
}

function listOf(value: unknown): (string | boolean | null)[] {
  return (Array.isArray(value) ? value : [value]) as (string | boolean | null)[]
}

/** Records of before Liberty do not say what they are: another flavor makes a resize. */
function typeOf({ migration_type, old_instance_type_id, new_instance_type_id }: MigrationRow): Record<string, unknown> {
  if (migration_type !== null) return {}
  return { migration_type: old_instance_type_id === new_instance_type_id ? 'migration' : 'resize' }
}

function replace(migration: Migration, row: MigrationRow): void {
  migration.objSetStored(fieldValues(Migration.fields, row, typeOf(row)))
  migration.objResetChanges()
}
