import type { ComputeNode } from '@micronova/model'
import type { NodeAccount } from './node-account.js'
import type { VolumeBacked } from './volume-backed.js'

/** A node of this host: its record, who uses what of it, and for whom a root disk counts. */
export interface TrackedNode {
  readonly name: string
  readonly record: ComputeNode
  readonly account: NodeAccount
  readonly volumeBacked: VolumeBacked
  /** Uuids of the migrations from and to it, as of the last count. */
  migrations: ReadonlySet<string>
  /** What was measured at the last count, as JSON. */
  metrics: string
}
