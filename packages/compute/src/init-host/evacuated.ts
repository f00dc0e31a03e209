import { isNovaError, type Migration, type RequestContext } from '@micronova/model'
import { cachedNetworkInfo } from '../network/network-api.js'
import type { ComputeParts } from '../parts.js'

/**
 * Destroy the guests that were evacuated to other hosts while this one was down, so that none runs twice.
 *
 * @returns uuids of the instances that no longer are this host's business
 * @see nova 26.2.2, `compute/manager.py`, `_destroy_evacuated_instances`
 */
export async function destroyEvacuatedGuests(parts: ComputeParts, adminCtx: RequestContext): Promise<ReadonlySet<string>> {
  const { stores, driver, host } = parts
  const ctx: RequestContext = { ...adminCtx, readDeleted: 'yes' }
  const filters = { source_compute: host, status: ['accepted', 'pre-migrating', 'done'], migration_type: 'evacuation' }
  const evacuations = await stores.migrations.listByFilters(ctx, filters)
  if (evacuations.length === 0) return new Set()
  const guests = new Set(await driver.listGuests())
  for (const migration of evacuations) await settle(parts, ctx, migration, guests)
  return new Set(evacuations.flatMap(({ instance_uuid }) => instance_uuid ?? []))
}

async function settle(parts: ComputeParts, ctx: RequestContext, migration: Migration, guests: ReadonlySet<string>): Promise<void> {
  const { stores, driver, log } = parts
  const { instance_uuid: uuid } = migration
  if (uuid === null) return
  try {
    const instance = await stores.instances.getByUuid(ctx, uuid, ['info_cache', 'flavor'])
    if (guests.has(uuid)) {
      log.info('Destroying the guest, which was evacuated from this host', { instanceUuid: uuid })
      await driver.destroy(ctx, { instance, network: cachedNetworkInfo(instance), blockDevices: [] })
    }
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound')) throw err // deleted for good: nothing is left to compare with
    return
  }
  migration.status = 'completed'
  await stores.migrations.save(ctx, migration)
}
