import { type Kysely, sql } from 'kysely'
import type { Database } from '../database.js'
import type { CellDatabase } from '../schema/index.js'
import type { Dialect } from '../schema/table.js'
import { apiHeadRevision, headRevision, recordedRevision } from './alembic.js'
import { tableNames } from './inspect.js'

/** What a look at a database finds; nothing is changed. */
export interface SchemaDescription {
  /** Alembic's; null where none is recorded. */
  readonly revision: string | null
  /** The one that this version works with. */
  readonly headRevision: string
  /** No table is there yet. */
  readonly isEmpty: boolean
  /** By how much the clock of the server is ahead of ours, give or take the time that asking took; null for SQLite, which has none. */
  readonly clockAheadMs: number | null
}

/** @param kind whose schema is expected there */
export async function describeSchema(database: Database, kind: 'cell' | 'api', now: () => number): Promise<SchemaDescription> {
  const { kysely, dialect } = database
  const tables = await tableNames(kysely, dialect)
  return {
    revision: await recordedRevision(kysely, tables),
    headRevision: kind === 'cell' ? headRevision : apiHeadRevision,
    isEmpty: tables.size === 0,
    clockAheadMs: await clockAhead(kysely, dialect, now),
  }
}

async function clockAhead(db: Kysely<CellDatabase>, dialect: Dialect, now: () => number): Promise<number | null> {
  if (dialect === 'sqlite') return null
  const query = {
    mysql: sql<Seconds>`select cast(unix_timestamp(sysdate(6)) as double) as seconds`,
    postgresql: sql<Seconds>`select extract(epoch from clock_timestamp())::float8 as seconds`,
  }[dialect]
  const before = now()
  const [row] = (await query.execute(db)).rows
  const between = (before + now()) / 2
  return Math.round(Number(row?.seconds) * 1000 - between)
}

interface Seconds {
  readonly seconds: number | string
}
