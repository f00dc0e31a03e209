import { type ComputeNode, isNovaError, type RequestContext } from '@micronova/model'
import type { ComputeParts } from './parts.js'

type Parts = Pick<ComputeParts, 'host' | 'driver' | 'stores' | 'tracker' | 'log'>

/**
 * Count anew what each node of this host has and uses, and remove the records of nodes that the driver no longer has.
 * One that fails keeps no other from its turn; at start-up a node that cannot be counted ends the start.
 */
export async function updateHostResources(parts: Parts, ctx: RequestContext, { startup }: { readonly startup: boolean }): Promise<void> {
  const { driver, tracker, log } = parts
  const nodes = await driver.availableNodes()
  const records = await storedRecords(parts, ctx, { isExpected: nodes.length > 0, startup })
  const stored = new Set(records.map((record) => record.hypervisor_hostname))
  // Somebody else removed the record: it will be made again.
  for (const name of tracker.nodes.keys()) if (!stored.has(name)) tracker.removeNode(name)
  for (const record of records) if (!nodes.includes(record.hypervisor_hostname ?? '')) await removeOrphan(parts, ctx, record)
  for (const node of nodes) {
    try {
      await tracker.updateAvailableResource(ctx, node)
    } catch (err) {
      if (startup) throw err
      log.error(`Error updating resources for node ${node}.`, { err })
    }
  }
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

async function removeOrphan({ stores, tracker, log }: Parts, ctx: RequestContext, record: ComputeNode): Promise<void> {
  const name = record.hypervisor_hostname ?? ''
  log.info(`Deleting orphan compute node ${record.id}: the driver has no node ${name}`)
  tracker.removeNode(name)
  try {
    await stores.computeNodes.destroy(ctx, record)
  } catch (err) {
    log.warning(`The orphan compute node ${record.id} could not be deleted`, { err })
  }
}
