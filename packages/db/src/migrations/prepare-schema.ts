import type { Database } from '../database.js'
import { DatabaseError } from '../errors.js'
import { recordedRevision } from './alembic.js'
import { apiHistory } from './api-history.js'
import type { SchemaHistory } from './history.js'
import { tableNames } from './inspect.js'
import { bringForward, cellHistory } from './migrate.js'

/**
 * What a service does with its database at the start: make the schema where there is nothing yet, and in a SQLite file bring an older
 * one forward. An older schema on a server is the operator's to change, as other services may be at work on it.
 *
 * @throws DatabaseError `schema` if the schema is older than Zed's and on a server, or unknown
 */
export function prepareSchema(database: Database): Promise<void> {
  return prepare(database, cellHistory)
}

/** The same for the API database. */
export function prepareApiSchema(database: Database): Promise<void> {
  return prepare(database, apiHistory)
}

async function prepare(database: Database, history: SchemaHistory): Promise<void> {
  const headRevision = history.revisions.at(-1)
  const { kysely, dialect, display } = database
  const tables = await tableNames(kysely, dialect)
  const revision = await recordedRevision(kysely, tables)
  if (revision === headRevision) return
  if (dialect !== 'sqlite' && tables.size > 0 && revision !== null)
    throw new DatabaseError(
      'schema',
      `${display} is at schema revision ${revision}, not ${headRevision}: run "${history.syncCommand}" of Zed first`,
    )
  await bringForward(database, history)
}
