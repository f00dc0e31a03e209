import { isOlderThan } from './age.js'
import { eachInstance } from './each-instance.js'
import type { PeriodicTaskFactory } from './periodic-parts.js'

const name = '_poll_rescued_instances'

/** Ends rescues that have lasted longer than `rescue_timeout`. */
export const pollRescuedInstances: PeriodicTaskFactory = (parts) => ({
  name,
  spacingSeconds: () => 0,
  runImmediately: false,
  async run(signal) {
    const { host, stores, clock, periodic, requests } = parts
    const seconds = periodic.rescue_timeout
    if (seconds <= 0) return
    const ctx = parts.adminContext()
    const rescued = await stores.instances.listByFilters(ctx, { vm_state: 'rescued', host }, ['system_metadata'], { replica: true })
    const instances = rescued.filter(({ launched_at: at }) => at !== null && isOlderThan(clock, at, seconds))
    await eachInstance(parts, { name, ctx, instances, signal, run: (instance) => requests.unrescue(ctx, instance) })
  },
})
