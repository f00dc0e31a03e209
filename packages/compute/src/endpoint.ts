import type { Endpoint, Parameter, RemoteMethod } from '@micronova/messaging'
import { isKindOf, type RequestContext } from '@micronova/model'
import { checkObjects } from './check-arguments.js'
import { type Operation, parameter } from './operation.js'
import { operations } from './operations/index.js'
import type { ComputeParts } from './parts.js'
import { type Around, runOperation } from './run-operation.js'

type Methods = Record<string, RemoteMethod<RequestContext>>

/**
 * Methods that had other parameters before compute 6.0, for callers that are capped to 5.x. All others are the same.
 * @see reference/rpc-compute.json, `meta.server_second_endpoint`
 */
const parametersOfVersion5: Readonly<Record<string, readonly (string | readonly [name: string, value: null])[]>> = {
  build_and_run_instance: [
    'instance',
    'image',
    'request_spec',
    'filter_properties',
    ['admin_password', null],
    ['injected_files', null],
    ['requested_networks', null],
    ['security_groups', null],
    ['block_device_mapping', null],
    ['node', null],
    ['limits', null],
    ['host_list', null],
    ['accel_uuids', null],
  ],
  check_can_live_migrate_destination: ['instance', 'block_migration', 'disk_over_commit', ['migration', null], ['limits', null]],
  check_instance_shared_storage: ['instance', 'data'],
  finish_resize: ['disk_info', 'image', 'instance', 'migration', ['request_spec', null]],
  finish_revert_resize: ['instance', 'migration', ['request_spec', null]],
  finish_snapshot_based_resize_at_dest: ['instance', 'migration', 'snapshot_id', 'request_spec'],
  pre_live_migration: ['instance', 'block_migration', 'disk', 'migrate_data'],
  prep_resize: [
    'image',
    'instance',
    'instance_type',
    'request_spec',
    'filter_properties',
    'node',
    'clean_shutdown',
    'migration',
    'host_list',
  ],
  prep_snapshot_based_resize_at_dest: ['instance', 'flavor', 'nodename', 'migration', 'limits', 'request_spec'],
  rebuild_instance: [
    'instance',
    'orig_image_ref',
    'image_ref',
    'injected_files',
    'new_pass',
    'orig_sys_metadata',
    'bdms',
    'recreate',
    'on_shared_storage',
    'preserve_ephemeral',
    'migration',
    'scheduled_node',
    'limits',
    'request_spec',
    ['accel_uuids', null],
  ],
  resize_instance: ['instance', 'image', 'migration', 'instance_type', 'clean_shutdown', ['request_spec', null]],
  revert_resize: ['instance', 'migration', ['request_spec', null]],
  shelve_instance: ['instance', 'image_id', 'clean_shutdown', ['accel_uuids', null]],
  shelve_offload_instance: ['instance', 'clean_shutdown', ['accel_uuids', null]],
  unshelve_instance: ['instance', 'image', 'filter_properties', 'node', ['request_spec', null], ['accel_uuids', null]],
}

/** What nova-compute offers over RPC: its version, and the one before it for callers that are not upgraded yet. */
export function computeEndpoints(parts: ComputeParts): readonly Endpoint<RequestContext>[] {
  const present: Methods = {}
  const before: Methods = {}
  for (const operation of operations) {
    const { method, parameters } = operation
    present[method] = remoteMethod(parts, operation, parameters)
    before[method] = remoteMethod(parts, operation, parametersOfVersion5[method]?.map(parameter) ?? parameters)
  }
  return [
    { target: { version: '6.1' }, methods: present },
    { target: { version: '5.13' }, methods: before },
  ]
}

function remoteMethod(parts: ComputeParts, operation: Operation, parameters: readonly Parameter[]): RemoteMethod<RequestContext> {
  return {
    parameters,
    isExpected: (err) => (operation.policy.expected ?? []).some((kind) => isKindOf(err, kind)),
    run: async (ctx, args, signal) => {
      checkObjects(operation.method, args)
      return runOperation(parts, operation, ctx, args, signal, unlessCutOff(signal))
    },
  }
}

/**
 * An operation that waited for its turn until the service was cut off does not begin. Nor does it end: whatever it did would
 * count as its end, and as it is the journal has it for the next start.
 */
function unlessCutOff(signal: AbortSignal): Around {
  return (body) => (signal.aborted ? new Promise(() => {}) : body())
}
