import type { HttpRequest, HttpResponse, HttpTransport } from '@micronova/clients'

/** An answer of a service, to be given by a ReplayTransport. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** A request that a ReplayTransport got. `data` is what was streamed. */
export interface Received extends Omit<HttpRequest, 'body' | 'signal'> {
  readonly path: string
  readonly body: string | null
  readonly data: Buffer | null
}

/** Answers every request with what `answer` says, and remembers the requests. */
export class ReplayTransport implements HttpTransport {
  readonly received: Received[] = []
  readonly #answer: (request: Received) => Answer

  constructor(answer: (request: Received) => Answer) {
    this.#answer = answer
  }

  async request({ method, url, headers, body }: HttpRequest): Promise<HttpResponse> {
    const { pathname, search } = new URL(url)
    const isText = body === null || typeof body === 'string'
    const pieces: Uint8Array[] = []
    if (!isText) for await (const piece of body) pieces.push(piece)
    const got = {
      method,
      url,
      headers,
      path: `${pathname}${search}`,
      body: isText ? body : null,
      data: isText ? null : Buffer.concat(pieces),
    }
    this.received.push(got)
    const answer = this.#answer(got)
    const lower = Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value])
    return { status: answer.status, headers: Object.fromEntries(lower), body: bodyOf(Buffer.from(answer.body)) }
  }

  async close(): Promise<void> {}
}

function bodyOf(data: Buffer): HttpResponse['body'] {
  return {
    async *[Symbol.asyncIterator]() {
      if (data.length > 0) yield data
    },
    destroy() {},
  }
}
