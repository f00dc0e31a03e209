import type { Kysely } from 'kysely'
import { createTable, enumerations, literals, quote } from '../schema/ddl.js'
import { alembicVersion, allApiTables, allTables, type CellDatabase } from '../schema/index.js'
import type { Table } from '../schema/table.js'
import { apiHeadRevision, execute, headRevision, recordedRevision, recordRevision } from './alembic.js'
import type { MigrationStep } from './history.js'
import { tableNames, typeNames } from './inspect.js'

/**
 * Make every table that is absent, at once in its latest form, and record that. Where Alembic has recorded a revision the
 * tables are there, and the next steps bring them further.
 */
function initialVersionOf(tables: readonly Table[], revision: string): MigrationStep {
  return async (db, dialect) => {
    if ((await recordedRevision(db, await tableNames(db, dialect))) !== null) return
    if (dialect === 'mysql') await execute(db, 'ALTER DATABASE DEFAULT CHARACTER SET utf8')
    if (dialect === 'postgresql') await createTypes(db, tables)
    for (const table of [...tables, alembicVersion]) for (const statement of createTable(dialect, table)) await execute(db, statement)
    await recordRevision(db, revision)
  }
}

export const initialVersion: MigrationStep = initialVersionOf(allTables, headRevision)

export const initialApiVersion: MigrationStep = initialVersionOf(allApiTables, apiHeadRevision)

async function createTypes(db: Kysely<CellDatabase>, tables: readonly Table[]): Promise<void> {
  const present = await typeNames(db)
  for (const { name, values } of enumerations(tables))
    if (!present.has(name)) await execute(db, `CREATE TYPE ${quote('postgresql', name)} AS ENUM (${literals(values)})`)
}
