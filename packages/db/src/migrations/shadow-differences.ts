import type { Kysely } from 'kysely'
import { createTable, quote } from '../schema/ddl.js'
import { allTables, type CellDatabase } from '../schema/index.js'
import type { Dialect } from '../schema/table.js'
import { execute, recordedRevision, recordRevision } from './alembic.js'
import { indexNames, tableNames } from './inspect.js'

const usageCache = 'shadow_volume_usage_cache'

/** Mend three slips of the shadow tables. @see nova 26.2.2, `16f1fbcab42b_resolve_shadow_table_diffs.py` */
export async function shadowDifferences(db: Kysely<CellDatabase>, dialect: Dialect): Promise<void> {
  if ((await recordedRevision(db, await tableNames(db, dialect))) !== '8f2f1571d55b') return
  if (dialect === 'sqlite') await rebuild(db, usageCache)
  if (dialect === 'mysql') await execute(db, `ALTER TABLE ${usageCache} MODIFY user_id VARCHAR(64)`)
  if (dialect === 'postgresql') await execute(db, `ALTER TABLE ${usageCache} ALTER COLUMN user_id TYPE VARCHAR(64)`)
  await dropIndex(db, dialect, 'shadow_instance_extra', 'shadow_instance_extra_idx')
  await dropIndex(db, dialect, 'shadow_migrations', 'shadow_migrations_uuid')
  if (dialect === 'mysql') await execute(db, 'ALTER TABLE shadow_instance_type_extra_specs CONVERT TO CHARACTER SET utf8 COLLATE utf8_bin')
  await recordRevision(db, '16f1fbcab42b')
}

async function dropIndex(db: Kysely<CellDatabase>, dialect: Dialect, table: string, index: string): Promise<void> {
  if (!(await indexNames(db, dialect, table)).has(index)) return
  await execute(db, `DROP INDEX ${quote(dialect, index)}${dialect === 'mysql' ? ` ON ${quote(dialect, table)}` : ''}`)
}

/** SQLite cannot alter a column: a table of the new form takes over the rows and the name. Runs in a transaction. */
async function rebuild(db: Kysely<CellDatabase>, name: string): Promise<void> {
  const table = allTables.find((candidate) => candidate.name === name)!
  const columns = Object.keys(table.columns).map((column) => quote('sqlite', column))
  const [create] = createTable('sqlite', { ...table, name: `${name}_new` })
  await execute(db, create!)
  await execute(db, `INSERT INTO ${name}_new (${columns}) SELECT ${columns} FROM ${name}`)
  await execute(db, `DROP TABLE ${name}`)
  await execute(db, `ALTER TABLE ${name}_new RENAME TO ${name}`)
}
