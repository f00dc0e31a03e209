import type { Logger } from '@micronova/log'
import { type Endpoint, PythonError } from '@micronova/messaging'
import { Instance, InstanceFault, isNovaError, type NovaError, novaError, type RequestContext, type Stores } from '@micronova/model'

export interface ComputeTaskDeps {
  readonly stores: Pick<Stores, 'instances' | 'faults'>
  readonly log: Logger
  /** Of this conductor; the fault carries it. */
  readonly host: string
}

const required = ['instances', 'image', 'filter_properties', 'admin_password', 'injected_files', 'requested_networks', 'security_groups']

/**
 * The namespace `compute_task`, as far as it goes without a scheduler: a build that a compute gives back finds no further host, as
 * a Zed conductor decides when it has no alternates left. The instance ends in ERROR with a fault, not in a task for ever.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `ComputeTaskManager.build_instances`
 */
export function computeTaskEndpoint(deps: ComputeTaskDeps): Endpoint<RequestContext> {
  return {
    target: { namespace: 'compute_task', version: '1.24' },
    methods: {
      build_instances: {
        parameters: [
          ...required.map((name) => ({ name })),
          { name: 'block_device_mapping', default: null },
          { name: 'legacy_bdm', default: true },
          { name: 'request_spec', default: null },
          { name: 'host_lists', default: null },
        ],
        async run(ctx, { instances }) {
          for (const instance of instancesOf(instances)) await giveUp(deps, ctx, instance)
        },
      },
    },
  }
}

function instancesOf(value: unknown): readonly Instance[] {
  if (Array.isArray(value) && value.every((item): item is Instance => item instanceof Instance)) return value
  throw new PythonError('TypeError', "argument 'instances' must be a list of instances")
}

/** Only the states are written, whatever else the compute had changed in its copy. */
async function giveUp({ stores, log, host }: ComputeTaskDeps, ctx: RequestContext, { uuid }: Instance): Promise<void> {
  const reason = `Exhausted all hosts available for retrying build failures for instance ${uuid}.`
  const error = novaError('MaxRetriesExceeded', { reason })
  log.warning(`Failed to compute_task_build_instances: ${error.message}`, { instanceUuid: uuid, context: ctx })
  try {
    const stored = await stores.instances.getByUuid(ctx, uuid, [])
    stored.vm_state = 'error'
    stored.task_state = null
    await stores.instances.save(ctx, stored)
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound')) throw err
    log.info('The instance was deleted meanwhile', { instanceUuid: uuid, context: ctx })
    return
  }
  await stores.faults.create(ctx, faultOf(error, uuid, host))
}

function faultOf(error: NovaError, instanceUuid: string, host: string): InstanceFault {
  return new InstanceFault({ instance_uuid: instanceUuid, host, code: error.code, message: error.message, details: error.stack ?? '' })
}
