import type { Kysely } from 'kysely'
import { createTable, enumerations, literals, quote } from '../schema/ddl.js'
import { alembicVersion, allTables, type CellDatabase } from '../schema/index.js'
import type { Dialect } from '../schema/table.js'
import { execute, headRevision, recordedRevision, recordRevision } from './alembic.js'
import { tableNames, typeNames } from './inspect.js'

/**
 * Make every table that is absent, at once in its latest form, and record that. Where Alembic has recorded a revision the
 * tables are there, and the next steps bring them further.
 */
export async function initialVersion(db: Kysely<CellDatabase>, dialect: Dialect): Promise<void> {
  if ((await recordedRevision(db, await tableNames(db, dialect))) !== null) return
  if (dialect === 'mysql') await execute(db, 'ALTER DATABASE DEFAULT CHARACTER SET utf8')
  if (dialect === 'postgresql') await createTypes(db)
  for (const table of [...allTables, alembicVersion]) for (const statement of createTable(dialect, table)) await execute(db, statement)
  await recordRevision(db, headRevision)
}

async function createTypes(db: Kysely<CellDatabase>): Promise<void> {
  const present = await typeNames(db)
  for (const { name, values } of enumerations(allTables))
    if (!present.has(name)) await execute(db, `CREATE TYPE ${quote('postgresql', name)} AS ENUM (${literals(values)})`)
}
