import { type Instance, isNovaError, type NovaError, novaError, type RequestContext } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import { setErrorState, updateUsage } from '../instance-state.js'
import { isNotImplemented } from '../not-implemented.js'
import type { ComputeParts } from '../parts.js'

/** Nothing has been done to the guest: its instance keeps its vm state, and `cause` is what its user learns. */
export function refusal(cause: Error): NovaError {
  return novaError('InstanceFaultRollback', {}, { message: `Instance rollback performed due to: ${cause.message}`, cause })
}

/**
 * Run a part of a move. A failure makes of the instance:
 *
 *     taken over by another operation, or deletion   nothing
 *     refused, or not implemented by the driver      `vmState` without a task state; the cause of the refusal is thrown
 *     anything else                                  ERROR; the task state is the runner's business
 *
 * @see nova 26.2.2, `compute/manager.py`, `_error_out_instance_on_exception`
 */
export async function withinMove<T>(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  vmState: string | null,
  body: () => Promise<T>,
): Promise<T> {
  try {
    return await body()
  } catch (err) {
    if (isTakenOver(err)) throw err
    if (!isRefused(err)) {
      parts.log.error('The instance is set to ERROR', { err, instanceUuid: instance.uuid })
      await setErrorState(parts, ctx, instance)
      throw err
    }
    parts.log.info(`The instance stays ${vmState}: ${messageOf(err)}`, { instanceUuid: instance.uuid })
    instance.vm_state = vmState
    instance.task_state = null
    await parts.stores.instances.save(ctx, instance)
    await updateUsage(parts, ctx, instance)
    throw isNovaError(err, 'InstanceFaultRollback') ? (err.cause ?? err) : err
  }
}

/** The instance is gone, or in the hands of another operation. `InstanceNotFound` may also be a driver's: its guest is gone. */
export function isOvertaken(err: unknown): boolean {
  return isNovaError(err, 'InstanceNotFound') || isTakenOver(err)
}

/** Another operation decides what becomes of the instance; one that deletes it, for example. */
export function isTakenOver(err: unknown): boolean {
  return isNovaError(err, 'UnexpectedTaskStateError')
}

/** The driver has not touched the guest. */
export function isRefused(err: unknown): boolean {
  return isNovaError(err, 'InstanceFaultRollback') || isNotImplemented(err)
}
