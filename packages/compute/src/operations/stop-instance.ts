import { type Instance, powerStates } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { powerStateOf } from '../instance-state.js'
import { defineOperation } from '../operation.js'
import { shutdownTiming } from './shutdown-timing.js'

/** Power a guest off. Wire: `stop_instance`, cast, compute 5.0 and 6.0. */
export const stopInstance = defineOperation({
  method: 'stop_instance',
  parameters: ['instance', 'clean_shutdown'],
  policy: { lock: 'run', event: 'compute_stop_instance', recordFault: true, notify: 'power_off', revertTaskState: true },
  decode: (args) => ({ instance: args.instance as Instance, clean: args.clean_shutdown === true }),
  async run(parts, ctx, { instance, clean }) {
    const { driver, settings, stores } = parts
    await ensureLoaded(parts.stores, ctx, instance, ['system_metadata'])
    const before = await powerStateOf(parts, instance)
    const alreadyOff = before === powerStates.noState || before === powerStates.shutdown || before === powerStates.crashed
    // A guest that is off already may belong to another operation that ends at this moment, hence null.
    const expectedTaskState = alreadyOff ? ['powering-off', null] : ['powering-off']
    await driver.powerOff(instance, shutdownTiming(settings, instance, clean))
    instance.power_state = await powerStateOf(parts, instance)
    instance.vm_state = 'stopped'
    instance.task_state = null
    await stores.instances.save(ctx, instance, { expectedTaskState })
  },
})
