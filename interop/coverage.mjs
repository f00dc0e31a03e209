// Which scenarios make a Python peer send each method of nova-compute's RPC, or serve it; and why some methods are left out.
import { scenarios } from './scenarios/index.mjs'

/** Methods that no scenario exercises, each with the reason. */
export const notExercised = {
  rollback_live_migration_at_destination: 'asked of a destination that has disks of its own to remove; the fake driver has none',
  drop_move_claim_at_destination: "asked after a live migration that heeds NUMA nodes; the fake driver's does not",
  check_instance_shared_storage: 'asked by drivers that share disks between hosts; the fake driver has none',
}

/** @returns {Map<string, string[]>} names of scenarios by method */
export function exercisedMethods() {
  const found = new Map()
  for (const { name, methods, skipped } of scenarios) {
    if (skipped) continue
    for (const method of methods) found.set(method, [...(found.get(method) ?? []), name])
  }
  return found
}
