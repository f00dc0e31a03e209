import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import type { Database } from '../database.js'

/** What each store is made of. */
export interface StoreDeps {
  readonly database: Database
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** For objects that are kept as JSON. */
  readonly registry: ObjectRegistry
}
