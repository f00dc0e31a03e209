// Which scenarios make a Python peer send each method of nova-compute's RPC, or serve it; and why some methods are left out.
import { scenarios } from './scenarios/index.mjs'

const crossCell = 'part of a resize between cells; this cloud has one'
const noCinder = 'needs Cinder, which this cloud does not have'
const noAgent = "the fake driver's live migration is over at once: there is nothing to abort, to hurry or to roll back"

/** Methods that no scenario exercises, each with the reason. */
export const notExercised = {
  remove_volume_connection: noCinder,
  quiesce_instance: `${noCinder}: sent for a snapshot of a server that boots from a volume`,
  unquiesce_instance: `${noCinder}: sent for a snapshot of a server that boots from a volume`,
  prep_snapshot_based_resize_at_dest: crossCell,
  prep_snapshot_based_resize_at_source: crossCell,
  finish_snapshot_based_resize_at_dest: crossCell,
  confirm_snapshot_based_resize_at_source: crossCell,
  revert_snapshot_based_resize_at_dest: crossCell,
  finish_revert_snapshot_based_resize_at_source: crossCell,
  live_migration_abort: noAgent,
  live_migration_force_complete: noAgent,
  rollback_live_migration_at_destination: noAgent,
  drop_move_claim_at_destination: noAgent,
  check_instance_shared_storage: 'asked by drivers that share disks between hosts; the fake driver has none',
  validate_console_port: 'sent by the console proxies, which this cloud does not run',
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
