import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'

/** A connection to a database server or file, as the pool and the driver use it. */
export interface SqlConnection extends DatabaseConnection {
  /** True once it cannot be used again. */
  readonly broken: boolean
  executeQuery<R>(query: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<QueryResult<R>>
  /** @throws DatabaseError `connection_lost` */
  ping(): Promise<void>
  /** Idempotent; never throws. */
  close(): Promise<void>
}
