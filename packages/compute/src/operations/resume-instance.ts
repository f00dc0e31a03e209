import { elevated, type VmState } from '@micronova/model'
import { guestDevices } from '../guest-devices.js'
import { ensureLoaded } from '../instance-attributes.js'
import { powerStateOf } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation, onlyInstance } from '../operation.js'
import { keepingVmState } from './keeping-vm-state.js'

/** Let a suspended guest go on. Wire: `resume_instance`, cast, compute 5.0 and 6.0. */
export const resumeInstance = defineOperation({
  method: 'resume_instance',
  parameters: ['instance'],
  policy: { lock: 'run', event: 'compute_resume_instance', recordFault: true, notify: 'resume', revertTaskState: true },
  decode: onlyInstance,
  async run(parts, requestCtx, { instance }) {
    const ctx = elevated(requestCtx)
    await ensureLoaded(parts.stores, ctx, instance, ['system_metadata'])
    const guest = await guestDevices(parts, ctx, instance)
    await keepingVmState(parts, ctx, instance, () => (parts.driver.suspending ?? notImplemented()).resume(ctx, guest))
    instance.power_state = await powerStateOf(parts, instance)
    const { old_vm_state, ...others } = instance.system_metadata ?? {}
    instance.system_metadata = others
    instance.vm_state = (old_vm_state ?? 'active') as VmState
    instance.task_state = null
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['resuming'] })
  },
})
