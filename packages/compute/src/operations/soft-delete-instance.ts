import type { Instance } from '@micronova/model'
import { powerStateOf } from '../instance-state.js'
import { defineOperation, onlyInstance } from '../operation.js'

/** Put a guest away without removing it. Wire: `soft_delete_instance`, cast, compute 5.0 and 6.0. */
export const softDeleteInstance = defineOperation<{ readonly instance: Instance }>({
  method: 'soft_delete_instance',
  parameters: ['instance'],
  policy: { lock: 'run', event: 'compute_soft_delete_instance', recordFault: true, notify: 'soft_delete', revertTaskState: true },
  decode: onlyInstance,
  async run(parts, ctx, { instance }) {
    const { driver, stores } = parts
    if (driver.softDeleting) await driver.softDeleting.softDelete(instance)
    else await driver.powerOff(instance, { timeoutSeconds: 0, retryIntervalSeconds: 0 })
    instance.power_state = await powerStateOf(parts, instance)
    instance.vm_state = 'soft-delete'
    instance.task_state = null
    await stores.instances.save(ctx, instance, { expectedTaskState: ['soft-deleting'] })
  },
})
