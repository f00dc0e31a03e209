import { auditPlacement, updateHostResources } from '../update-host-resources.js'
import { within } from '../within.js'
import type { PeriodicTaskFactory } from './periodic-parts.js'

/** A Placement that does not answer holds up the next count no longer than this; its audit goes on. */
const auditWaitMs = 30_000

/** Counts anew what each node of this host has and uses, and makes Placement agree. */
export const updateAvailableResource: PeriodicTaskFactory = (parts) => ({
  name: 'update_available_resource',
  spacingSeconds: () => parts.periodic.update_resources_interval,
  runImmediately: false,
  async run(signal) {
    const ctx = parts.adminContext()
    await updateHostResources(parts, ctx, { startup: false })
    await within(auditPlacement(parts, ctx), { clock: parts.clock, ms: auditWaitMs, signal })
  },
})
