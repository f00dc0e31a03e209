import { type Instance, powerStates } from '@micronova/model'

/** What is to be done about a guest's power state: `warn` leaves it as it is. */
export type PowerSyncDecision = 'nothing' | 'warn' | 'stop' | 'terminate'

const { noState, paused, shutdown, crashed, suspended } = powerStates
const off: readonly number[] = [shutdown, crashed]

/**
 * Whether a guest of power state `found` may be, given the instance's vm state.
 *
 * | vm state | guest | |
 * | --- | --- | --- |
 * | active | off | stop; terminate if the instance asked for it (`shutdown_terminate`) |
 * | active | suspended | stop |
 * | active | paused, not there | warn: it may be the hypervisor's own doing, or a restart of it |
 * | stopped | there and not off | stop |
 * | paused | off | stop |
 * | soft-delete, deleted | there and not shut down | warn: `_cleanup_running_deleted_instances` sees to it |
 *
 * @see nova 26.2.2, `compute/manager.py`, `_sync_instance_power_state`
 */
export function decidePowerSync(instance: Pick<Instance, 'vm_state' | 'shutdown_terminate'>, found: number): PowerSyncDecision {
  switch (instance.vm_state) {
    case 'active':
      if (off.includes(found)) return instance.shutdown_terminate ? 'terminate' : 'stop'
      if (found === suspended) return 'stop'
      return found === paused || found === noState ? 'warn' : 'nothing'
    case 'stopped':
      return found === noState || off.includes(found) ? 'nothing' : 'stop'
    case 'paused':
      return off.includes(found) ? 'stop' : 'nothing'
    case 'soft-delete':
    case 'deleted':
      return found === noState || found === shutdown ? 'nothing' : 'warn'
    default:
      return 'nothing'
  }
}
