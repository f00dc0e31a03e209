import type { Instance, Migration, RequestContext } from '@micronova/model'
import { ensureLoaded } from '../instance-attributes.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { hasSharedDisks } from '../shared-storage.js'
import { reserveVolumes } from '../volume/instance-volumes.js'
import { decodeMove } from './request.js'
import { withinMove } from './within-move.js'

/** At the destination: the guest goes, so that its source can have it back. Wire: `revert_resize`, cast, compute 5.0 to 6.0. */
export const revertResize = defineOperation({
  method: 'revert_resize',
  parameters: ['instance', 'migration', 'request_spec'],
  policy: { lock: 'run', event: 'compute_revert_resize', recordFault: true, revertTaskState: true, failMigration: true },
  decode: decodeMove,
  async run(parts, ctx, { instance, migration, requestSpec }) {
    await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata'])
    await parts.notifications.exists(ctx, instance, { current: true })
    await parts.notifications.action(ctx, instance, 'resize_revert', 'start')
    await withinMove(parts, ctx, instance, 'active', async () => {
      await removeGuest(parts, ctx, instance, migration)
      await ensureLoaded(parts.stores, ctx, instance, ['migration_context'])
      await parts.tracker.moves.dropMoveClaimAtDestination(ctx, instance, migration)
      await parts.computes.finishRevertResize(ctx, { instance, migration, requestSpec, host: migration.source_compute ?? '' })
    })
  },
})

async function removeGuest(parts: ComputeParts, ctx: RequestContext, instance: Instance, migration: Migration): Promise<void> {
  const { networks, stores, driver, host } = parts
  const source = migration.source_compute ?? ''
  await networks.setupNetworksOnHost(ctx, instance, host, { teardown: true })
  await networks.migrateInstanceStart(ctx, instance, source)
  const network = await networks.networkInfo(ctx, instance)
  const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  const keepDisks = await hasSharedDisks(parts, ctx, instance, source)
  await driver.destroy(ctx, { instance, network, blockDevices }, { keepDisks })
  await reserveVolumes(parts, ctx, instance, blockDevices)
}
