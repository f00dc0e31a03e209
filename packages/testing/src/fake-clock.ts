import type { Clock, Timer } from '@micronova/lifecycle'

interface Pending {
  readonly at: number
  readonly order: number
  readonly fire: () => void
}

/** A clock that stands still until it is told to go on. Fires timers in the order of their times. */
export class FakeClock implements Clock {
  readonly #start: number
  #elapsed = 0
  #order = 0
  #pending: Pending[] = []

  /** @param startMs wall time at the beginning, milliseconds since 1970 */
  constructor(startMs = Date.UTC(2023, 0, 1)) {
    this.#start = startMs
  }

  now(): number {
    return this.#start + this.#elapsed
  }

  monotonicMs(): number {
    return this.#elapsed
  }

  /** How many timers wait. */
  get pendingTimers(): number {
    return this.#pending.length
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const entry: Pending = { at: this.#elapsed + Math.max(0, delayMs), order: this.#order++, fire }
    this.#pending.push(entry)
    return {
      cancel: () => {
        this.#pending = this.#pending.filter((other) => other !== entry)
      },
    }
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        timer.cancel()
        reject(signal?.reason)
      }
      const timer = this.setTimer(delayMs, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Let `ms` pass. Between two timers the promises that the first one settled are let run. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms
    for (;;) {
      await settled()
      const next = this.#pending.filter((entry) => entry.at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0]
      if (next === undefined) break
      this.#elapsed = next.at
      this.#pending = this.#pending.filter((entry) => entry !== next)
      next.fire()
    }
    this.#elapsed = until
    await settled()
  }
}

/** One turn of the event loop: every promise that can settle without input has. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
