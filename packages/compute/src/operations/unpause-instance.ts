import { elevated } from '@micronova/model'
import { powerStateOf } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation, onlyInstance } from '../operation.js'

/** Let the processors of a paused guest go on. Wire: `unpause_instance`, cast, compute 5.0 and 6.0. */
export const unpauseInstance = defineOperation({
  method: 'unpause_instance',
  parameters: ['instance'],
  policy: { lock: 'run', event: 'compute_unpause_instance', recordFault: true, notify: 'unpause', revertTaskState: true },
  decode: onlyInstance,
  async run(parts, ctx, { instance }) {
    await (parts.driver.pausing ?? notImplemented()).unpause(instance)
    instance.power_state = await powerStateOf(parts, instance)
    instance.vm_state = 'active'
    instance.task_state = null
    await parts.stores.instances.save(elevated(ctx), instance, { expectedTaskState: ['unpausing'] })
  },
})
