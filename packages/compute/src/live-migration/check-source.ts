import type { Instance } from '@micronova/model'
import type { LiveMigrateData } from '@micronova/virt'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import { isVolumeBacked } from '../resource-tracker/volume-backed.js'

/** At the source: can the guest leave? Wire: `check_can_live_migrate_source`, call, compute 5.0 and 6.0. */
export const checkCanLiveMigrateSource = defineOperation({
  method: 'check_can_live_migrate_source',
  parameters: ['instance', 'dest_check_data'],
  policy: { event: 'compute_check_can_live_migrate_source', recordFault: true },
  decode: (args) => ({ instance: args.instance as Instance, data: args.dest_check_data as LiveMigrateData }),
  async run({ driver, stores }, ctx, { instance, data }) {
    const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    data.is_volume_backed = isVolumeBacked(instance, blockDevices)
    return (driver.liveMigration ?? notImplemented()).checkSource(ctx, { instance, blockDevices }, data)
  },
})
