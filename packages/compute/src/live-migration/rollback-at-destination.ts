import type { Instance } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import { applyMigrationContext } from '../resource-tracker/index.js'
import { dropBindings } from './rollback.js'

/** At the destination: the guest does not come, remove what was made for it. Wire: `rollback_live_migration_at_destination`, cast, compute 5.0 and 6.0. */
export const rollbackLiveMigrationAtDestination = defineOperation({
  method: 'rollback_live_migration_at_destination',
  parameters: ['instance', 'destroy_disks', 'migrate_data'],
  policy: { event: 'compute_rollback_live_migration_at_destination', recordFault: true },
  decode: (args) => ({ instance: args.instance as Instance, destroyDisks: Boolean(args.destroy_disks) }),
  async run(parts, ctx, { instance, destroyDisks }) {
    const { networks, stores, driver, host, notifications } = parts
    await ensureLoaded(stores, ctx, instance, ['info_cache', 'migration_context'])
    const network = await networks.networkInfo(ctx, instance)
    await notifications.action(ctx, instance, 'live_migration_rollback_dest', 'start', { network })
    try {
      await dropBindings(parts, ctx, instance, host)
    } finally {
      const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
      applyMigrationContext(instance, 'new') // in memory: what was held here is what is removed
      await (driver.liveMigration ?? notImplemented()).rollbackDestination(ctx, { instance, network, blockDevices }, { destroyDisks })
    }
    await notifications.action(ctx, instance, 'live_migration_rollback_dest', 'end', { network })
  },
})
