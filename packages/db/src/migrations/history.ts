import type { Kysely } from 'kysely'
import type { CellDatabase } from '../schema/index.js'
import type { Dialect } from '../schema/table.js'

/**
 * Brings a schema to one revision and records that; leaves one alone that is there already.
 * It may run again after it was cut off at any statement.
 */
export type MigrationStep = (db: Kysely<CellDatabase>, dialect: Dialect) => Promise<void>

/** What became of a schema over time. */
export interface SchemaHistory {
  /** For messages: `a cell database`. */
  readonly of: string
  /** What an operator runs to bring one forward. */
  readonly syncCommand: string
  /** Alembic's, oldest first; the last is Zed's. */
  readonly revisions: readonly string[]
  /** Oldest first. */
  readonly steps: readonly MigrationStep[]
}
