import type { DatabaseConnection, Driver } from 'kysely'
import { DatabaseError, isDatabaseError } from '../errors.js'
import type { SqlConnection } from './connection.js'
import type { ConnectionPool } from './pool.js'

/** Kysely's way to the pool. */
export class PooledDriver implements Driver {
  readonly #pool: ConnectionPool<SqlConnection>
  readonly #begin: string

  /** @param begin SQLite: `BEGIN IMMEDIATE`, so that two writers meet at the beginning, where one of them can wait */
  constructor(pool: ConnectionPool<SqlConnection>, begin: string) {
    this.#pool = pool
    this.#begin = begin
  }

  async init(): Promise<void> {}

  acquireConnection(): Promise<DatabaseConnection> {
    return this.#pool.acquire()
  }

  async beginTransaction(connection: SqlConnection): Promise<void> {
    await connection.executeQuery({ sql: this.#begin, parameters: [] })
  }

  async commitTransaction(connection: SqlConnection): Promise<void> {
    try {
      await connection.executeQuery({ sql: 'COMMIT', parameters: [] })
    } catch (err) {
      if (!isDatabaseError(err, 'connection_lost')) throw err
      throw new DatabaseError('commit_unknown', 'the connection to the database broke during a commit', { cause: err })
    }
  }

  /** Whatever cannot be rolled back by hand is rolled back by the server when the connection closes. */
  async rollbackTransaction(connection: SqlConnection): Promise<void> {
    if (connection.broken) return
    try {
      await connection.executeQuery({ sql: 'ROLLBACK', parameters: [] })
    } catch {
      await connection.close()
    }
  }

  async releaseConnection(connection: SqlConnection): Promise<void> {
    this.#pool.release(connection)
  }

  async destroy(): Promise<void> {
    await this.#pool.close()
  }
}
