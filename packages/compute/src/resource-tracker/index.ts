import type { ComputeNode, Instance, RequestContext } from '@micronova/model'
import type { MoveClaims } from './move-claims.js'

/**
 * Resources of a node that are held for an instance. Once granted they stay with the instance; a claim of something
 * that fails afterwards is given back.
 *
 * @example
 * const claim = await tracker.instanceClaim(ctx, instance, node, limits)
 * try {
 *   await spawn()
 * } catch (err) {
 *   await claim.abort(ctx)
 *   throw err
 * }
 */
export interface Claim {
  /**
   * Give the resources back and take host and node off the instance, in memory and in its record. Idempotent; may be
   * repeated if it failed. Only for something that failed: a claim that succeeded is never closed.
   */
  abort(ctx: RequestContext): Promise<void>
}

/**
 * The scheduler's limits as they stand in `build_and_run_instance`: `{}`, or `{ numa_topology: ... }` of the wire. Processors,
 * memory and disk are not among them since Placement counts those.
 */
export type ClaimLimits = Readonly<Record<string, unknown>>

export { applyMigrationContext, dropMigrationContext, type MoveEnd } from './migration-context.js'
export type { MoveClaim, MoveClaimRequest, MoveClaims } from './move-claims.js'

/** What this host has, what its instances use, and who may have more. One per compute service. */
export interface ResourceTracker {
  /** Compute nodes of this host by node name, as of the last `updateAvailableResource`. */
  readonly nodes: ReadonlyMap<string, ComputeNode>
  /** The same for guests that come from another host, or change their size. */
  readonly moves: MoveClaims
  /**
   * Called before anything of an instance is made. On return the instance has `host`, `node` and `launched_on`,
   * saved together with the caller's other changes of it, and the usage is in the compute node's record. If it rejects,
   * nothing is held and the instance has neither host nor node.
   *
   * @throws NovaError `ComputeResourcesUnavailable` if the resources or a limit do not allow it
   */
  instanceClaim(ctx: RequestContext, instance: Instance, node: string, limits: ClaimLimits): Promise<Claim>
  /** Called after an instance changed its state: what it uses is counted again, or no longer if it is deleted. */
  updateUsage(ctx: RequestContext, instance: Instance, node: string): Promise<void>
  /** Measure `node`, count its instances and write its record; creates it if it is new. */
  updateAvailableResource(ctx: RequestContext, node: string): Promise<void>
  /** An instance that the last count found on `node`, or whose resources are held there; or a migration from or to it. */
  isKnownConsumer(node: string, uuid: string): boolean
  /** Forget a node that the driver no longer has, or whose record is gone. */
  removeNode(node: string): void
  /** Counted in the node's statistics, for the scheduler's build failure weigher; written with the next update. */
  buildFailed(node: string): void
  /** Sets that count back to zero. */
  buildSucceeded(node: string): void
}
