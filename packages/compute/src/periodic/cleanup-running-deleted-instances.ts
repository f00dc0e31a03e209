import type { Logger } from '@micronova/log'
import type { Instance, RequestContext } from '@micronova/model'
import { cachedNetworkInfo } from '../network/network-api.js'
import { cleanUpVolumes, releaseVolumes } from '../volume/instance-volumes.js'
import { isDeletedForLong } from './age.js'
import { eachIdleInstance } from './each-instance.js'
import type { PeriodicParts, PeriodicTaskFactory } from './periodic-parts.js'

const name = '_cleanup_running_deleted_instances'

/** Deals with guests whose instance is deleted, as `running_deleted_instance_action` says. */
export const cleanupRunningDeletedInstances: PeriodicTaskFactory = (parts) => ({
  name,
  spacingSeconds: () => parts.periodic.running_deleted_instance_poll_interval,
  runImmediately: true,
  async run(signal) {
    const { driver, stores, clock, periodic } = parts
    if (periodic.running_deleted_instance_action === 'noop') return
    const guests = await driver.listGuests()
    if (guests.length === 0) return
    const ctx: RequestContext = { ...parts.adminContext(), readDeleted: 'yes' }
    const filters = { uuid: guests, deleted: true, soft_deleted: false }
    const deleted = await stores.instances.listByFilters(ctx, filters, ['system_metadata', 'info_cache', 'flavor'], { replica: true })
    const instances = deleted.filter((instance) => isDeletedForLong(clock, instance, periodic.running_deleted_instance_timeout))
    await eachIdleInstance(parts, { name, ctx, instances, signal, run: (instance, log) => dealWith(parts, ctx, instance, log) })
  },
})

async function dealWith(parts: PeriodicParts, ctx: RequestContext, instance: Instance, log: Logger): Promise<void> {
  const { driver, stores, periodic, networks } = parts
  const guest = `the guest of '${instance.display_name}', which is deleted but still has it`
  switch (periodic.running_deleted_instance_action) {
    case 'log':
      return log.warning(`Found ${guest}`)
    case 'shutdown':
      log.info(`Powering off ${guest}`)
      return driver.powerOff(instance, { timeoutSeconds: 0, retryIntervalSeconds: 0 })
    default: {
      log.info(`Destroying ${guest}`)
      const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
      await driver.destroy(ctx, { instance, network: cachedNetworkInfo(instance), blockDevices })
      await releaseVolumes(parts, ctx, instance, blockDevices)
      await cleanUpVolumes(parts, ctx, instance, blockDevices, { detach: false })
      // Whoever deleted it has given them back, unless its move or its build got new ones after that.
      return networks.deallocate(ctx, instance)
    }
  }
}
