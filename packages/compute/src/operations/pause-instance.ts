import { elevated } from '@micronova/model'
import { powerStateOf } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation, onlyInstance } from '../operation.js'

/** Stop the processors of a guest. Wire: `pause_instance`, cast, compute 5.0 and 6.0. */
export const pauseInstance = defineOperation({
  method: 'pause_instance',
  parameters: ['instance'],
  policy: { lock: 'run', event: 'compute_pause_instance', recordFault: true, notify: 'pause', revertTaskState: true },
  decode: onlyInstance,
  async run(parts, ctx, { instance }) {
    await (parts.driver.pausing ?? notImplemented()).pause(instance)
    instance.power_state = await powerStateOf(parts, instance)
    instance.vm_state = 'paused'
    instance.task_state = null
    await parts.stores.instances.save(elevated(ctx), instance, { expectedTaskState: ['pausing'] })
  },
})
