import type { Clock } from '@micronova/lifecycle'
import type { RequestContext } from '@micronova/model'

/** Where an operation is at this moment. */
export interface Place {
  readonly requestId: string
  /** Wire name of the operation. */
  readonly method: string
  /** `lock of instance ..., held by ...`. */
  readonly place: string
  /** Wall time, milliseconds since 1970. */
  readonly sinceMs: number
}

/** Made only when somebody asks, if it is a function. */
export type PlaceText = string | (() => string)

interface Entry {
  readonly operation: Whereabout
  readonly text: PlaceText
  readonly sinceMs: number
}

/** Where all operations are, for those who ask why one takes so long. An operation that is at a place costs one entry of a set. */
export class Whereabouts {
  readonly #clock: Pick<Clock, 'now'>
  readonly #entries = new Set<Entry>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** The whereabout of one operation. */
  of(ctx: Pick<RequestContext, 'requestId'>, method: string): Whereabout {
    return new Whereabout(ctx.requestId, method, (operation, text) => {
      const entry = { operation, text, sinceMs: this.#clock.now() }
      this.#entries.add(entry)
      return () => void this.#entries.delete(entry)
    })
  }

  /** In the order in which the places were entered. */
  report(): Place[] {
    return [...this.#entries].map(({ operation: { requestId, method }, text, sinceMs }) => {
      return { requestId, method, place: typeof text === 'string' ? text : text(), sinceMs }
    })
  }
}

/** One operation says where it is. */
export class Whereabout {
  readonly requestId: string
  readonly method: string
  readonly #enter: (operation: Whereabout, text: PlaceText) => () => void

  constructor(requestId: string, method: string, enter: (operation: Whereabout, text: PlaceText) => () => void) {
    this.requestId = requestId
    this.method = method
    this.#enter = enter
  }

  /** @returns to be called when it is there no longer */
  enter(text: PlaceText): () => void {
    return this.#enter(this, text)
  }

  async at<T>(text: PlaceText, body: () => Promise<T>): Promise<T> {
    const leave = this.enter(text)
    try {
      return await body()
    } finally {
      leave()
    }
  }

  /** How others name it: `reboot_instance of req-...`. */
  toString(): string {
    return `${this.method} of ${this.requestId}`
  }
}

/** Run `body` when `queue` lets it, and say what the operation waits for until then. */
export async function waitingFor<T>(
  here: Whereabout,
  text: PlaceText,
  queue: (run: () => Promise<T>) => Promise<T>,
  body: () => Promise<T>,
): Promise<T> {
  const leave = here.enter(text)
  try {
    return await queue(() => {
      leave()
      return body()
    })
  } finally {
    leave()
  }
}
