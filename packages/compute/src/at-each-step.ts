import type { Step } from '@micronova/lifecycle'
import type { Whereabout } from './whereabouts.js'

/** The same steps, each of which says when the operation is at it. */
export function atEachStep<S>(here: Whereabout, steps: readonly Step<S>[]): readonly Step<S>[] {
  return steps.map((step) => ({
    name: step.name,
    run: (state, signal) => here.at(`step ${step.name}`, () => step.run(state, signal)),
    undo: async (state, failure) => {
      if (step.undo !== undefined) await here.at(`undoing of step ${step.name}`, async () => step.undo?.(state, failure))
    },
  }))
}
