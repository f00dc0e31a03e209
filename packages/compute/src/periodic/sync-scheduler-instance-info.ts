import type { PeriodicTaskFactory } from './periodic-parts.js'

/** Tells the schedulers which instances are here; one that missed a notice then asks again. */
export const syncSchedulerInstanceInfo: PeriodicTaskFactory = ({ host, stores, scheduler, settings, periodic, adminContext }) => ({
  name: '_sync_scheduler_instance_info',
  spacingSeconds: () => periodic.scheduler_instance_sync_interval,
  runImmediately: false,
  async run() {
    if (!settings.trackInstanceChanges) return
    const ctx = adminContext()
    const instances = await stores.instances.listByHost(ctx, host, [], { replica: true })
    await scheduler.sync(
      ctx,
      instances.map(({ uuid }) => uuid),
    )
  },
})
