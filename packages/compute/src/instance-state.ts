import { type Instance, isNovaError, type PowerState, powerStates, type RequestContext } from '@micronova/model'
import type { ComputeParts } from './parts.js'

/** What the hypervisor says; no state for a guest that is not there. */
export async function powerStateOf({ driver }: Pick<ComputeParts, 'driver'>, instance: Instance): Promise<PowerState> {
  try {
    return (await driver.guestInfo(instance.uuid)).powerState
  } catch (err) {
    if (isNovaError(err, 'InstanceNotFound')) return powerStates.noState
    throw err
  }
}

/** To ERROR; the task state stays unless told otherwise. An instance that is gone meanwhile is fine. */
export async function setErrorState(
  { stores, log }: Pick<ComputeParts, 'stores' | 'log'>,
  ctx: RequestContext,
  instance: Instance,
  { clearTaskState = false } = {},
): Promise<void> {
  instance.vm_state = 'error'
  if (clearTaskState) instance.task_state = null
  try {
    await stores.instances.save(ctx, instance)
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound')) throw err
    log.debug('The instance was deleted before it could be set to ERROR', { instanceUuid: instance.uuid })
  }
}

/** Count again what the instance uses, if it is (still) on this host. */
export async function updateUsage(
  { tracker, host }: Pick<ComputeParts, 'tracker' | 'host'>,
  ctx: RequestContext,
  instance: Instance,
): Promise<void> {
  if (instance.host === host && instance.node !== null) await tracker.updateUsage(ctx, instance, instance.node)
}

/** Off this host, in memory; the caller saves. Without a host there is no availability zone either. */
export function forgetHost(instance: Instance): void {
  instance.host = null
  instance.node = null
  instance.launched_on = null
  instance.availability_zone = null
}
