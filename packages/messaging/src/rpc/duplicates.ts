/**
 * The `_unique_id`s seen last. A broker delivers again what was not acknowledged when a connection broke, and a
 * publisher sends again what was not confirmed: either way the same message comes twice.
 *
 * @see oslo.messaging 14.0.3, `_drivers/amqp.py`, `_MsgIdCache`: 16 of each listener
 */
export class SeenMessages {
  readonly #ids = new Set<string>()
  readonly #size: number

  constructor(size: number) {
    this.#size = size
  }

  /** False if `id` is among the last ones; otherwise it is from now on. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    if (this.#ids.size > this.#size) this.#ids.delete(this.#ids.values().next().value as string)
    return true
  }

  /** The message was given back: its next coming is not a duplicate. */
  forget(id: string): void {
    this.#ids.delete(id)
  }
}
