import type { Instance, Migration } from '@micronova/model'
import type { LiveMigrateData } from '@micronova/virt'
import type { WireArguments } from '../operation.js'

/** What only destination and source of a live migration say to each other. */
export interface LiveMigrationCheck {
  readonly instance: Instance
  readonly data: LiveMigrateData
}

/** The arguments of `live_migration`. */
export interface LiveMigrationRequest {
  readonly instance: Instance
  readonly destination: string
  readonly blockMigration: boolean | null
  readonly migration: Migration
  readonly data: LiveMigrateData
}

export function decodeLiveMigration(args: WireArguments): LiveMigrationRequest {
  return {
    instance: args.instance as Instance,
    destination: args.dest as string,
    blockMigration: args.block_migration as boolean | null,
    migration: args.migration as Migration,
    data: args.migrate_data as LiveMigrateData,
  }
}
