import { updateHostResources } from '../update-host-resources.js'
import type { PeriodicTaskFactory } from './periodic-parts.js'

/** Counts anew what each node of this host has and uses. */
export const updateAvailableResource: PeriodicTaskFactory = (parts) => ({
  name: 'update_available_resource',
  spacingSeconds: () => parts.periodic.update_resources_interval,
  runImmediately: false,
  run: () => updateHostResources(parts, parts.adminContext(), { startup: false }),
})
