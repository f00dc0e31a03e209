import { auditPlacement, updateHostResources } from '../update-host-resources.js'
import type { PeriodicTaskFactory } from './periodic-parts.js'

/** Counts anew what each node of this host has and uses, and makes Placement agree. */
export const updateAvailableResource: PeriodicTaskFactory = (parts) => ({
  name: 'update_available_resource',
  spacingSeconds: () => parts.periodic.update_resources_interval,
  runImmediately: false,
  async run() {
    const ctx = parts.adminContext()
    await updateHostResources(parts, ctx, { startup: false })
    await auditPlacement(parts, ctx)
  },
})
