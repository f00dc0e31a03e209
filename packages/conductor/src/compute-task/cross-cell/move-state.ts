import type { Step } from '@micronova/lifecycle'
import {
  type Flavor,
  type Instance,
  type InstanceAttribute,
  type Migration,
  type MigrationContext,
  novaError,
  type RequestContext,
  type RequestSpec,
  type Selection,
} from '@micronova/model'
import type { CellScope, ComputeTaskDeps, Deployment } from '../compute-task-deps.js'

/** The instance as one of the two cells has it. */
export interface CellSide {
  readonly scope: CellScope
  readonly instance: Instance
  /** The record of this move; the same uuid in both cells. */
  migration: Migration
}

/** What computes look at in an instance that moves. */
export const movingAttributes = [
  'info_cache',
  'flavor',
  'metadata',
  'system_metadata',
  'migration_context',
  'numa_topology',
  'pci_requests',
  'resources',
] as const satisfies InstanceAttribute[]

/** A move to another cell under way, and what there is to take back if it fails. */
export interface MoveState {
  readonly deps: ComputeTaskDeps
  readonly deployment: Deployment
  readonly ctx: RequestContext
  readonly flavor: Flavor
  readonly requestSpec: RequestSpec
  readonly selection: Selection
  readonly source: CellSide
  readonly target: CellSide
  /** What the destination has claimed. */
  context: MigrationContext | null
  /** Ports that have a binding on the destination. */
  boundPorts: readonly string[]
  /** Attachments that keep the volumes for the destination. */
  readonly attachments: string[]
  /** In which the root disk travels. */
  imageId: string | null
  /** The guest is not at its source any more. */
  hasLeft: boolean
  /** The guest is at its destination. */
  hasArrived: boolean
}

export type MoveStep = Step<MoveState>

export function preCheckFailed(reason: string, cause?: unknown) {
  return novaError('MigrationPreCheckError', { reason }, cause === undefined ? {} : { cause })
}
