import { sql } from 'kysely'
import type { Database } from '../database.js'
import { columnNames, tableNames } from '../migrations/inspect.js'

export interface PurgeOptions {
  /** Null: everything. */
  readonly before: Date | null
  /** Told of each table that lost rows; `column` is the time that was looked at. */
  readonly onPurged?: (table: string, rows: number, column: string | null) => void
  /** Told of a table whose rows have no time. */
  readonly onSkipped?: (table: string) => void
}

/** Rows of these are never marked as deleted, so another time counts. */
const timeColumns: Readonly<Record<string, string>> = {
  shadow_instance_actions: 'created_at',
  shadow_instance_actions_events: 'created_at',
  shadow_task_log: 'updated_at',
}

/**
 * Empty the shadow tables, one transaction a table.
 *
 * @returns how many rows are gone
 * @see nova 26.2.2, `db/main/api.py`, `purge_shadow_tables`
 */
export async function purgeShadowTables(database: Database, { before, onPurged, onSkipped }: PurgeOptions): Promise<number> {
  let total = 0
  for (const table of await database.read(({ db, dialect }) => shadowTables(db, dialect))) {
    const column = before === null ? null : await database.read(({ db, dialect }) => timeColumn(db, dialect, table))
    if (column === undefined) {
      onSkipped?.(table)
      continue
    }
    const older = column === null ? sql`` : sql` where ${sql.ref(column)} < ${before}`
    const { numAffectedRows } = await database.write(({ db }) => sql`delete from ${sql.table(table)}${older}`.execute(db))
    const count = Number(numAffectedRows)
    if (count > 0) onPurged?.(table, count, column)
    total += count
  }
  return total
}

async function shadowTables(...[db, dialect]: Parameters<typeof tableNames>): Promise<string[]> {
  const names = [...(await tableNames(db, dialect))]
  return names.filter((name) => name.startsWith('shadow_') && !name.endsWith('migrate_version')).sort()
}

async function timeColumn(...[db, dialect, table]: Parameters<typeof columnNames>): Promise<string | undefined> {
  const present = await columnNames(db, dialect, table)
  return timeColumns[table] ?? ['deleted_at', 'updated_at', 'created_at'].find((column) => present.has(column))
}
