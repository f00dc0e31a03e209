import type { ConsumerAllocations } from '@micronova/clients'
import { type ComputeNode, type Instance, type Migration, novaError, type RequestContext } from '@micronova/model'
import { moveAllocations, placementOf } from '../allocations.js'
import type { CellScope, ComputeTaskDeps } from '../compute-task-deps.js'

/** What the migration holds for the instance on its source while the move is under way. */
export interface HeldAllocations {
  readonly source: ComputeNode
  readonly allocations: ConsumerAllocations['allocations']
}

/**
 * Hand what the instance holds to its migration, so that the scheduler can claim the destination for the instance.
 *
 * @returns null if the instance holds nothing on its node
 * @throws NovaError `ComputeHostNotFound`, `AllocationMoveFailed`, `NoValidHost`
 */
export async function holdSource(
  deps: ComputeTaskDeps,
  { stores }: CellScope,
  ctx: RequestContext,
  instance: Instance,
  migration: Migration,
): Promise<HeldAllocations | null> {
  const { uuid, host, node } = instance
  const [source, { allocations }] = await Promise.all([
    stores.computeNodes.getByHostAndNode(ctx, host ?? '', node ?? ''),
    placementOf(deps).getAllocations(ctx, uuid),
  ])
  if (Object.keys(allocations[source.uuid]?.resources ?? {}).length === 0) {
    deps.log.debug(`Unable to find existing allocations for instance on source compute node: ${source.uuid}`, {
      instanceUuid: uuid,
      context: ctx,
    })
    return null
  }
  if (!(await moveAllocations(deps, ctx, uuid, migration.uuid)))
    throw novaError('NoValidHost', { reason: 'Unable to replace instance claim on source' })
  return { source, allocations }
}

/** Give it back: the move does not take place. */
export async function releaseSource(deps: ComputeTaskDeps, ctx: RequestContext, instance: Instance, migration: Migration): Promise<void> {
  if (await moveAllocations(deps, ctx, migration.uuid, instance.uuid)) return
  deps.log.error(`Unable to replace resource claim on source host ${instance.host} node ${instance.node} for instance`, {
    instanceUuid: instance.uuid,
    context: ctx,
  })
}
