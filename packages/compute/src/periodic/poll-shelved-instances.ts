import { shelvedAtMs } from '../shelve/shelved-state.js'
import { eachInstance } from './each-instance.js'
import type { PeriodicTaskFactory } from './periodic-parts.js'

const name = '_poll_shelved_instances'

/** Takes instances off this host that have been shelved for longer than `shelved_offload_time`. */
export const pollShelvedInstances: PeriodicTaskFactory = (parts) => ({
  name,
  spacingSeconds: () => parts.periodic.shelved_poll_interval,
  runImmediately: false,
  async run(signal) {
    const { host, stores, clock, settings, requests } = parts
    const seconds = settings.shelvedOffloadSeconds
    if (seconds <= 0) return
    const ctx = parts.adminContext()
    const filters = { vm_state: 'shelved', task_state: null, host }
    const shelved = await stores.instances.listByFilters(ctx, filters, ['system_metadata'], { replica: true })
    const instances = shelved.filter((instance) => clock.now() - (shelvedAtMs(instance) ?? 0) > seconds * 1000)
    await eachInstance(parts, { name, ctx, instances, signal, run: (instance) => requests.offload(ctx, instance) })
  },
})
