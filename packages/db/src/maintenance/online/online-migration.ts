import type { Random } from '@micronova/lifecycle'
import type { Database } from '../../database.js'

/** A cell with the way to its database. */
export interface MigratedCell {
  /** In the API database. */
  readonly id: number
  open(): Promise<Database>
}

export interface OnlineMigrationDeps {
  /** That of `[database]`. */
  readonly main: Database
  readonly api: Database
  /** All of them, cell0 and disabled ones too. */
  readonly cells: readonly MigratedCell[]
  readonly random: Random
  /** What a compute node without ratios gets. */
  readonly ratios: { readonly cpu: number; readonly ram: number; readonly disk: number }
  /** Zone of a compute host. */
  zoneOf(host: string): Promise<string>
}

/** What one batch came to. */
export interface Migrated {
  /** Records that matched, at most as many as were asked for. */
  readonly found: number
  /** Records that are as they shall be now. Less than `found`: the others cannot be, or need not. */
  readonly done: number
}

/** Data that an older release left in a form that newer ones no longer write. It may run again, and beside services. */
export interface OnlineMigration {
  /** Upstream's. */
  readonly name: string
  run(deps: OnlineMigrationDeps, limit: number): Promise<Migrated>
}
