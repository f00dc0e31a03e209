import type { Instance, RequestContext } from '@micronova/model'
import { setErrorState, updateUsage } from '../instance-state.js'
import { isNotImplemented } from '../not-implemented.js'
import type { ComputeParts } from '../parts.js'

/**
 * Run what the driver does to a guest. If the driver cannot do it at all, nothing has happened and the instance keeps its
 * vm state; after any other failure nobody knows what the guest is, and the instance goes to ERROR.
 *
 * @see nova 26.2.2, `compute/manager.py`, `_error_out_instance_on_exception`
 */
export async function keepingVmState(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  body: () => Promise<void>,
): Promise<void> {
  const before = instance.vm_state
  try {
    await body()
  } catch (err) {
    if (isNotImplemented(err)) {
      instance.vm_state = before
      instance.task_state = null
      await parts.stores.instances.save(ctx, instance)
      await updateUsage(parts, ctx, instance)
    } else {
      parts.log.error('The instance is set to ERROR', { err, instanceUuid: instance.uuid })
      await setErrorState(parts, ctx, instance)
    }
    throw err
  }
}
