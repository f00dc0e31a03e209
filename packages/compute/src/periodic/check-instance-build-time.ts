import { isOlderThan } from './age.js'
import { eachInstance } from './each-instance.js'
import type { PeriodicTaskFactory } from './periodic-parts.js'

const name = '_check_instance_build_time'

/** A build that has taken longer than `instance_build_timeout` counts as failed. Its lock is not waited for: the build has it. */
export const checkInstanceBuildTime: PeriodicTaskFactory = (parts) => ({
  name,
  spacingSeconds: () => 0,
  runImmediately: false,
  async run(signal) {
    const { host, stores, clock, periodic } = parts
    const timeoutSeconds = periodic.instance_build_timeout
    if (timeoutSeconds === 0) return
    const ctx = parts.adminContext()
    const building = await stores.instances.listByFilters(ctx, { vm_state: 'building', host, deleted: false }, [], { replica: true })
    const instances = building.filter(({ created_at: at }) => at !== null && isOlderThan(clock, at, timeoutSeconds))
    await eachInstance(parts, {
      name,
      ctx,
      instances,
      signal,
      async run(instance, log) {
        instance.vm_state = 'error'
        await stores.instances.save(ctx, instance, { expectedVmState: ['building'] })
        log.warning('Instance build timed out. Set to error state.')
      },
    })
  },
})
