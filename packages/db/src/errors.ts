/**
 * What went wrong, and what that says about the work in hand:
 *
 * - `invalid_url`: the connection string or an option cannot be used; nothing was opened
 * - `unavailable`: no connection could be made; nothing was done, trying again may help
 * - `refused`: the server is there and does not want us (password, database name); trying again does not help
 * - `closed`: we have closed the database; nothing was done
 * - `pool_timeout`: every connection stayed in use for too long; nothing was done
 * - `connection_lost`: the connection broke before a commit; the transaction is rolled back
 * - `commit_unknown`: the connection broke during a commit; the transaction may have happened
 * - `deadlock`: the server chose this transaction as a victim, or a lock was not free in time; it is rolled back
 * - `unique_violation`: a row with these values is there already
 * - `reference_violation`: a row that this one points to is not there, or another points to one that was to go; SQLite does not look
 * - `query`: the server refused a statement
 * - `schema`: the schema is of a revision that this version does not know
 */
export type DatabaseErrorCode =
  | 'invalid_url'
  | 'unavailable'
  | 'refused'
  | 'closed'
  | 'pool_timeout'
  | 'connection_lost'
  | 'commit_unknown'
  | 'deadlock'
  | 'unique_violation'
  | 'reference_violation'
  | 'query'
  | 'schema'

/** Root of what this package throws beside `NovaError`. Switch on `code`; the driver's own error is the `cause`. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  readonly code: DatabaseErrorCode
  /** Of a `unique_violation`: what the server said of the constraint: its name, or its columns on SQLite. */
  readonly constraint: string

  constructor(code: DatabaseErrorCode, message: string, options: ErrorOptions & { readonly constraint?: string } = {}) {
    super(message, options)
    this.code = code
    this.constraint = options.constraint ?? ''
  }
}

export function isDatabaseError(err: unknown, ...codes: readonly DatabaseErrorCode[]): err is DatabaseError {
  return err instanceof DatabaseError && codes.includes(err.code)
}
