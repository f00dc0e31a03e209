import type { Instance, RequestContext } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { powerStateOf } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { applyMigrationContext, dropMigrationContext } from '../resource-tracker/index.js'
import { theOnlyNode } from '../the-only-node.js'
import { dropBindings } from './rollback.js'

/**
 * At the destination: the guest is here. It belongs to this host from now on, whatever else fails.
 * Wire: `post_live_migration_at_destination`, call, compute 5.0 and 6.0.
 */
export const postLiveMigrationAtDestination = defineOperation({
  method: 'post_live_migration_at_destination',
  parameters: ['instance', 'block_migration'],
  policy: { event: 'compute_post_live_migration_at_destination', recordFault: true },
  decode: (args) => ({ instance: args.instance as Instance }),
  async run(parts, ctx, { instance }) {
    const { networks, stores, host, driver, notifications, log } = parts
    await ensureLoaded(stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata', 'migration_context'])
    const source = instance.host
    await networks.setupNetworksOnHost(ctx, instance, host)
    await networks.migrateInstanceFinish(ctx, instance, host, { live: true })
    const network = await networks.networkInfo(ctx, instance)
    await notifications.action(ctx, instance, 'live_migration_post_dest', 'start', { network })
    const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    try {
      await (driver.liveMigration ?? notImplemented()).arrive(ctx, { instance, network, blockDevices })
    } catch (err) {
      instance.vm_state = 'error'
      log.error('The guest has come, and could not be taken over', { err, instanceUuid: instance.uuid })
      throw err
    } finally {
      await takeOver(parts, ctx, instance)
    }
    // Bindings on the source are of no use any more.
    await dropBindings(parts, ctx, instance, source)
    await parts.tracker.updateUsage(ctx, instance, instance.node ?? '')
    await parts.scheduler.update(ctx, [instance])
    await notifications.action(ctx, instance, 'live_migration_post_dest', 'end', { network, blockDevices })
  },
})

async function takeOver(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  const { stores, host } = parts
  const powerState = await powerStateOf(parts, instance)
  applyMigrationContext(instance, 'new')
  await dropMigrationContext(stores, ctx, instance)
  instance.host = host
  instance.node = await theOnlyNode(parts)
  instance.power_state = powerState
  instance.task_state = null
  instance.progress = 0
  await stores.instances.save(ctx, instance, { expectedTaskState: ['migrating'] })
}
