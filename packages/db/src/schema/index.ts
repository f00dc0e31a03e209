import { apiTables } from './api-tables.js'
import { cellTables } from './cell-tables.js'
import { notNull, string } from './columns.js'
import { legacyApiTables } from './legacy-api-tables.js'
import { legacyTables } from './legacy-tables.js'
import { shadowOf } from './shadow-tables.js'
import { defineTable, type RowOf, type Table } from './table.js'

/** Alembic's record of the revision; Python tools judge the schema by it. */
export const alembicVersion = defineTable(
  'alembic_version',
  { version_num: notNull(string(32)) },
  { primaryKey: ['version_num'], primaryKeyName: 'alembic_version_pkc' },
)

const originals: readonly Table[] = [...cellTables, ...legacyTables]

/**
 * Every table of a cell database but `alembic_version`, in an order in which they can be created: 109.
 * Upstream's shadow loop also caught Alembic's own table, hence `shadow_alembic_version`.
 */
export const allTables: readonly Table[] = [...originals, ...[alembicVersion, ...originals].flatMap((table) => shadowOf(table) ?? [])]

/** Every table of the API database but `alembic_version`: 31, in an order in which they can be created. */
export const allApiTables: readonly Table[] = [...apiTables, ...legacyApiTables]

type Tables = (typeof cellTables)[number] | typeof alembicVersion

/**
 * The database of a cell as Kysely sees it: tables that are read and written, by name. The API database shares `alembic_version` with
 * it; its own tables are reached through `Rows`, by their declarations.
 */
export type CellDatabase = { [T in Tables as T['name']]: RowOf<T> }
