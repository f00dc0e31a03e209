import type { RequestContext } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import type { ComputeTaskDeps } from '../compute-task-deps.js'
import { changeCell, hide } from './change-cell.js'
import type { CellSide, MoveStep } from './move-state.js'

/** From here on the user works on the instance in the target cell, and decides there. */
export const showAtTarget: MoveStep = {
  name: 'show_at_target',
  async run({ deps, deployment, ctx, source, target }) {
    await changeCell(deployment, ctx, target)
    await hide(deps, ctx, source)
    await endTask(deps, ctx, target)
  },
  async undo({ deployment, ctx, source }) {
    await changeCell(deployment, ctx, source)
  },
}

/** Of the task that the move is part of. */
const taskEvents = ['cold_migrate', 'conductor_migrate_server']

/** The copy was made while the task ran, whose events end in the cell where they began. */
async function endTask({ log }: ComputeTaskDeps, ctx: RequestContext, { scope, instance: { uuid } }: CellSide): Promise<void> {
  try {
    for (const event of taskEvents) await scope.stores.actions.finishEvent(ctx, uuid, event)
  } catch (err) {
    log.warning(`The event of the move could not be ended in the target cell: ${messageOf(err)}`, { instanceUuid: uuid, context: ctx })
  }
}
