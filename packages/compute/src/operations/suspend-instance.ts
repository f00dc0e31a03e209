import { elevated } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { powerStateOf } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation, onlyInstance } from '../operation.js'
import { keepingVmState } from './keeping-vm-state.js'

/** Write a guest's memory to disk and stop it. Wire: `suspend_instance`, cast, compute 5.0 and 6.0. */
export const suspendInstance = defineOperation({
  method: 'suspend_instance',
  parameters: ['instance'],
  policy: { lock: 'run', event: 'compute_suspend_instance', recordFault: true, notify: 'suspend', revertTaskState: true },
  decode: onlyInstance,
  async run(parts, requestCtx, { instance }) {
    const ctx = elevated(requestCtx)
    await ensureLoaded(parts.stores, ctx, instance, ['system_metadata'])
    instance.system_metadata = { ...instance.system_metadata, old_vm_state: instance.vm_state ?? 'active' }
    await keepingVmState(parts, ctx, instance, () => (parts.driver.suspending ?? notImplemented()).suspend(ctx, instance))
    instance.power_state = await powerStateOf(parts, instance)
    instance.vm_state = 'suspended'
    instance.task_state = null
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['suspending'] })
  },
})
