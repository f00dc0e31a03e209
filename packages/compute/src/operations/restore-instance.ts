import type { Instance } from '@micronova/model'
import { powerStateOf } from '../instance-state.js'
import { defineOperation, onlyInstance } from '../operation.js'
import { powerOn } from './start-instance.js'

/** Take back a soft delete. Wire: `restore_instance`, cast, compute 5.0 and 6.0. */
export const restoreInstance = defineOperation<{ readonly instance: Instance }>({
  method: 'restore_instance',
  parameters: ['instance'],
  policy: { lock: 'run', event: 'compute_restore_instance', recordFault: true, notify: 'restore', revertTaskState: true },
  decode: onlyInstance,
  async run(parts, ctx, { instance }) {
    const { driver, stores } = parts
    if (driver.softDeleting) await driver.softDeleting.restore(instance)
    else await powerOn(parts, ctx, instance)
    instance.power_state = await powerStateOf(parts, instance)
    instance.vm_state = 'active'
    instance.task_state = null
    await stores.instances.save(ctx, instance, { expectedTaskState: ['restoring'] })
  },
})
