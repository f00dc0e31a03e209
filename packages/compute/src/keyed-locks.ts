/**
 * One holder at a time for each key, first come first served. Keys are instance uuids, so that two operations on
 * one instance never overlap while those on different instances do.
 */
export class KeyedLocks {
  readonly #tails = new Map<string, Promise<void>>()

  /** Keys that are held or waited for. */
  get size(): number {
    return this.#tails.size
  }

  /** Somebody holds `key`, or waits for it. */
  has(key: string): boolean {
    return this.#tails.has(key)
  }

  /** Runs `body` when everyone who asked for `key` before is done, however they ended. */
  async run<T>(key: string, body: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key)
    let release = () => {}
    const tail = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#tails.set(key, tail)
    if (before !== undefined) await before
    try {
      return await body()
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
      release()
    }
  }
}
