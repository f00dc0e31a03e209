import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { type ConnectionSettings, type HttpRequest, type HttpResponse, type HttpTransport, TransportFailure } from './transport.js'

/**
 * A service's answer is waited for by the caller's signal, and these end what the signal cannot see: an answer of which nothing comes any
 * more. Larger than any time limit of a request.
 */
const silenceMs = 600_000

/** Idle connections are given up after this long; most servers keep them for 5 s or more. */
const keepAliveMs = 4_000

/** Connections to one address. Further requests wait, so that a burst does not take a service down. */
const connectionsPerOrigin = 64

/** HTTP/1.1 by undici, which is loaded with the first request. */
export class UndiciTransport implements HttpTransport {
  readonly #settings: ConnectionSettings
  #agent: Promise<Dispatcher> | null = null
  #closed = false

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
  }

  async request({ method, url, headers, body, signal }: HttpRequest): Promise<HttpResponse> {
    if (this.#closed) throw new TransportFailure('not_connected', 'the clients were closed')
    this.#agent ??= this.#makeAgent()
    const agent = await this.#agent.catch((err: unknown) => {
      this.#agent = null // another attempt may find the files
      throw err
    })
    const { origin, pathname, search } = new URL(url)
    try {
      const response = await agent.request({
        origin,
        path: `${pathname}${search}`,
        method: methodOf(method),
        headers: { ...headers },
        body: typeof body === 'string' || body === null ? body : Readable.from(body),
        signal,
      })
      const first = Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])
      return { status: response.statusCode, headers: Object.fromEntries(first), body: readable(response.body, signal) }
    } catch (err) {
      throw failureOf(err, signal)
    }
  }

  async #makeAgent(): Promise<Dispatcher> {
    const { cafile, certfile, keyfile, insecure, connectTimeoutMs } = this.#settings
    const [{ Agent }, ca, cert, key] = await Promise.all([import('undici'), pem(cafile), pem(certfile), pem(keyfile)])
    return new Agent({
      connect: { timeout: connectTimeoutMs, rejectUnauthorized: !insecure, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
      connections: connectionsPerOrigin,
      keepAliveTimeout: keepAliveMs,
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    const agent = await this.#agent?.catch(() => null)
    await agent?.destroy()
  }
}

/** A certfile may hold the key as well; then there is no keyfile. */
async function pem(path: string | null): Promise<Buffer | null> {
  if (path === null || path === '') return null
  return readFile(path).catch((err: unknown) => {
    throw new TransportFailure('configuration', `${path} cannot be read`, { cause: err })
  })
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

function methodOf(name: string): (typeof methods)[number] {
  const method = methods.find((one) => one === name)
  if (method === undefined) throw new TypeError(`${name} is no method of a REST service`)
  return method
}

interface Body extends AsyncIterable<Uint8Array> {
  destroy(err?: Error): unknown
  on(event: 'error', listener: () => void): unknown
}

function readable(body: Body, signal: AbortSignal): HttpResponse['body'] {
  body.on('error', () => {}) // seen by whoever reads; nobody else needs to
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* body
      } catch (err) {
        throw failureOf(err, signal)
      }
    },
    destroy: () => void body.destroy(),
  }
}

function failureOf(err: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason
  const code = codeOf(err)
  const message = err instanceof Error && err.message !== '' ? err.message : (code ?? 'the connection failed')
  if (code !== null && notConnected.has(code)) return new TransportFailure('not_connected', message, { cause: err })
  if (code !== null && /^(ERR_(SSL|TLS)|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|EPROTO)/.test(code))
    return new TransportFailure('tls', message, { cause: err })
  return new TransportFailure('broken', message, { cause: err })
}

/** The code of an error, or of the first of those that an AggregateError holds (one for each address of a name). */
function codeOf(err: unknown): string | null {
  if (typeof err !== 'object' || err === null) return null
  if ('code' in err && typeof err.code === 'string') return err.code
  return err instanceof AggregateError ? codeOf(err.errors[0]) : null
}

const notConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])
