import type { RequestContext } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import type { ComputeTaskDeps, Deployment } from '../compute-task-deps.js'
import type { CellSide } from './move-state.js'

type Side = Pick<CellSide, 'scope' | 'instance'>

/** Show the instance of this side and let the mapping name its cell. For a moment lists find both, and the API shows one of two. */
export async function changeCell({ api }: Deployment, ctx: RequestContext, { instance, scope }: Side): Promise<void> {
  const mapping = await api.instanceMappings.getByInstanceUuid(ctx, instance.uuid)
  instance.hidden = false
  await scope.stores.instances.save(ctx, instance)
  mapping.cell_mapping = scope.cell
  await api.instanceMappings.save(ctx, mapping)
}

/** The mapping names the other cell already, so what goes wrong is logged: the API leaves out one of two that have the same uuid. */
export async function hide({ log }: ComputeTaskDeps, ctx: RequestContext, { instance, scope }: Side): Promise<void> {
  try {
    instance.hidden = true
    await scope.stores.instances.save(ctx, instance)
  } catch (err) {
    log.warning(`The instance could not be hidden in the cell that it has left: ${messageOf(err)}`, {
      instanceUuid: instance.uuid,
      context: ctx,
    })
  }
}
