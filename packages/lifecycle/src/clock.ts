/** A pending timer. */
export interface Timer {
  /** The timer will not fire; no-op if it has. */
  cancel(): void
}

/** Where time comes from. Handed in, so that a whole cloud can run under a virtual clock. */
export interface Clock {
  /** Wall time in milliseconds since 1970; may jump. For timestamps, never for durations. */
  now(): number
  /** Milliseconds from an arbitrary point; never goes back. For durations and deadlines. */
  monotonicMs(): number
  /** Calls `fire` once after `delayMs`. The timer does not keep the process alive. */
  setTimer(delayMs: number, fire: () => void): Timer
  /** Resolves after `delayMs`. Rejects with the signal's reason if it aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs).unref()
    return { cancel: () => clearTimeout(timer) }
  },
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, delayMs)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  },
}
