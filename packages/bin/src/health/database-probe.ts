import { type Clock, doneOrAborted } from '@micronova/lifecycle'
import { type Check, passed } from './checks.js'

/** An answer counts for so long: who asks often does not make the database answer as often. */
const freshMs = 2000
/** A database that has not answered by then is not ready; the question stays open. */
const waitMs = 500

export interface PingedDatabase {
  ping(): Promise<void>
}

/** Asks one database now and then whether it answers; never more than one question at once. */
export class DatabaseProbe {
  readonly #clock: Clock
  readonly #name: string
  readonly #database: PingedDatabase
  #asking: Promise<void> | null = null
  #answeredAt: number | null = null
  #failure: string | null = null
  /** Wall time since which it does not answer. */
  #sinceMs: number | null = null

  constructor(clock: Clock, name: string, database: PingedDatabase) {
    this.#clock = clock
    this.#name = `database-${name}`
    this.#database = database
  }

  async check(): Promise<Check> {
    const now = this.#clock.monotonicMs()
    if (this.#answeredAt === null || now - this.#answeredAt > freshMs) this.#asking ??= this.#ask()
    if (this.#asking !== null) await this.#shortly(this.#asking)
    if (this.#asking !== null) return { name: this.#name, failure: 'no answer', sinceMs: this.#sinceMs }
    return this.#failure === null ? passed(this.#name) : { name: this.#name, failure: this.#failure, sinceMs: this.#sinceMs }
  }

  async #ask(): Promise<void> {
    this.#sinceMs ??= this.#clock.now()
    try {
      await this.#database.ping()
      this.#failure = null
      this.#sinceMs = null
    } catch (err) {
      this.#failure = (err as Error).message.split('\n', 1)[0] ?? ''
    }
    this.#answeredAt = this.#clock.monotonicMs()
    this.#asking = null
  }

  async #shortly(asking: Promise<void>): Promise<void> {
    const late = new AbortController()
    const timer = this.#clock.setTimer(waitMs, () => late.abort())
    await doneOrAborted(asking, late.signal)
    timer.cancel()
  }
}
