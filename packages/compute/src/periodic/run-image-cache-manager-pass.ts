import type { PeriodicTaskFactory } from './periodic-parts.js'

/**
 * Has the hypervisor look through the images that it keeps, with the instances of this host. Hosts that share the folder of the
 * images do not know of each other here, so a driver that deletes images must not share it.
 */
export const runImageCacheManagerPass: PeriodicTaskFactory = (parts) => ({
  name: '_run_image_cache_manager_pass',
  spacingSeconds: () => parts.settings.imageCacheIntervalSeconds,
  runImmediately: false,
  externalProcessOk: true,
  async run() {
    const { host, stores, driver } = parts
    if (driver.imageCache === undefined) return
    const ctx = parts.adminContext()
    const filters = { deleted: false, soft_deleted: true, host: [host] }
    await driver.imageCache.manage(ctx, await stores.instances.listByFilters(ctx, filters, [], { replica: true }))
  },
})
