import type { Clock, Timer } from '@micronova/lifecycle'

/** Something that ends when it is not done by then. `atMs` may move to later at any time. */
export interface Deadline {
  /** On the monotonic clock. */
  readonly atMs: number
  expire(): void
}

/**
 * Any number of deadlines behind one timer.
 *
 * A call is nearly always answered long before its deadline, so adding and removing must cost next to nothing: the
 * timer is only moved when a nearer deadline comes, and looks at all of them when it fires.
 */
export class Deadlines {
  readonly #clock: Clock
  readonly #waiting = new Set<Deadline>()
  #timer: Timer | null = null
  #timerAtMs = Number.POSITIVE_INFINITY

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock
  }

  add(deadline: Deadline): void {
    this.#waiting.add(deadline)
    if (deadline.atMs < this.#timerAtMs) this.#setTimer(deadline.atMs)
  }

  remove(deadline: Deadline): void {
    this.#waiting.delete(deadline)
  }

  /** Forget all of them. */
  clear(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#timerAtMs = Number.POSITIVE_INFINITY
    this.#waiting.clear()
  }

  #setTimer(atMs: number): void {
    this.#timer?.cancel()
    this.#timerAtMs = atMs
    this.#timer = this.#clock.setTimer(atMs - this.#clock.monotonicMs(), () => this.#fire())
  }

  #fire(): void {
    this.#timer = null
    this.#timerAtMs = Number.POSITIVE_INFINITY
    const now = this.#clock.monotonicMs()
    let next = Number.POSITIVE_INFINITY
    for (const deadline of this.#waiting) {
      if (deadline.atMs <= now) {
        this.#waiting.delete(deadline)
        deadline.expire()
      } else next = Math.min(next, deadline.atMs)
    }
    if (next < this.#timerAtMs) this.#setTimer(next)
  }
}
