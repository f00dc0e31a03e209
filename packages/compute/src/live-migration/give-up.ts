import type { Instance, Migration, RequestContext } from '@micronova/model'
import type { ComputeParts } from '../parts.js'
import { tryReturnAllocations } from '../resize/allocations.js'
import { setMigrationStatus } from './migration-status.js'
import { dropBindings } from './rollback.js'

/** Where a live migration stands while its source works on it. */
const underWay = ['accepted', 'queued', 'preparing', 'running']

/**
 * This host was restarted in the midst of a live migration away from it: the guest stays. What was made for it at the destination
 * is given back as far as that can be done from here.
 */
export async function giveUpLiveMigrations(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  const { stores, host, log } = parts
  const filters = { instance_uuid: instance.uuid, source_compute: host, status: underWay }
  try {
    for (const migration of await stores.migrations.listByFilters(ctx, filters)) await giveUp(parts, ctx, instance, migration)
  } catch (err) {
    log.error('The migration could not be given up', { err, instanceUuid: instance.uuid })
  }
}

async function giveUp(parts: ComputeParts, ctx: RequestContext, instance: Instance, migration: Migration): Promise<void> {
  if (migration.migration_type === 'live-migration') {
    if (migration.status === 'running') await abort(parts, instance)
    await tryReturnAllocations(parts, ctx, instance, migration)
    await dropBindings(parts, ctx, instance, migration.dest_compute)
  }
  await setMigrationStatus(parts, ctx, migration, 'error')
}

async function abort({ driver, log }: ComputeParts, instance: Instance): Promise<void> {
  try {
    await driver.liveMigration?.abort(instance)
  } catch (err) {
    log.warning('The hypervisor could not be told to abort the migration', { err, instanceUuid: instance.uuid })
  }
}
