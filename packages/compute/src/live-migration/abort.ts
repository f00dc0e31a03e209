import { type Instance, type Migration, novaError, type RequestContext } from '@micronova/model'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { returnAllocations } from '../resize/allocations.js'
import { setMigrationStatus } from './migration-status.js'
import { dropBindings } from './rollback.js'

/** At the source: do not move the guest after all. Wire: `live_migration_abort`, cast, compute 5.0 and 6.0. */
export const liveMigrationAbort = defineOperation({
  method: 'live_migration_abort',
  parameters: ['instance', 'migration_id'],
  policy: { event: 'compute_live_migration_abort', recordFault: true },
  decode: (args) => ({ instance: args.instance as Instance, migrationId: Number(args.migration_id) }),
  async run(parts, ctx, { instance, migrationId }) {
    const { notifications, liveMigrations, driver, stores } = parts
    await notifications.action(ctx, instance, 'live_migration_abort', 'start')
    const outcome = liveMigrations.abort(instance.uuid)
    if (outcome.kind === 'noticed') return // it rolls back by itself, and then tells the end
    if (outcome.kind === 'dropped') await dropQueued(parts, ctx, instance, outcome.migration)
    else {
      const migration = await stores.migrations.getByIdAndInstance(ctx, migrationId, instance.uuid)
      if (migration.status !== 'running') throw invalidState(migration, instance)
      await (driver.liveMigration ?? notImplemented()).abort(instance)
    }
    await notifications.action(ctx, instance, 'live_migration_abort', 'end')
  },
})

function invalidState(migration: Migration, instance: Instance) {
  return novaError('InvalidMigrationState', {
    migration_id: migration.id,
    instance_uuid: instance.uuid,
    state: migration.status,
    method: 'abort live migration',
  })
}

/** Only the conductor has done anything for it so far: allocations, and bindings at the destination. */
export async function dropQueued(parts: ComputeParts, ctx: RequestContext, instance: Instance, migration: Migration): Promise<void> {
  await returnAllocations(parts, ctx, instance, migration)
  await dropBindings(parts, ctx, instance, migration.dest_compute)
  instance.task_state = null
  await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['migrating'] })
  await setMigrationStatus(parts, ctx, migration, 'cancelled')
}
