import type { RequestContext } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import type { ComputeTaskDeps, Deployment } from '../compute-task-deps.js'
import { giveUp } from '../report-failure.js'
import type { CellSide } from './move-state.js'

/** Neither can be gone on with: the instance ends in ERROR in the cell that its mapping names, with a fault. */
export async function failDecision(
  deps: ComputeTaskDeps,
  { api }: Deployment,
  ctx: RequestContext,
  { scope, instance, migration }: CellSide,
  error: unknown,
): Promise<void> {
  const { uuid } = instance
  deps.log.error(
    `The move between cells of the instance could not be ended: ${messageOf(error)}. It is in the cell ${scope.cell?.uuid}; ` +
      `what is left of it on ${migration.source_compute} or ${migration.dest_compute} can be cleaned up`,
    { instanceUuid: uuid, context: ctx },
  )
  const requestSpec = await api.requestSpecs.getByInstanceUuid(ctx, uuid).catch(() => null)
  try {
    migration.status = 'error'
    await scope.stores.migrations.save(ctx, migration)
  } finally {
    await giveUp(deps, scope, ctx, { instanceUuid: uuid, method: 'migrate_server', vmState: 'error', error, requestSpec })
  }
}
