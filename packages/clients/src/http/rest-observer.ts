/** One attempt of a request over HTTP: retries and redirections are attempts of their own. */
export interface EndedRequest {
  /** Service type, as in `placement`. */
  readonly service: string
  readonly method: string
  /** Null: there was no answer. */
  readonly status: number | null
  /** Until the answer began. */
  readonly durationMs: number
}

/** Told of what is asked of other services, within the turn in which it happens: it returns at once and does not throw. */
export interface RestObserver {
  requested(request: EndedRequest): void
}
