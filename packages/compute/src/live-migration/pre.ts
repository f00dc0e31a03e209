import type { Instance } from '@micronova/model'
import type { LiveMigrateData } from '@micronova/virt'
import { checkGroupPolicy } from '../group-policy.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import { attachAtDestination } from './volumes.js'

/** At the destination: make everything ready for the guest. Wire: `pre_live_migration`, call, compute 5.0 and 6.0. */
export const preLiveMigration = defineOperation({
  method: 'pre_live_migration',
  parameters: ['instance', 'disk', 'migrate_data'],
  policy: { event: 'compute_pre_live_migration', recordFault: true },
  decode: (args) => ({ instance: args.instance as Instance, disk: args.disk, data: args.migrate_data as LiveMigrateData }),
  async run(parts, ctx, { instance, disk, data }) {
    const { driver, stores, networks, host, settings, notifications } = parts
    const liveMigration = driver.liveMigration ?? notImplemented()
    await checkGroupPolicy(parts, ctx, instance, null)
    const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    const network = await networks.networkInfo(ctx, instance)
    const told = { blockDevices, network }
    await notifications.action(ctx, instance, 'live_migration_pre', 'start', told)
    const volumes = await attachAtDestination(parts, ctx, instance, blockDevices)
    data.old_vol_attachment_ids = { ...volumes.before }
    let prepared: LiveMigrateData
    try {
      prepared = await liveMigration.prepareDestination(ctx, { instance, network, blockDevices }, disk, data)
      prepared.wait_for_vif_plugged = settings.liveMigrationWaitsForPlugs && prepared.objIsSet('vifs') && prepared.vifs.length > 0
      await networks.setupNetworksOnHost(ctx, instance, host)
    } catch (err) {
      await volumes.undo()
      throw err
    }
    await volumes.complete()
    await notifications.action(ctx, instance, 'live_migration_pre', 'end', told)
    return prepared
  },
})
