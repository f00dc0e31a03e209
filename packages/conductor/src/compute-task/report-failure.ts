import { Instance, isNovaError, type RequestContext } from '@micronova/model'
import { messageOf, recordFault } from '@micronova/rpcapi'
import type { CellScope, ComputeTaskDeps } from './compute-task-deps.js'

export interface GivenUp {
  readonly instanceUuid: string
  /** Of the failed task, in Nova's notifications: `build_instances`, `migrate_server`, `rebuild_server`. */
  readonly method: string
  readonly vmState: string
  readonly error: unknown
  readonly requestSpec: unknown
}

/**
 * Give the instance its states and a fault after a task has failed; its task is over. Nothing else of it is written, whatever a peer had
 * changed in its copy. An instance that was deleted meanwhile is left alone.
 *
 * @see nova 26.2.2, `scheduler/utils.py`, `set_vm_state_and_notify`
 */
export async function giveUp(deps: ComputeTaskDeps, { stores }: CellScope, ctx: RequestContext, failure: GivenUp): Promise<void> {
  const { instanceUuid, method, vmState, error } = failure
  const noted = { instanceUuid, context: ctx }
  deps.log.warning(`Failed to compute_task_${method}: ${messageOf(error)}`, noted)
  deps.log.warning(`Setting instance to ${vmState.toUpperCase()} state.`, noted)
  try {
    const instance = Instance.objStored({ uuid: instanceUuid })
    instance.vm_state = vmState
    instance.task_state = null
    await stores.instances.save(ctx, instance)
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound')) throw err
    deps.log.info('The instance was deleted meanwhile', noted)
    return
  }
  await recordFault({ host: deps.host, stores }, ctx, { uuid: instanceUuid }, error)
  await deps.onFailure?.(ctx, failure)
}
