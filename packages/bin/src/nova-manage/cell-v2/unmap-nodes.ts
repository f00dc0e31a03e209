import type { DatabaseStores } from '@micronova/db'
import type { ComputeNode } from '@micronova/model'
import type { Manage } from '../command.js'

/** Their hosts are in no cell any more: `discover_hosts` finds them again. */
export async function unmapNodes({ ctx }: Pick<Manage, 'ctx'>, stores: DatabaseStores, nodes: readonly ComputeNode[]): Promise<void> {
  for (const node of nodes) {
    node.mapped = 0
    await stores.computeNodes.save(ctx, node)
  }
}
