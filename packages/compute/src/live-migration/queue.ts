import type { Migration } from '@micronova/model'
import { Semaphore } from '../semaphore.js'

/** What an abort found. */
export type AbortOutcome =
  /** It had not begun and never will. */
  | { readonly kind: 'dropped'; readonly migration: Migration }
  /** It prepares the destination, and will see that it was aborted before the guest moves. */
  | { readonly kind: 'noticed' }
  /** The guest moves already, or nothing is known of it. */
  | { readonly kind: 'unknown' }

interface Waiting {
  readonly migration: Migration
  hasBegun: boolean
}

/**
 * The live migrations away from this host. `max_concurrent_live_migrations` of them run at once, the others wait:
 *
 *     waiting -> preparing -> (taken) moving
 *        |           |
 *        +--abort----+--> never moves
 */
export class LiveMigrationQueue {
  readonly #slots: Semaphore
  /** By instance uuid; those whose guest moves are no longer here. */
  readonly #waiting = new Map<string, Waiting>()
  readonly #running = new Set<Promise<void>>()

  /** @param size 0: no limit */
  constructor(size: number) {
    this.#slots = new Semaphore(size)
  }

  /** Run `work` when its turn comes, unless it is aborted before. `work` must not reject. Resolves when the turn is over. */
  submit(instanceUuid: string, migration: Migration, work: () => Promise<void>): Promise<void> {
    const entry: Waiting = { migration, hasBegun: false }
    this.#waiting.set(instanceUuid, entry)
    const run = this.#slots.run(async () => {
      if (this.#waiting.get(instanceUuid) !== entry) return // aborted while it waited
      entry.hasBegun = true
      await work()
    })
    const running = run.finally(() => {
      if (this.#waiting.get(instanceUuid) === entry) this.#waiting.delete(instanceUuid)
      this.#running.delete(running)
    })
    this.#running.add(running)
    return running
  }

  /** The destination is ready and the guest is about to move. @returns false if it was aborted meanwhile */
  take(instanceUuid: string): boolean {
    return this.#waiting.delete(instanceUuid)
  }

  abort(instanceUuid: string): AbortOutcome {
    const entry = this.#waiting.get(instanceUuid)
    if (entry === undefined) return { kind: 'unknown' }
    this.#waiting.delete(instanceUuid)
    return entry.hasBegun ? { kind: 'noticed' } : { kind: 'dropped', migration: entry.migration }
  }

  /** Instances whose migration has not begun. */
  get waiting(): readonly string[] {
    return [...this.#waiting].filter(([, { hasBegun }]) => !hasBegun).map(([uuid]) => uuid)
  }

  /** Resolves when none is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#running)
  }
}
