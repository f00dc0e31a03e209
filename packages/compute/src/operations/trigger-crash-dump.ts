import { notImplemented } from '../not-implemented.js'
import { defineOperation, onlyInstance } from '../operation.js'

/**
 * Make a guest's kernel crash and dump itself. What the guest does then is its user's business: no state of the instance changes.
 * Wire: `trigger_crash_dump`, cast, compute 5.0 and 6.0. Without the lock: the guest may be stuck in what holds it.
 */
export const triggerCrashDump = defineOperation({
  method: 'trigger_crash_dump',
  parameters: ['instance'],
  policy: {
    event: 'compute_trigger_crash_dump',
    notify: 'trigger_crash_dump',
    recordFault: true,
    expected: ['NotImplementedError', 'TriggerCrashDumpNotSupported', 'InstanceNotRunning'],
  },
  decode: onlyInstance,
  run: ({ driver }, _ctx, { instance }) => (driver.crashDump ?? notImplemented()).triggerCrashDump(instance),
})
