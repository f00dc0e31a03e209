import { type ComputeNode, type Instance, isNovaError, type RequestContext } from '@micronova/model'
import type { ComputeParts } from './parts.js'

type Parts = Pick<ComputeParts, 'host' | 'driver' | 'stores' | 'tracker' | 'placement' | 'log'>

/**
 * Count anew what each node of this host has and uses, and remove the records of nodes that the driver no longer has.
 * One that fails keeps no other from its turn; at start-up a node that cannot be counted ends the start.
 *
 * @returns `hasNewNode`: a node had no record before
 */
export async function updateHostResources(
  parts: Parts,
  ctx: RequestContext,
  { startup }: { readonly startup: boolean },
): Promise<{ readonly hasNewNode: boolean }> {
  const { driver, tracker, placement, log } = parts
  const nodes = await driver.availableNodes()
  const records = await storedRecords(parts, ctx, { isExpected: nodes.length > 0, startup })
  const stored = new Set(records.map((record) => record.hypervisor_hostname))
  // Somebody else removed the record: it will be made again.
  for (const [name, { uuid }] of tracker.nodes) {
    if (stored.has(name)) continue
    tracker.removeNode(name)
    placement.forget(uuid)
  }
  for (const record of records) if (!nodes.includes(record.hypervisor_hostname ?? '')) await removeOrphan(parts, ctx, record)
  for (const node of nodes) {
    try {
      await tracker.updateAvailableResource(ctx, node)
    } catch (err) {
      if (startup) throw err
      log.error(`Error updating resources for node ${node}.`, { err })
    }
  }
  return { hasNewNode: nodes.some((name) => !stored.has(name)) }
}

/**
 * Tell Placement what the nodes have, as they were last counted. Never rejects.
 *
 * @returns instances that are to be built here and have not claimed a node yet
 */
export async function auditPlacement(
  { tracker, placement }: Pick<ComputeParts, 'tracker' | 'placement'>,
  ctx: RequestContext,
): Promise<Instance[]> {
  const unclaimed: Instance[] = []
  for (const [name, node] of tracker.nodes)
    unclaimed.push(...(await placement.audit(ctx, node, (uuid) => tracker.isKnownConsumer(name, uuid))))
  return unclaimed
}

async function storedRecords(
  { host, stores, log }: Parts,
  ctx: RequestContext,
  { isExpected, startup }: { readonly isExpected: boolean; readonly startup: boolean },
): Promise<readonly ComputeNode[]> {
  try {
    return await stores.computeNodes.listByHost(ctx, host)
  } catch (err) {
    if (!isNovaError(err, 'NotFound')) throw err
    if (isExpected && startup)
      log.warning(`There is no compute node record for host ${host}, which is well if it starts for the first time.`)
    else if (isExpected) log.error(`There is no compute node record for host ${host}`)
    return []
  }
}

async function removeOrphan({ stores, tracker, placement, log }: Parts, ctx: RequestContext, record: ComputeNode): Promise<void> {
  const name = record.hypervisor_hostname ?? ''
  log.info(`Deleting orphan compute node ${record.id}: the driver has no node ${name}`)
  tracker.removeNode(name)
  try {
    await stores.computeNodes.destroy(ctx, record)
  } catch (err) {
    log.warning(`The orphan compute node ${record.id} could not be deleted`, { err })
    placement.forget(record.uuid)
    return
  }
  await placement.remove(ctx, record)
}
