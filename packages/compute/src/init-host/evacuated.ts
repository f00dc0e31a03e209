import { type Instance, isNovaError, type Migration, type RequestContext } from '@micronova/model'
import { cachedNetworkInfo } from '../network/network-api.js'
import type { ComputeParts } from '../parts.js'
import { hasSharedDisks } from '../shared-storage.js'

/**
 * Destroy the guests that were evacuated to other hosts while this one was down, so that none runs twice, and give up what
 * their instances still have of this host. An evacuation that has only begun counts: its guest is about to run elsewhere.
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
  const nodes = await nodeUuids(parts, adminCtx)
  for (const migration of evacuations) await settle(parts, ctx, migration, guests, nodes)
  return new Set(evacuations.flatMap(({ instance_uuid }) => instance_uuid ?? []))
}

/** By node name. @returns none for a host that is new */
async function nodeUuids({ stores, host }: ComputeParts, ctx: RequestContext): Promise<ReadonlyMap<string, string>> {
  try {
    const nodes = await stores.computeNodes.listByHost(ctx, host)
    return new Map(nodes.map(({ hypervisor_hostname: name, uuid }) => [String(name), String(uuid)]))
  } catch (err) {
    if (isNovaError(err, 'ComputeHostNotFound')) return new Map()
    throw err
  }
}

async function settle(
  parts: ComputeParts,
  ctx: RequestContext,
  migration: Migration,
  guests: ReadonlySet<string>,
  nodes: ReadonlyMap<string, string>,
): Promise<void> {
  const { stores, log } = parts
  const { instance_uuid: uuid } = migration
  if (uuid === null) return
  const instance = await present(parts, ctx, uuid)
  if (instance === null) return // deleted for good: nothing is left to compare with
  if (guests.has(uuid)) {
    log.info('Destroying the guest, which was evacuated from this host', { instanceUuid: uuid })
    await destroyGuest(parts, ctx, instance)
  }
  const provider = nodes.get(migration.source_node ?? '')
  if (provider === undefined) {
    log.error(`What the evacuated instance has of ${migration.source_node} cannot be given up: there is no such node`, {
      instanceUuid: uuid,
    })
    return
  }
  // Of a deleted instance whoever deleted it has removed the allocations.
  if (!instance.deleted && !(await giveUpAllocations(parts, ctx, instance, provider))) return
  migration.status = 'completed'
  await stores.migrations.save(ctx, migration)
}

async function present({ stores }: ComputeParts, ctx: RequestContext, uuid: string): Promise<Instance | null> {
  try {
    return await stores.instances.getByUuid(ctx, uuid, ['info_cache', 'flavor', 'system_metadata'])
  } catch (err) {
    if (isNovaError(err, 'InstanceNotFound')) return null
    throw err
  }
}

/** Disks that both hosts see are the ones that the guest uses elsewhere. */
async function destroyGuest(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  const blockDevices = instance.deleted ? [] : await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  const keepDisks = !instance.deleted && instance.host !== null && (await hasSharedDisks(parts, ctx, instance))
  await parts.driver.destroy(ctx, { instance, network: cachedNetworkInfo(instance), blockDevices }, { keepDisks })
}

/** @returns false if the next start shall try again: a Placement that is not there does not keep the host from starting */
async function giveUpAllocations(
  { placement, log }: ComputeParts,
  ctx: RequestContext,
  { uuid }: Instance,
  provider: string,
): Promise<boolean> {
  const failed = `What the evacuated instance has of the source node ${provider} could not be given up`
  try {
    if (!(await placement.removeFromProvider(ctx, uuid, provider))) log.error(failed, { instanceUuid: uuid })
    return true
  } catch (err) {
    log.error(`${failed}; the next start tries again`, { err, instanceUuid: uuid })
    return false
  }
}
