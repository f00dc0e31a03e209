export type LifecycleState = 'new' | 'starting' | 'running' | 'stopping' | 'stopped'

/** Something that owns a socket, a timer or a child process. */
export interface Lifecycle {
  readonly state: LifecycleState
  /** Resolves when ready for work. `signal` cancels the starting, not the running. */
  start(signal: AbortSignal): Promise<void>
  /** Takes no new work, then waits for work in hand; `deadline` cuts the wait short. Idempotent. */
  stop(deadline: AbortSignal): Promise<void>
}

/** Resolves when `signal` aborts; at once if it has. Leaves no listener behind after that. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}

/** Waits for `work`, though not beyond the moment at which `signal` aborts. Leaves no listener behind, unlike a race with `aborted`. */
export async function doneOrAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let cut = () => {}
  const aborting = new Promise<void>((resolve) => {
    cut = resolve
  })
  if (signal.aborted) cut()
  else signal.addEventListener('abort', cut, { once: true })
  try {
    await Promise.race([work, aborting])
  } finally {
    signal.removeEventListener('abort', cut)
  }
}

/**
 * From now on `controller` aborts when `signal` does, with its reason.
 *
 * @returns ends that: to be called when the work is over, as a signal that lives on would keep the controller
 */
export function follow(controller: AbortController, signal: AbortSignal): () => void {
  const abort = () => controller.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return () => signal.removeEventListener('abort', abort)
}

/**
 * Stop `parts` in reverse order. Every part is stopped even if one before it failed.
 *
 * @throws AggregateError with each failure, in the order they happened
 */
export async function stopAll(parts: readonly Pick<Lifecycle, 'stop'>[], deadline: AbortSignal): Promise<void> {
  const failures: unknown[] = []
  for (const part of [...parts].reverse()) {
    try {
      await part.stop(deadline)
    } catch (err) {
      failures.push(err)
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${parts.length} parts failed to stop`)
}
