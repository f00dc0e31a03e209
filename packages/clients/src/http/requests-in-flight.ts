import type { Clock } from '@micronova/lifecycle'
import type { ClientErrorRequest } from '../errors.js'

/** A request that has been sent and not been answered to the end, or that waits for its next attempt. */
export interface RequestInFlight {
  readonly service: string
  readonly method: string
  /** Without its query, which may name what is nobody's business. */
  readonly path: string
  /** From 0. */
  readonly attempt: number
  /** Of the request on whose behalf it was made. */
  readonly requestId: string | null
  /** Wall time, milliseconds since 1970. */
  readonly sinceMs: number
}

interface Entry {
  readonly named: ClientErrorRequest
  readonly requestId: string | null
  readonly sinceMs: number
  attempt: number
}

/** The requests under way, all services together. Costs one entry of a set for each. */
export class RequestsInFlight {
  readonly #clock: Pick<Clock, 'now'>
  readonly #entries = new Set<Entry>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** @returns to be told of each attempt, and of the end */
  begin(named: ClientErrorRequest, requestId: string | null): { attempt: number; end(): void } {
    const entries = this.#entries
    const entry = { named, requestId, sinceMs: this.#clock.now(), attempt: 0, end: () => void entries.delete(entry) }
    entries.add(entry)
    return entry
  }

  /** Oldest first. */
  report(): RequestInFlight[] {
    return [...this.#entries].map(({ named: { service, method, path }, requestId, sinceMs, attempt }) => ({
      service,
      method,
      path: path.replace(/\?.*$/s, ''),
      attempt,
      requestId,
      sinceMs,
    }))
  }
}
