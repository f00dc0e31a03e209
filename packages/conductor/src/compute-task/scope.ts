import type { CellMapping } from '@micronova/model'
import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import { failureText, messageOf } from '@micronova/rpcapi'
import type { CellScope, ComputeTaskDeps, Deployment } from './compute-task-deps.js'

/** The cell of an instance: that of its mapping; without one, or without the API database, the cell of this conductor. */
export async function scopeOf(deps: ComputeTaskDeps, ctx: RequestContext, { uuid }: Instance): Promise<CellScope> {
  const { deployment, local, log } = deps
  if (deployment === null) return local
  try {
    const { cell_mapping: cell } = await deployment.api.instanceMappings.getByInstanceUuid(ctx, uuid)
    return cell === null ? local : await scopeOfCell(deployment, cell)
  } catch (err) {
    if (!isNovaError(err, 'InstanceMappingNotFound')) throw err
    log.error('InstanceMapping not found, unable to target cell', { instanceUuid: uuid, context: ctx })
    return local
  }
}

export async function scopeOfCell({ cells, compute }: Deployment, cell: CellMapping): Promise<CellScope> {
  return { cell, stores: await cells.stores(cell), compute: compute(cell) }
}

/** Run `work` as an event of the action of this request. */
export async function asEvent<T>(
  { host, log }: Pick<ComputeTaskDeps, 'host' | 'log'>,
  { stores: { actions } }: CellScope,
  ctx: RequestContext,
  instanceUuid: string,
  event: string,
  work: () => Promise<T>,
): Promise<T> {
  await actions.startEvent(ctx, instanceUuid, event, host)
  const finish = (failure?: ReturnType<typeof failureText>) =>
    actions.finishEvent(ctx, instanceUuid, event, failure).catch((err: unknown) => {
      log.warning(`The event ${event} could not be ended: ${messageOf(err)}`, { instanceUuid, context: ctx })
    })
  try {
    const result = await work()
    await finish()
    return result
  } catch (err) {
    await finish(failureText(err))
    throw err
  }
}
