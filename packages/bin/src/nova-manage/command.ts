import type { PlacementClient } from '@micronova/clients'
import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { RequestContext } from '@micronova/model'
import type { Command } from 'commander'
import type { ManagedDatabases } from './managed-databases.js'

/** What a command of nova-manage works with. */
export interface Manage {
  /** Standard output, by the line. */
  print(line: string): void
  /** Standard output, as it is. */
  write(text: string): void
  readonly databases: ManagedDatabases
  /** Placement, with the rights of `[placement]`. @throws CommandFailed without these; ClientError if they are wrong */
  placement(): PlacementClient
  readonly settings: ManageSettings
  /** All rights. */
  readonly ctx: RequestContext
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** SIGINT or SIGTERM: a command that works in portions ends after the present one. */
  readonly interrupted: AbortSignal
}

/** What of the configuration commands read themselves. */
export interface ManageSettings {
  /** `[database] connection`; null if it is not set. */
  readonly databaseUrl: string | null
  /** `[DEFAULT] transport_url`. */
  readonly transportUrl: string
  readonly defaultZone: string
  /** Seconds. */
  readonly serviceDownTime: number
  /** What the record of a compute node without ratios gets. */
  readonly ratios: { readonly cpu: number; readonly ram: number; readonly disk: number }
}

/** One command of a category. */
export interface ManageCommand {
  /** As in `archive_deleted_rows`. */
  readonly name: string
  /** One sentence for `--help`. */
  readonly summary: string
  /** Further lines of `--help`: what the statuses mean. */
  readonly statuses?: string
  /** Adds flags and arguments. */
  declare?(command: Command): void
  /**
   * The exit status if something fails that the command does not expect. 1, except for commands of which 1 says something else:
   * a script that runs one again at 1 must not run for ever against a database that is gone.
   */
  readonly failureStatus?: 1 | 255
  /** @returns the exit status. `options` by the names of the flags, `args` in their order; commander has looked at both. */
  run(manage: Manage, options: never, ...args: never[]): Promise<number>
}

/** What Nova's program has and this one has not. */
export interface MissingCommand {
  readonly name: string
  readonly missing: true
  /** Where to turn. */
  readonly instead: string
}

export interface Category {
  /** As in `cell_v2`. */
  readonly name: string
  readonly summary: string
  readonly commands: readonly (ManageCommand | MissingCommand)[]
}

/** Names a command that Nova has and this program has not: one sentence for stderr and a status that no command has. */
export class NotImplementedHere extends Error {
  override readonly name = 'NotImplementedHere'
  readonly code = 'not_implemented'
  /** EX_UNAVAILABLE of sysexits. */
  readonly exitStatus = 69
}
