import { notImplemented } from '../not-implemented.js'
import { type Operation, type OperationPolicy, parameter } from '../operation.js'

type ParameterList = readonly (string | readonly [name: string, value: null])[]

/**
 * A method that Nova has and this service does not, yet. What surrounds it runs all the same: the action's event ends
 * with an error, a fault says so to the user, the task state that the API has set goes back to none.
 *
 * @throws PythonError `NotImplementedError`, as from a driver that lacks the ability
 */
function unimplemented(method: string, parameters: ParameterList, policy: OperationPolicy): Operation {
  return { method, parameters: parameters.map(parameter), policy, run: async () => notImplemented() }
}

/** @see reference/rpc-compute.json, `server`: parameters and decorators; a test compares both */
export const unimplementedOperations: readonly Operation[] = [
  unimplemented('confirm_snapshot_based_resize_at_source', ['instance', 'migration'], {
    event: 'compute_confirm_snapshot_based_resize_at_source',
    recordFault: true,
    failMigration: true,
  }),
  unimplemented('finish_revert_snapshot_based_resize_at_source', ['instance', 'migration'], {
    event: 'compute_finish_revert_snapshot_based_resize_at_source',
    recordFault: true,
    revertTaskState: true,
    failMigration: true,
  }),
  unimplemented('finish_snapshot_based_resize_at_dest', ['instance', 'migration', 'snapshot_id'], {
    event: 'compute_finish_snapshot_based_resize_at_dest',
    recordFault: true,
    revertTaskState: true,
    failMigration: true,
  }),
  unimplemented('prep_snapshot_based_resize_at_dest', ['instance', 'flavor', 'nodename', 'migration', 'limits'], {
    event: 'compute_prep_snapshot_based_resize_at_dest',
    recordFault: true,
    expected: ['MigrationPreCheckError'],
  }),
  unimplemented('prep_snapshot_based_resize_at_source', ['instance', 'migration', ['snapshot_id', null]], {
    event: 'compute_prep_snapshot_based_resize_at_source',
    recordFault: true,
    revertTaskState: true,
    failMigration: true,
    expected: ['InstancePowerOffFailure'],
  }),
  unimplemented('revert_snapshot_based_resize_at_dest', ['instance', 'migration'], {
    event: 'compute_revert_snapshot_based_resize_at_dest',
    recordFault: true,
    revertTaskState: true,
    failMigration: true,
  }),
]
