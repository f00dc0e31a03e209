import { sql } from 'kysely'
import type { Database } from '../database.js'
import { DatabaseError } from '../errors.js'
import { recordedRevision } from './alembic.js'
import { apiHistory } from './api-history.js'
import type { SchemaHistory } from './history.js'
import { tableNames } from './inspect.js'
import { bringForward, cellHistory } from './migrate.js'

/**
 * Bring a cell's schema to `version`, or to Zed's without one. A database that is further already stays as it is.
 *
 * @param version a revision or the beginning of one, `head` or `heads`
 * @throws DatabaseError `schema` for a revision that is not known, of the database or asked for
 */
export function syncSchema(database: Database, version?: string): Promise<void> {
  return sync(database, cellHistory, version)
}

/** The same for the API database. */
export function syncApiSchema(database: Database, version?: string): Promise<void> {
  return sync(database, apiHistory, version)
}

/**
 * The revision that the schema is at: Alembic's; of a database of before Xena the number that sqlalchemy-migrate recorded;
 * null of one without a schema.
 *
 * @see nova 26.2.2, `db/migration.py`, `db_version`
 */
export function schemaRevision(database: Database): Promise<string | null> {
  return database.retried(async () => {
    const { kysely, dialect } = database
    const tables = await tableNames(kysely, dialect)
    const revision = await recordedRevision(kysely, tables)
    if (revision !== null || !tables.has('migrate_version')) return revision
    const { rows } = await sql<{ readonly version: number }>`select version from migrate_version`.execute(kysely)
    return rows[0] === undefined ? null : String(rows[0].version)
  })
}

async function sync(database: Database, history: SchemaHistory, version?: string): Promise<void> {
  const { revisions, steps } = history
  const target = revisions.indexOf(revisionOf(history, version))
  if (target === revisions.length - 1) return bringForward(database, history)
  const present = await schemaRevision(database)
  if (present === null)
    throw new DatabaseError(
      'schema',
      `${database.display} has no schema yet, and a new one is made at revision ${revisions.at(-1)} alone, not at ${revisions[target]}`,
    )
  if (revisions.indexOf(present) >= target) return
  await bringForward(database, { ...history, revisions: revisions.slice(0, target + 1), steps: steps.slice(0, target + 1) })
}

/** Shorter beginnings could be typed by mistake. */
const shortestBeginning = 4

function revisionOf({ of, revisions }: SchemaHistory, version = 'head'): string {
  if (/^\d+$/.test(version))
    throw new DatabaseError(
      'schema',
      `${version} is a version of sqlalchemy-migrate, which is not supported: ${of} has ${revisions.join(', ')}`,
    )
  if (version === 'head' || version === 'heads') return revisions.at(-1)!
  const found = revisions.find((known) => version.length >= shortestBeginning && known.startsWith(version))
  if (found === undefined) throw new DatabaseError('schema', `${version} is no schema revision of ${of}: there are ${revisions.join(', ')}`)
  return found
}
