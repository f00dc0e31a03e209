import { changeCell, hide } from './change-cell.js'
import type { MoveStep } from './move-state.js'

/** From here on the user works on the instance in the target cell, and decides there. */
export const showAtTarget: MoveStep = {
  name: 'show_at_target',
  async run({ deps, deployment, ctx, source, target }) {
    await changeCell(deployment, ctx, target)
    await hide(deps, ctx, source)
  },
  async undo({ deployment, ctx, source }) {
    await changeCell(deployment, ctx, source)
  },
}
