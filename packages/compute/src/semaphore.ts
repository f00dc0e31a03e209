export interface SlotReport {
  readonly running: number
  readonly waiting: number
}

/** Lets at most `size` bodies run at once, first come first served. `size` 0 or below: without limit. */
export class Semaphore {
  readonly #waiting: (() => void)[] = []
  readonly #size: number
  #running = 0

  constructor(size: number) {
    this.#size = size <= 0 ? Number.POSITIVE_INFINITY : size
  }

  /** Bodies that run, and those that wait for their turn. */
  report(): SlotReport {
    return { running: this.#running, waiting: this.#waiting.length }
  }

  async run<T>(body: () => Promise<T>): Promise<T> {
    if (this.#running < this.#size) this.#running++
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await body()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
