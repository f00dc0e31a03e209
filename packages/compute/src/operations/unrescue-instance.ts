import { elevated } from '@micronova/model'
import { powerStateOf } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation, onlyInstance } from '../operation.js'
import { keepingVmState } from './keeping-vm-state.js'

/** Boot a rescued guest from its own disk again. Wire: `unrescue_instance`, cast, compute 5.0 and 6.0. */
export const unrescueInstance = defineOperation({
  method: 'unrescue_instance',
  parameters: ['instance'],
  policy: { lock: 'run', event: 'compute_unrescue_instance', recordFault: true, notify: 'unrescue', revertTaskState: true },
  decode: onlyInstance,
  async run(parts, requestCtx, { instance }) {
    const ctx = elevated(requestCtx)
    await parts.networks.networkInfo(ctx, instance)
    await keepingVmState(parts, ctx, instance, () => (parts.driver.rescue ?? notImplemented()).unrescue(requestCtx, instance))
    instance.vm_state = 'active'
    instance.task_state = null
    instance.power_state = await powerStateOf(parts, instance)
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['unrescuing'] })
  },
})
