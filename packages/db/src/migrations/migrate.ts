import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.js'
import { DatabaseError } from '../errors.js'
import type { CellDatabase } from '../schema/index.js'
import type { Dialect } from '../schema/table.js'
import { recordedRevision, revisions } from './alembic.js'
import { apiHistory } from './api-history.js'
import { encryptionFields } from './encryption-fields.js'
import type { MigrationStep, SchemaHistory } from './history.js'
import { initialVersion } from './initial-version.js'
import { tableNames } from './inspect.js'
import { shadowDifferences } from './shadow-differences.js'

/** Oldest first. */
export const migrationSteps: readonly MigrationStep[] = [initialVersion, shadowDifferences, encryptionFields]

/** The database of a cell. */
export const cellHistory: SchemaHistory = {
  of: 'a cell database',
  syncCommand: 'nova-manage db sync',
  revisions,
  steps: migrationSteps,
}

/**
 * Bring the schema to Nova's of Zed: make it in an empty database, bring an older one forward. A database at that revision,
 * whoever made it, is taken as it is: nothing is written. Several processes may call this at once.
 *
 * What was done is recorded in Alembic's table and nowhere else. A version table of ours would stop
 * `nova-manage db archive_deleted_rows`, which wants a model for each table that it finds.
 *
 * After a failure the database is as before on SQLite and PostgreSQL. MariaDB and MySQL commit each statement, so there what
 * was done stays, does no harm to Nova, and the next call goes on from it.
 *
 * @throws DatabaseError `schema` if the database is of a revision unknown here; any other code if a statement fails
 */
export function migrate(database: Database, steps = migrationSteps): Promise<void> {
  return bringForward(database, { ...cellHistory, steps })
}

/** The same for the API database. */
export function migrateApi(database: Database): Promise<void> {
  return bringForward(database, apiHistory)
}

export async function bringForward(database: Database, history: SchemaHistory): Promise<void> {
  if (await isCurrent(database, history)) return
  const { kysely, dialect } = database
  const { steps } = history
  const run = async (db: Kysely<CellDatabase>) => {
    for (const step of steps) await step(db, dialect)
  }
  await database.retried(() => alone[dialect](kysely, run))
}

type Runner = (db: Kysely<CellDatabase>, run: (db: Kysely<CellDatabase>) => Promise<void>) => Promise<void>

/** Longer than a migration of a large cell takes, and an end to waiting for one that hangs. */
const lockTimeoutSeconds = 3600

/** Any number that nobody else takes for a lock on this database. */
const postgresqlLock = 0x6e6f7661

/** Run the steps with no other process migrating the same database; in one transaction where that can undo them. */
const alone: Readonly<Record<Dialect, Runner>> = {
  /** A transaction has the file to itself from its beginning on. It also makes 250 statements wait for the disk once. */
  sqlite: (db, run) => db.transaction().execute(run),

  postgresql: (db, run) =>
    db.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(postgresqlLock)})`.execute(trx)
      await run(trx)
    }),

  /** Locks are the server's, not a database's, hence the name. */
  mysql: (db, run) =>
    db.connection().execute(async (connection) => {
      const name = sql`concat('micronova:', database())`
      await sql`select get_lock(${name}, ${sql.lit(lockTimeoutSeconds)})`.execute(connection)
      try {
        await run(connection)
      } finally {
        await sql`select release_lock(${name})`.execute(connection)
      }
    }),
}

/** @throws DatabaseError `schema` for one that cannot be brought forward */
async function isCurrent({ kysely, dialect, display }: Database, { of, revisions, syncCommand }: SchemaHistory): Promise<boolean> {
  const tables = await tableNames(kysely, dialect)
  const revision = await recordedRevision(kysely, tables)
  if (revision === null && tables.has('migrate_version'))
    throw new DatabaseError('schema', `${display} was made by Nova before Xena: run "${syncCommand}" of Xena first`)
  if (revision !== null && !revisions.some((known) => known === revision))
    throw new DatabaseError('schema', `${display} is at schema revision ${revision}, which is not one of ${of} up to Zed`)
  return revision === revisions.at(-1)
}
