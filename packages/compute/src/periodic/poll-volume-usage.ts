import { volumesOf } from '../guest-devices.js'
import { reportVolumeUsage } from '../volume/report-usage.js'
import type { PeriodicTaskFactory } from './periodic-parts.js'

/** Writes down, and tells, what has been read from the volumes of this host's guests and written to them. */
export const pollVolumeUsage: PeriodicTaskFactory = (parts) => ({
  name: '_poll_volume_usage',
  spacingSeconds: () => parts.settings.volumes.usagePollSeconds,
  runImmediately: false,
  async run(signal) {
    const { host, stores, driver, settings, log } = parts
    if (settings.volumes.usagePollSeconds === 0 || driver.volumeStatistics === undefined) return
    const ctx = parts.adminContext()
    const instances = await stores.instances.listByHost(ctx, host, [], { replica: true })
    const mappings = await stores.blockDeviceMappings.mapByInstanceUuids(
      ctx,
      instances.map(({ uuid }) => uuid),
    )
    const guests = instances.map((instance) => ({ instance, volumes: volumesOf(mappings.get(instance.uuid) ?? []) }))
    for (const { instance, volumeId, ...use } of await driver.volumeStatistics.allUse(ctx, guests)) {
      if (signal.aborted) return
      try {
        await reportVolumeUsage(parts, ctx, instance, volumeId, use, { ends: false })
      } catch (err) {
        log.error(`The usage of the volume ${volumeId} could not be written down`, { err, instanceUuid: instance.uuid })
      }
    }
  },
})
