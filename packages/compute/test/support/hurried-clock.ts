import type { Clock, Timer } from '@micronova/lifecycle'

/**
 * A clock whose time passes as soon as somebody waits for it: a wait ends after the work that can be done without it.
 * For tests in which nothing that is waited for by time will come.
 */
export class HurriedClock implements Clock {
  readonly #start = Date.UTC(2023, 0, 1)
  #elapsed = 0

  now(): number {
    return this.#start + this.#elapsed
  }

  monotonicMs(): number {
    return this.#elapsed
  }

  /** Time in which nothing happens. */
  pass(ms: number): void {
    this.#elapsed += ms
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    let turns = 50
    let isOver = false
    const next = () => {
      if (isOver) return
      if (turns-- > 0) return void setImmediate(next)
      this.#elapsed += Math.max(0, delayMs)
      fire()
    }
    next()
    return {
      cancel: () => {
        isOver = true
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
}
