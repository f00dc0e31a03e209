import { elevated, type Instance, isNovaError, type PowerState, powerStates, type RequestContext } from '@micronova/model'
import { recordFault } from '@micronova/rpcapi'
import type { GuestDevices, RebootType } from '@micronova/virt'
import { guestDevices } from '../guest-devices.js'
import { powerStateOf, setErrorState } from '../instance-state.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { rebootStates } from '../reboot-states.js'

/** Reboot a guest. Wire: `reboot_instance`, cast, compute 5.0 and 6.0. */
export const rebootInstance = defineOperation({
  method: 'reboot_instance',
  parameters: ['instance', 'block_device_info', 'reboot_type'],
  policy: { lock: 'run', event: 'compute_reboot_instance', recordFault: true, revertTaskState: true },
  decode: (args) => ({
    instance: args.instance as Instance,
    type: rebootType(args.reboot_type),
  }),
  async run(parts, requestCtx, { instance, type }, signal) {
    const ctx = elevated(requestCtx)
    const { requested, pending, started } = rebootStates[type]
    instance.task_state = pending
    const guest = await guestDevices(parts, ctx, instance)
    instance.power_state = await powerStateOf(parts, instance)
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: [requested, pending, started] })
    await parts.notifications.action(ctx, instance, 'reboot', 'start')
    const vmState = instance.vm_state === 'rescued' ? 'rescued' : 'active' // a reboot does not end a rescue
    const powerState = await rebootOrExplain(parts, ctx, guest, type, signal)
    instance.power_state = powerState
    instance.vm_state = vmState
    instance.task_state = null
    await saveUnlessGone(parts, ctx, instance)
    await parts.notifications.action(ctx, instance, 'reboot', 'end')
  },
})

function rebootType(value: unknown): RebootType {
  return value === 'SOFT' ? 'SOFT' : 'HARD'
}

/** @returns the power state after it; a guest that runs in spite of a failure has a fault, and its reboot counts as done */
async function rebootOrExplain(
  parts: ComputeParts,
  ctx: RequestContext,
  guest: GuestDevices,
  type: RebootType,
  signal: AbortSignal,
): Promise<PowerState> {
  const { instance } = guest
  try {
    instance.task_state = rebootStates[type].started
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: [rebootStates[type].pending] })
    await parts.driver.reboot(ctx, guest, type, signal)
  } catch (err) {
    const powerState = await powerStateOf(parts, instance)
    if (powerState !== powerStates.running) {
      parts.log.error('The instance cannot be rebooted', { err, instanceUuid: instance.uuid })
      await parts.notifications.action(ctx, instance, 'reboot', 'error', { failure: err })
      await setErrorState(parts, ctx, instance)
      throw err
    }
    parts.log.warning('The reboot failed but the guest runs', { err, instanceUuid: instance.uuid })
    await recordFault(parts, ctx, instance, err)
    return powerState
  }
  return powerStateOf(parts, instance)
}

async function saveUnlessGone({ stores, log }: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  try {
    await stores.instances.save(ctx, instance)
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound')) throw err
    log.warning('The instance was deleted while it was rebooted', { instanceUuid: instance.uuid })
  }
}
