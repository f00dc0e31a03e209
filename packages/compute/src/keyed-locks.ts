/**
 * One holder at a time for each key, first come first served. Keys are instance uuids, so that two operations on
 * one instance never overlap while those on different instances do.
 */
export class KeyedLocks {
  readonly #tails = new Map<string, Promise<void>>()
  readonly #holders = new Map<string, { toString(): string }>()

  /** Keys that are held or waited for. */
  get size(): number {
    return this.#tails.size
  }

  /** Somebody holds `key`, or waits for it. */
  has(key: string): boolean {
    return this.#tails.has(key)
  }

  /** Who holds `key`, as far as it has said. */
  holder(key: string): string | null {
    return this.#holders.get(key)?.toString() ?? null
  }

  /**
   * Runs `body` when everyone who asked for `key` before is done, however they ended.
   *
   * @param holder for those who ask who holds it
   */
  async run<T>(key: string, body: () => Promise<T>, holder?: { toString(): string }): Promise<T> {
    const before = this.#tails.get(key)
    let release = () => {}
    const tail = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#tails.set(key, tail)
    if (before !== undefined) await before
    if (holder !== undefined) this.#holders.set(key, holder)
    try {
      return await body()
    } finally {
      this.#holders.delete(key)
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
      release()
    }
  }
}
