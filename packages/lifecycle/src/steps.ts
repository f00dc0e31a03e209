/** One part of work that may fail half way. `S` is what the steps hand on to each other. */
export interface Step<S> {
  readonly name: string
  run(state: S, signal: AbortSignal): Promise<void>
  /**
   * Take back what `run` has done, whether it finished or failed anywhere in the middle; `failure` is why.
   * Harmless where there is nothing to take back.
   */
  undo?(state: S, failure: unknown): Promise<void>
}

/** A step could not be taken back. `cause` is why; `failure` is what had made it necessary. */
export class UndoFailed extends Error {
  override readonly name = 'UndoFailed'
  readonly step: string
  readonly failure: unknown
  constructor(step: string, failure: unknown, cause: unknown) {
    super(`the step ${step} could not be undone`, { cause })
    this.step = step
    this.failure = failure
  }
}

/**
 * Run `steps` in order. If one fails, it and those before it are undone in reverse, all of them even if an undo fails.
 *
 * @throws what the step threw; UndoFailed of the first undo that failed
 */
export async function runSteps<S>(steps: readonly Step<S>[], state: S, signal: AbortSignal): Promise<void> {
  const begun: Step<S>[] = []
  try {
    for (const step of steps) {
      signal.throwIfAborted()
      begun.push(step)
      await step.run(state, signal)
    }
  } catch (failure) {
    const undoFailed = await undoSteps(begun, state, failure)
    throw undoFailed ?? failure
  }
}

async function undoSteps<S>(begun: readonly Step<S>[], state: S, failure: unknown): Promise<UndoFailed | null> {
  let first: UndoFailed | null = null
  for (const step of [...begun].reverse()) {
    try {
      await step.undo?.(state, failure)
    } catch (err) {
      first ??= new UndoFailed(step.name, failure, err)
    }
  }
  return first
}
