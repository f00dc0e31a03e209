import { closeSync, openSync } from 'node:fs'
import type { CompiledQuery, QueryResult } from 'kysely'
import { DatabaseError } from '../errors.js'
import type { SqlConnection } from './connection.js'
import { openHandle } from './sqlite-handle.js'
import { formatDatetime, parseDatetime } from './values.js'

/** What this package uses of libsql and of node:sqlite alike. */
export interface SqliteHandle {
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
}

export interface SqliteStatement {
  /** Of the result; empty for a statement that returns none. */
  readonly columns: readonly { readonly name: string; readonly type: string | null }[]
  all(parameters: readonly SqliteValue[]): Record<string, unknown>[]
  run(parameters: readonly SqliteValue[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint }
}

export type SqliteValue = string | number | bigint | null | Uint8Array

export interface SqliteOptions {
  readonly synchronous: boolean
}

/**
 * How long SQLite itself waits for a lock. It blocks the whole process, and when another part of this very process holds the
 * lock the wait is in vain; so it is short, and what is still busy after it is tried again by `withRetries`.
 */
const busyTimeoutMs = 20

/** Statements kept prepared. The stores use some sixty; far more would only hold memory. */
const statementCacheSize = 200

/**
 * Open (and make, readable by its owner only) the file `path`, or `:memory:`.
 * Foreign keys are not enforced, as upstream leaves them.
 */
export async function openSqlite(path: string, { synchronous }: SqliteOptions): Promise<SqliteConnection> {
  try {
    // The write-ahead log and its index take over the mode of the file.
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600))
    const handle = await openHandle(path)
    handle.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    handle.prepare('PRAGMA journal_mode = WAL').all([])
    if (!synchronous) handle.exec('PRAGMA synchronous = OFF')
    return new SqliteConnection(handle)
  } catch (err) {
    if (resultCode(err) === 5) throw new DatabaseError('unavailable', `sqlite:///${path} is locked`, { cause: err })
    throw new DatabaseError('refused', `sqlite:///${path} cannot be opened: ${text(err)}`, { cause: err })
  }
}

interface Prepared {
  readonly statement: SqliteStatement
  readonly booleans: readonly string[]
  readonly datetimes: readonly string[]
}

export class SqliteConnection implements SqlConnection {
  readonly #handle: SqliteHandle
  readonly #prepared = new Map<string, Prepared>()
  broken = false

  constructor(handle: SqliteHandle) {
    this.#handle = handle
  }

  async executeQuery<R>({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<QueryResult<R>> {
    try {
      const prepared = this.#prepare(sql)
      const values = parameters.map(toSqlite)
      if (prepared.statement.columns.length > 0) return { rows: prepared.statement.all(values).map((row) => decode(prepared, row)) as R[] }
      const { changes, lastInsertRowid } = prepared.statement.run(values)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    } catch (err) {
      throw sqliteError(err)
    }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('results are not streamed')
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {
    if (this.broken) return
    this.broken = true
    this.#prepared.clear()
    this.#handle.close()
  }

  #prepare(sql: string): Prepared {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return known
    const statement = this.#handle.prepare(sql)
    const named = (type: string) => statement.columns.filter((column) => column.type?.toUpperCase() === type).map(({ name }) => name)
    const prepared = { statement, booleans: named('BOOLEAN'), datetimes: named('DATETIME') }
    if (this.#prepared.size >= statementCacheSize) this.#prepared.delete(this.#prepared.keys().next().value!)
    this.#prepared.set(sql, prepared)
    return prepared
  }
}

function decode({ booleans, datetimes }: Prepared, row: Record<string, unknown>): Record<string, unknown> {
  for (const name of booleans) if (row[name] !== null) row[name] = row[name] !== 0
  for (const name of datetimes) if (row[name] !== null) row[name] = parseDatetime(row[name] as string)
  return row
}

/**
 * Anything else must not reach libsql: a boolean there ends the process.
 * A number is bound as REAL, which a text column would show (`5.0`), hence the bigint.
 */
function toSqlite(value: unknown): SqliteValue {
  if (value === null || typeof value === 'string' || typeof value === 'bigint') return value
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (value instanceof Date) return formatDatetime(value, false)
  if (value instanceof Uint8Array) return value
  throw new TypeError(`a value of type ${typeof value} cannot be a parameter`)
}

/** SQLite's extended result code; libsql and node:sqlite name it differently. */
function resultCode(err: unknown): number | null {
  const { rawCode, errcode } = err as { rawCode?: unknown; errcode?: unknown }
  return typeof rawCode === 'number' ? rawCode : typeof errcode === 'number' ? errcode : null
}

const uniqueFailed = /^UNIQUE constraint failed: (.*)$/

function sqliteError(err: unknown): unknown {
  const code = resultCode(err)
  if (code === null) return err
  const primary = code & 0xff
  if (primary === 5 || primary === 6)
    return new DatabaseError('deadlock', 'the SQLite database is locked by another writer', { cause: err })
  if (code === 2067 || code === 1555) {
    const constraint = uniqueFailed.exec(text(err))?.[1] ?? ''
    return new DatabaseError('unique_violation', `a row with the same ${constraint} exists`, { cause: err, constraint })
  }
  return new DatabaseError('query', text(err), { cause: err })
}

function text(err: unknown): string {
  return err instanceof Error ? err.message : String(err)
}
