import type { Section } from '@micronova/config'
import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { ReadOptions } from '@micronova/model'
import { Kysely, type LogEvent, sql } from 'kysely'
import type { SqlConnection } from './driver/connection.js'
import { createDialect } from './driver/dialect.js'
import { ConnectionPool } from './driver/pool.js'
import { isDatabaseError } from './errors.js'
import { databaseOptions } from './options.js'
import { type RetryPolicy, withRetries } from './retry.js'
import { Rows } from './rows.js'
import type { CellDatabase } from './schema/index.js'
import type { Dialect } from './schema/table.js'
import { type DatabaseUrl, parseDatabaseUrl } from './url.js'

export interface DatabaseDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

/** The values of `[database]`; `connection` itself is handed in beside them. */
export type DatabaseSettings = Omit<Section<typeof databaseOptions>, 'connection'>

/** `connection_debug` at which SQLAlchemy begins to log statements. */
const traceFrom = 50

/** What SQLAlchemy waits for a connection of the pool unless `pool_timeout` says otherwise. */
const poolTimeoutSeconds = 30

/** Below this a dead connection is found by using it: reads and transactions are tried again anyway. */
const pingAfterIdleMs = 1000

/**
 * Open the cell database at `url`, an SQLAlchemy URL, and its replica, if `slave_connection` names one; make sure that they answer.
 * The libraries of a server are loaded here, by the URL: `mysql2` and `pg` need not be installed for the others.
 *
 * @param signal ends the waiting for a server that does not answer yet
 * @throws DatabaseError `invalid_url`; `refused`; `unavailable` after `max_retries` tries
 */
export async function openDatabase(
  url: string,
  deps: DatabaseDeps,
  options: Partial<DatabaseSettings> = {},
  signal?: AbortSignal,
): Promise<Database> {
  const settings = { ...defaultSettings(), ...options }
  const main = await openSource(url, deps, settings, signal)
  const { slave_connection: replicaUrl } = settings
  if (!replicaUrl) return new Database(deps, retryPolicy(settings), main)
  try {
    return new Database(deps, retryPolicy(settings), main, await openSource(replicaUrl, deps, settings, signal))
  } catch (err) {
    await main.pool.close()
    throw err
  }
}

/** A server or file, and the way to it. */
interface Source {
  readonly url: DatabaseUrl
  readonly pool: ConnectionPool<SqlConnection>
  readonly kysely: Kysely<CellDatabase>
}

async function openSource(text: string, deps: DatabaseDeps, settings: DatabaseSettings, signal?: AbortSignal): Promise<Source> {
  const url = parseDatabaseUrl(text, settings.connection_parameters)
  for (const name of url.ignored) deps.log.warning(`[database] connection: the parameter ${name} has no effect here`)
  const connect = await connector(url, settings)
  const pool = new ConnectionPool<SqlConnection>({ clock: deps.clock, connect }, poolOptions(url.dialect, settings))
  const log = (event: LogEvent) => logStatement(deps.log, event)
  const dialect = createDialect(url.dialect, pool)
  const kysely = new Kysely<CellDatabase>(settings.connection_debug < traceFrom ? { dialect } : { dialect, log })
  try {
    await untilAnswering(pool, deps, settings, signal)
    return { url, pool, kysely }
  } catch (err) {
    await pool.close()
    throw err
  }
}

/** An open cell database: units of work, each tried again within bounds if it was lost through no fault of its own. */
export class Database {
  readonly #deps: DatabaseDeps
  readonly #policy: RetryPolicy
  readonly #main: Source
  readonly #replica: Source | undefined

  /** Made by `openDatabase`. */
  constructor(deps: DatabaseDeps, policy: RetryPolicy, main: Source, replica?: Source) {
    this.#deps = deps
    this.#policy = policy
    this.#main = main
    this.#replica = replica
  }

  get dialect(): Dialect {
    return this.#main.url.dialect
  }

  /** For messages: the URL without the password. */
  get display(): string {
    return this.#main.url.display
  }

  /** For migrations and tests; it bypasses the retries. */
  get kysely(): Kysely<CellDatabase> {
    return this.#main.kysely
  }

  /**
   * Run statements that only read, one after another on one connection. `work` runs again after a lost connection.
   *
   * @param options `replica`: it may be the replica that answers, if there is one
   */
  read<T>(work: (rows: Rows) => Promise<T>, { replica = false }: ReadOptions = {}): Promise<T> {
    const source = (replica ? this.#replica : undefined) ?? this.#main
    return this.retried(() => source.kysely.connection().execute((db) => work(this.#rows(db, source))))
  }

  /**
   * Run statements in one transaction. `work` runs again, from its beginning, after a deadlock or a lost connection,
   * so it must change nothing but the database. It must not call `read` or `write` of this object: on SQLite there is
   * one connection, and `work` has it.
   *
   * @throws DatabaseError `commit_unknown` if the connection broke during the commit; that is not tried again
   */
  write<T>(work: (rows: Rows) => Promise<T>): Promise<T> {
    return this.retried(() => this.kysely.transaction().execute((db) => work(this.#rows(db, this.#main))))
  }

  /** Run `attempt` again as `read` and `write` do; it may use `kysely`. */
  retried<T>(attempt: () => Promise<T>): Promise<T> {
    return withRetries(this.#deps, this.#policy, attempt)
  }

  /** Ask it for nothing, once: no retries. Takes as long as a free connection and the answer do. */
  async ping(): Promise<void> {
    await sql`SELECT 1`.execute(this.kysely)
  }

  /** Work in hand ends in an error at its next statement. Idempotent. */
  async close(): Promise<void> {
    for (const source of [this.#replica, this.#main]) await source?.pool.close()
  }

  /** MariaDB and MySQL cut times to whole seconds; so does the object that is written. */
  #rows(db: Kysely<CellDatabase>, { url: { dialect } }: Source): Rows {
    const now = this.#deps.clock.now()
    return new Rows(db, dialect, new Date(dialect === 'mysql' ? Math.floor(now / 1000) * 1000 : now))
  }
}

/** Its values may be secret. */
function logStatement(log: Logger, { query, queryDurationMillis }: LogEvent): void {
  log.debug(`${query.sql} [${queryDurationMillis.toFixed(1)} ms]`)
}

function defaultSettings(): DatabaseSettings {
  const entries = Object.entries(databaseOptions.options).map(([name, option]) => [name, option.default])
  return Object.fromEntries(entries)
}

async function connector(url: DatabaseUrl, settings: DatabaseSettings): Promise<() => Promise<SqlConnection>> {
  switch (url.dialect) {
    case 'sqlite': {
      const { openSqlite } = await import('./driver/sqlite.js')
      return () => openSqlite(url.database, { synchronous: settings.sqlite_synchronous })
    }
    case 'mysql': {
      const { connectMysql } = await import('./driver/mysql.js')
      return () => connectMysql(url, { sqlMode: settings.mysql_sql_mode })
    }
    case 'postgresql': {
      const { connectPostgresql } = await import('./driver/postgresql.js')
      return () => connectPostgresql(url)
    }
  }
}

/** SQLite has one writer at a time anyway and answers at once, so one connection, never closed, serves all. */
function poolOptions(dialect: Dialect, settings: DatabaseSettings): ConstructorParameters<typeof ConnectionPool>[1] {
  const timeoutMs = (settings.pool_timeout ?? poolTimeoutSeconds) * 1000
  if (dialect === 'sqlite') return { size: 1, overflow: 0, timeoutMs, recycleMs: -1, pingAfterIdleMs: Number.POSITIVE_INFINITY }
  const recycleMs = settings.connection_recycle_time < 0 ? -1 : settings.connection_recycle_time * 1000
  return { size: settings.max_pool_size, overflow: settings.max_overflow, timeoutMs, recycleMs, pingAfterIdleMs }
}

function retryPolicy(settings: DatabaseSettings): RetryPolicy {
  return {
    maxRetries: settings.db_max_retries,
    intervalMs: settings.db_retry_interval * 1000,
    doubleInterval: settings.db_inc_retry_interval,
    maxIntervalMs: settings.db_max_retry_interval * 1000,
  }
}

async function untilAnswering(
  pool: ConnectionPool<SqlConnection>,
  { clock, log }: DatabaseDeps,
  { max_retries, retry_interval }: DatabaseSettings,
  signal?: AbortSignal,
): Promise<void> {
  for (let left = max_retries; left !== 0; left--) {
    try {
      pool.release(await pool.acquire())
      return
    } catch (err) {
      if (!isDatabaseError(err, 'unavailable') || left === 1) throw err
      log.warning(`the database does not answer, next try in ${retry_interval} s: ${err.message}`)
      await clock.sleep(retry_interval * 1000, signal)
    }
  }
}
