import { isOlderThan } from './age.js'
import type { PeriodicTaskFactory } from './periodic-parts.js'

/** Leaves reboots that have lasted longer than `reboot_timeout` to the hypervisor, if that can do something about them. */
export const pollRebootingInstances: PeriodicTaskFactory = (parts) => ({
  name: '_poll_rebooting_instances',
  spacingSeconds: () => 0,
  runImmediately: false,
  async run() {
    const { host, stores, clock, periodic, driver } = parts
    const seconds = periodic.reboot_timeout
    if (seconds <= 0 || driver.stuckReboots === undefined) return
    const filters = { task_state: ['rebooting', 'reboot_started', 'reboot_pending'], host }
    const rebooting = await stores.instances.listByFilters(parts.adminContext(), filters, [], { replica: true })
    const stuck = rebooting.filter(({ updated_at: at }) => at !== null && isOlderThan(clock, at, seconds))
    await driver.stuckReboots.handle(stuck, seconds)
  },
})
