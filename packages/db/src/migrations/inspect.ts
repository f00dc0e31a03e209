import { type Kysely, sql } from 'kysely'
import type { CellDatabase } from '../schema/index.js'
import type { Dialect } from '../schema/table.js'

/** Names of the tables of the present database. */
export async function tableNames(db: Kysely<CellDatabase>, dialect: Dialect): Promise<Set<string>> {
  const query = {
    sqlite: sql<Named>`select name from sqlite_master where type = 'table'`,
    mysql: sql<Named>`select table_name as name from information_schema.tables where table_schema = database()`,
    postgresql: sql<Named>`select table_name as name from information_schema.tables where table_schema = current_schema()`,
  }[dialect]
  return names(await query.execute(db))
}

export async function columnNames(db: Kysely<CellDatabase>, dialect: Dialect, table: string): Promise<Set<string>> {
  const query = {
    sqlite: sql<Named>`select name from pragma_table_info(${table})`,
    mysql: sql<Named>`select column_name as name from information_schema.columns where table_schema = database() and table_name = ${table}`,
    postgresql: sql<Named>`select column_name as name from information_schema.columns
      where table_schema = current_schema() and table_name = ${table}`,
  }[dialect]
  return names(await query.execute(db))
}

export async function indexNames(db: Kysely<CellDatabase>, dialect: Dialect, table: string): Promise<Set<string>> {
  const query = {
    sqlite: sql<Named>`select name from pragma_index_list(${table})`,
    mysql: sql<Named>`select index_name as name from information_schema.statistics where table_schema = database() and table_name = ${table}`,
    postgresql: sql<Named>`select indexname as name from pg_indexes where schemaname = current_schema() and tablename = ${table}`,
  }[dialect]
  return names(await query.execute(db))
}

/** Of PostgreSQL: the enumerated types. */
export async function typeNames(db: Kysely<CellDatabase>): Promise<Set<string>> {
  return names(await sql<Named>`select typname as name from pg_type where typtype = 'e'`.execute(db))
}

interface Named {
  readonly name: string
}

function names({ rows }: { readonly rows: readonly Named[] }): Set<string> {
  return new Set(rows.map(({ name }) => name))
}
