import type { Logger } from '@micronova/log'
import { type Instance, powerStateName, type RequestContext } from '@micronova/model'
import { powerStateOf } from '../instance-state.js'
import { decidePowerSync } from './decide-power-sync.js'
import { eachIdleInstance } from './each-instance.js'
import type { PeriodicParts, PeriodicTaskFactory } from './periodic-parts.js'

const name = '_sync_power_states'

/**
 * Compares the power state of each instance with its guest's. The record always follows the guest; where the two cannot
 * both be right, the guest is stopped. Instances with a task in progress are left alone.
 */
export const syncPowerStates: PeriodicTaskFactory = (parts) => ({
  name,
  spacingSeconds: () => parts.periodic.sync_power_state_interval,
  runImmediately: true,
  async run(signal) {
    const { stores, host, driver, log } = parts
    const ctx = parts.adminContext()
    const instances = await stores.instances.listByHost(ctx, host, [], { replica: true })
    const guests = await driver.listGuests()
    if (guests.length !== instances.length)
      log.warning(`The database has ${instances.length} instances on this host, the hypervisor ${guests.length}`)
    const run = (instance: Instance, instanceLog: Logger) => compare(parts, ctx, instance, instanceLog)
    await eachIdleInstance(parts, { name, ctx, signal, run, instances: instances.filter((instance) => instance.task_state === null) })
  },
})

async function compare(parts: PeriodicParts, ctx: RequestContext, instance: Instance, log: Logger): Promise<void> {
  const found = await powerStateOf(parts, instance)
  if (found === instance.power_state && decidePowerSync(instance, found) === 'nothing') return
  // What was listed may be old by now; only what is stored at this moment is acted upon.
  await parts.stores.instances.refresh(ctx, instance)
  if (instance.host !== parts.host) return log.info(`The instance has moved to the host ${instance.host}`)
  if (instance.task_state !== null) return log.info(`The instance has a task in progress (${instance.task_state})`)
  await writePowerState(parts, ctx, instance, found, log)

  const decision = decidePowerSync(instance, found)
  if (decision === 'nothing') return
  const oddity = `The instance is ${instance.vm_state}, but the power state of its guest is ${powerStateName(found)}`
  if (decision === 'warn') return log.warning(`${oddity}. Ignored.`)
  log.warning(`${oddity}. It is to ${decision}.`)
  // Over the queue: the operation waits there for the lock that is held here.
  if (decision === 'terminate') await parts.requests.terminate(ctx, instance)
  else await parts.requests.stop(ctx, instance)
}

async function writePowerState(
  { stores }: PeriodicParts,
  ctx: RequestContext,
  instance: Instance,
  found: number,
  log: Logger,
): Promise<void> {
  if (instance.power_state === found) return
  log.info(`The power state goes from ${powerStateName(instance.power_state)} to ${powerStateName(found)}, as the hypervisor says`)
  instance.power_state = found
  await stores.instances.save(ctx, instance)
}
