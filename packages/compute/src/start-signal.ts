/**
 * What cuts short the requests of a start when the start is cancelled: the conductor may be away by then, and nobody waits for what
 * it would have said. Nothing but the start asks it at that time.
 */
export class StartSignal {
  #current: AbortSignal | undefined

  /** Undefined unless the service is starting. */
  get current(): AbortSignal | undefined {
    return this.#current
  }

  async during<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    this.#current = signal
    try {
      return await work()
    } finally {
      this.#current = undefined
    }
  }
}
