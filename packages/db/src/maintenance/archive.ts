import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database.js'
import { isDatabaseError } from '../errors.js'
import type { Rows } from '../rows.js'
import { cellTables } from '../schema/cell-tables.js'
import { quote } from '../schema/ddl.js'
import { shadowOf } from '../schema/shadow-tables.js'
import type { Dialect, Table } from '../schema/table.js'
import { byDepthOfReferences } from './table-order.js'

export interface ArchiveOptions {
  /** Enough; a table's last batch brings the rows that refer to it on top. */
  readonly maxRows: number
  /** Only what was deleted before. */
  readonly before?: Date | null
  /** `task_log` too, of which nothing is ever deleted: all of it that was written before `before`. */
  readonly taskLog?: boolean
  /** Told of a table that something still refers to: it is left out. */
  readonly onKept?: (table: string, err: Error) => void
}

export interface Archived {
  /** Rows by table; tables without any are left out. */
  readonly tables: ReadonlyMap<string, number>
  /** Of all tables. */
  readonly total: number
  /** What the API database still has of these can go. */
  readonly instanceUuids: readonly string[]
}

/**
 * Move rows that are marked as deleted into the shadow tables, with everything that refers to them. One transaction a table, so
 * that an interruption leaves none without its satellites.
 *
 * @see nova 26.2.2, `db/main/api.py`, `archive_deleted_rows`
 */
export async function archiveDeletedRows(database: Database, options: ArchiveOptions): Promise<Archived> {
  const tables = new Map<string, number>()
  let instanceUuids: readonly string[] = []
  let total = 0
  for (const table of archivable) {
    if (total >= options.maxRows) break
    const moved = await database
      .write((rows) => archiveTable(rows, table, options.maxRows - total, options))
      .catch((err) => {
        if (!isDatabaseError(err, 'reference_violation')) throw err
        options.onKept?.(table.name, err)
        return nothing
      })
    if (moved.instanceUuids.length > 0) instanceUuids = moved.instanceUuids
    for (const [name, count] of moved.tables) {
      tables.set(name, (tables.get(name) ?? 0) + count)
      total += count
    }
  }
  return { tables, total, instanceUuids }
}

const archivable = byDepthOfReferences(cellTables).filter((table) => shadowOf(table) !== null)

const nothing = { tables: new Map<string, number>(), instanceUuids: [] as string[] }

async function archiveTable(rows: Rows, table: Table, limit: number, options: ArchiveOptions): Promise<typeof nothing> {
  const ids = await idsOf(
    rows,
    sql`select id from ${sql.table(table.name)} where ${deletion(table, options)} order by id limit ${sql.lit(limit)}`,
  )
  if (ids.length === 0) return nothing
  const instanceUuids =
    table.name === 'instances'
      ? (await sql<{ uuid: string }>`select uuid from instances where id in (${list(ids)}) order by id`.execute(rows.db)).rows
      : []
  const tables = new Map<string, number>([[table.name, 0]])
  // What refers to a row goes before it.
  for (const batch of [...(await referring(rows, table, ids)), { table, ids }]) {
    const count = await move(rows, batch)
    tables.set(batch.table.name, (tables.get(batch.table.name) ?? 0) + count)
  }
  return { tables, instanceUuids: instanceUuids.map(({ uuid }) => uuid) }
}

function deletion({ name }: Table, { before = null, taskLog = false }: ArchiveOptions): RawBuilder<unknown> {
  const column = name === 'task_log' ? 'updated_at' : 'deleted_at'
  const isDeleted = name === 'task_log' && taskLog ? sql`1 = 1` : sql`deleted <> 0`
  return before === null || (name === 'task_log' && !taskLog) ? isDeleted : sql`${isDeleted} and ${sql.ref(column)} < ${before}`
}

interface Batch {
  readonly table: Table
  readonly ids: readonly number[]
}

/** The rows that refer to these, and those that refer to them in turn; the deepest first. */
async function referring(rows: Rows, parent: Table, ids: readonly number[]): Promise<Batch[]> {
  const found: Batch[] = []
  for (const table of archivable) {
    for (const { column, targetColumn } of table.foreignKeys.filter((key) => key.table === parent.name)) {
      const children = await idsOf(
        rows,
        sql`select child.id from ${sql.table(table.name)} as child
          join ${sql.table(parent.name)} as parent on child.${sql.ref(column)} = parent.${sql.ref(targetColumn)}
          where parent.id in (${list(ids)}) order by child.id`,
      )
      if (children.length > 0) found.push(...(await referring(rows, table, children)), { table, ids: children })
    }
  }
  return found
}

async function idsOf(rows: Rows, query: RawBuilder<unknown>): Promise<number[]> {
  const result = await (query as RawBuilder<{ readonly id: number }>).execute(rows.db)
  return result.rows.map(({ id }) => id)
}

async function move(rows: Rows, { table, ids }: Batch): Promise<number> {
  const taken = rows.dialect === 'sqlite' ? await takenIds(rows, table, ids) : new Set<number>()
  await copy(
    rows,
    table,
    ids.filter((id) => !taken.has(id)),
  )
  await copy(rows, table, [...taken], { newId: true })
  const { numAffectedRows } = await sql`delete from ${sql.table(table.name)} where id in (${list(ids)})`.execute(rows.db)
  return Number(numAffectedRows)
}

/** SQLite gives the id of the last row again once that is gone. The row that comes second into the shadow table gets a new one. */
async function takenIds(rows: Rows, table: Table, ids: readonly number[]): Promise<ReadonlySet<number>> {
  return new Set(await idsOf(rows, sql`select id from ${sql.table(shadowOf(table)!.name)} where id in (${list(ids)})`))
}

async function copy({ dialect, db }: Rows, table: Table, ids: readonly number[], { newId = false } = {}): Promise<void> {
  if (ids.length === 0) return
  const shadow = shadowOf(table)!
  const columns = Object.keys(table.columns)
  const value = (column: string) => (newId && column === 'id' ? 'null' : valueFor(dialect, table, shadow, column))
  const [names, values] = [(column: string) => quote(dialect, column), value].map((form) => sql.raw(columns.map(form).join(', ')))
  await sql`insert into ${sql.table(shadow.name)} (${names}) select ${values} from ${sql.table(table.name)} where id in (${list(ids)})`.execute(
    db,
  )
}

/** PostgreSQL has a type for each enumeration, and a shadow table that Nova's migrations made may have one of its own. */
function valueFor(dialect: Dialect, table: Table, shadow: Table, column: string): string {
  const name = quote(dialect, column)
  const [from, to] = [table.columns[column]?.enumeration, shadow.columns[column]?.enumeration]
  return dialect !== 'postgresql' || to === undefined || from?.name === to.name ? name : `${name}::text::${quote(dialect, to.name)}`
}

/** Literals: a statement takes 32,766 parameters on SQLite, 65,535 on the servers. */
function list(ids: readonly number[]): RawBuilder<unknown> {
  return sql.join(ids.map((id) => sql.lit(id)))
}
