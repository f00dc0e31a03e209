import { type Instance, isNovaError, powerStates } from '@micronova/model'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'

type Target = 'POWER_ON' | 'POWER_OFF'

/**
 * The hypervisor's own management has switched a machine on or off, and asks for the record to follow (`power-update` of Ironic).
 * Not on the wire: part of `external_instance_event`. An instance that is busy, or already so, is left alone.
 */
export const powerUpdate = defineOperation({
  method: 'power_update',
  parameters: ['instance', 'target_power_state'],
  policy: { lock: 'run', event: 'compute_power_update', recordFault: true, revertTaskState: true },
  decode: ({ instance, target_power_state }) => ({ instance: instance as Instance, target: target_power_state as Target }),
  async run({ stores, log }, ctx, { instance, target }) {
    const { uuid: instanceUuid, vm_state, task_state } = instance
    if (!isWanted(instance, target))
      return log.info(`${target} changes nothing for the instance, which is ${vm_state} (${task_state})`, { instanceUuid })
    instance.task_state = target === 'POWER_ON' ? 'powering-on' : 'powering-off'
    if (target === 'POWER_OFF') instance.progress = 0
    try {
      await stores.instances.save(ctx, instance, { expectedTaskState: [null] })
      notImplemented() // none of the drivers has machines with a management of their own
    } catch (err) {
      if (!isNovaError(err, 'UnexpectedTaskStateError')) throw err
      log.info(`${target} came while another operation took the instance: ${err.message}`, { instanceUuid })
    }
  },
})

function isWanted({ vm_state, task_state, power_state }: Instance, target: Target): boolean {
  if (task_state !== null) return false
  if (target === 'POWER_ON') return vm_state === 'stopped' && power_state === powerStates.shutdown
  return target === 'POWER_OFF' && vm_state === 'active' && power_state === powerStates.running
}
