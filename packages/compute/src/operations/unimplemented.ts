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

const quiesceKinds = ['InstanceQuiesceNotSupported', 'QemuGuestAgentNotEnabled', 'NovaException', 'NotImplementedError']

/** @see reference/rpc-compute.json, `server`: parameters and decorators; a test compares both */
export const unimplementedOperations: readonly Operation[] = [
  unimplemented('attach_volume', ['instance', 'bdm'], { event: 'compute_attach_volume', recordFault: true }),
  unimplemented('cache_images', ['image_ids'], {}),
  unimplemented('confirm_snapshot_based_resize_at_source', ['instance', 'migration'], {
    event: 'compute_confirm_snapshot_based_resize_at_source',
    recordFault: true,
    failMigration: true,
  }),
  unimplemented('detach_volume', ['volume_id', 'instance', 'attachment_id'], { event: 'compute_detach_volume', recordFault: true }),
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
  unimplemented('get_host_uptime', [], {}),
  unimplemented('host_maintenance_mode', ['host', 'mode'], {}),
  unimplemented('host_power_action', ['action'], {}),
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
  unimplemented('quiesce_instance', ['instance'], { expected: quiesceKinds }),
  unimplemented('remove_volume_connection', ['volume_id', 'instance'], {}),
  unimplemented('reserve_block_device_name', ['instance', 'device', 'volume_id', 'disk_bus', 'device_type', 'tag', 'multiattach'], {
    recordFault: true,
    revertTaskState: true,
  }),
  unimplemented('revert_snapshot_based_resize_at_dest', ['instance', 'migration'], {
    event: 'compute_revert_snapshot_based_resize_at_dest',
    recordFault: true,
    revertTaskState: true,
    failMigration: true,
  }),
  unimplemented('swap_volume', ['old_volume_id', 'new_volume_id', 'instance', 'new_attachment_id'], {
    event: 'compute_swap_volume',
    recordFault: true,
  }),
  unimplemented('trigger_crash_dump', ['instance'], {
    event: 'compute_trigger_crash_dump',
    recordFault: true,
    expected: ['NotImplementedError', 'TriggerCrashDumpNotSupported', 'InstanceNotRunning'],
  }),
  unimplemented('unquiesce_instance', ['instance', ['mapping', null]], { expected: quiesceKinds }),
  unimplemented('volume_snapshot_create', ['instance', 'volume_id', 'create_info'], { expected: ['NotImplementedError'] }),
  unimplemented('volume_snapshot_delete', ['instance', 'volume_id', 'snapshot_id', 'delete_info'], { expected: ['NotImplementedError'] }),
]
