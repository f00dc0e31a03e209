import type { ComputeNode, Instance, Migration } from '@micronova/model'
import type { ConsumerKind } from './compute-placement.js'

/** What becomes of allocations on a node whose consumer is not counted there. */
export type LeftoverVerdict =
  /** It is deleted, or over, and has forgotten them. */
  | { readonly kind: 'delete'; readonly consumer: ConsumerKind }
  /** They may be right; somebody should know. `isUsual`: it passes by itself. */
  | { readonly kind: 'keep'; readonly isUsual: boolean; readonly reason: string }

/**
 * Judge a consumer that is neither an instance on `node` nor a migration from or to it.
 *
 * @param instance deleted ones too; undefined: the cell does not know it
 * @see nova 26.2.2, `compute/resource_tracker.py`, `_remove_deleted_instances_allocations`
 */
export function judgeLeftover(
  instance: Pick<Instance, 'deleted' | 'hidden' | 'host' | 'node' | 'task_state'> | undefined,
  node: Pick<ComputeNode, 'host' | 'hypervisor_hostname'>,
): LeftoverVerdict {
  // The scheduler claims before the cell has the record.
  if (instance === undefined) return { kind: 'keep', isUsual: true, reason: 'it is not in the database' }
  // A hidden one has moved to another cell, and the move takes care of its allocations.
  if (instance.deleted && !instance.hidden) return { kind: 'delete', consumer: 'instance' }
  if (!instance.host) return { kind: 'keep', isUsual: true, reason: 'it is on its way to a host' }
  if (instance.host !== node.host)
    return { kind: 'keep', isUsual: false, reason: `it has moved to ${instance.host}(${instance.node}); these may have to be removed` }
  if (instance.node === node.hypervisor_hostname)
    return instance.task_state
      ? { kind: 'keep', isUsual: true, reason: `it is ${instance.task_state}` }
      : { kind: 'keep', isUsual: false, reason: 'it is on this node but not counted there' }
  return { kind: 'keep', isUsual: true, reason: `it is on the node ${instance.node}` }
}

/** Moves that have succeeded: what they held of the source nobody will want back. */
const succeeded: readonly (string | null)[] = ['confirmed', 'completed']

export function hasSucceeded({ status }: Pick<Migration, 'status'>): boolean {
  return succeeded.includes(status)
}

/**
 * Judge a migration that the cell does not count on its source any more. Upstream leaves all of them to the operator.
 *
 * @param instance that moved; null: it is deleted. Undefined where it does not matter
 * @param wasSeenBefore an earlier audit found it so; whoever ends the move removes what it held in the next moment
 */
export function judgeLeftoverMigration(
  { status }: Pick<Migration, 'status'>,
  instance: Pick<Instance, 'host' | 'vm_state' | 'task_state'> | null | undefined,
  node: Pick<ComputeNode, 'host'>,
  wasSeenBefore: boolean,
): LeftoverVerdict {
  if (!hasSucceeded({ status }) && !isElsewhereForGood(instance, node))
    return { kind: 'keep', isUsual: false, reason: `it is held by a migration that is ${status}` }
  return wasSeenBefore ? { kind: 'delete', consumer: 'migration' } : { kind: 'keep', isUsual: true, reason: 'its migration has just ended' }
}

/** In no state from which it could come back to `node`. */
function isElsewhereForGood(
  instance: Pick<Instance, 'host' | 'vm_state' | 'task_state'> | null | undefined,
  node: Pick<ComputeNode, 'host'>,
): boolean {
  if (instance === null) return true
  if (instance === undefined || !instance.host || instance.host === node.host) return false
  return instance.task_state === null && (instance.vm_state === 'active' || instance.vm_state === 'stopped')
}
