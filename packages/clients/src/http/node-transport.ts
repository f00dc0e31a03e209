import { readFile } from 'node:fs/promises'
import type { ClientRequest, Agent as HttpAgent, IncomingMessage, RequestOptions } from 'node:http'
import type { AgentOptions } from 'node:https'
import { Readable } from 'node:stream'
import type { Clock } from '@micronova/lifecycle'
import { transportFailureOf } from './failure-of.js'
import { type ConnectionSettings, type HttpRequest, type HttpResponse, type HttpTransport, TransportFailure } from './transport.js'

/** Idle connections are given up after this long; most servers keep them for 5 s or more. */
const keepAliveMs = 4_000

/** Connections to one address. Further requests wait, so that a burst does not take a service down. */
const connectionsPerOrigin = 64

interface Wire {
  readonly agent: HttpAgent
  readonly tls: AgentOptions
  request(url: string, options: RequestOptions): ClientRequest
}

/**
 * HTTP/1.1 by Node's own client. It costs a start some 10 ms, and nothing before the first request; undici would cost 80 ms.
 */
export class NodeTransport implements HttpTransport {
  readonly #settings: ConnectionSettings
  readonly #clock: Pick<Clock, 'setTimer'>
  /** By protocol. */
  readonly #wires = new Map<string, Promise<Wire>>()
  #isClosed = false

  constructor(clock: Pick<Clock, 'setTimer'>, settings: ConnectionSettings) {
    this.#clock = clock
    this.#settings = settings
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const wire = await this.#wireFor(new URL(request.url).protocol)
    if (this.#isClosed) throw new TransportFailure('closed', 'the clients were closed')
    const first = new Exchange(wire, request, { agent: wire.agent })
    try {
      return await this.#answerOf(first)
    } catch (err) {
      if (!first.wasStale || this.#isClosed) throw err
      return await this.#answerOf(new Exchange(wire, request, { ...wire.tls, agent: false }))
    }
  }

  #answerOf(exchange: Exchange): Promise<HttpResponse> {
    exchange.limitConnecting(this.#clock, this.#settings.connectTimeoutMs)
    return exchange.response
  }

  async #wireFor(protocol: string): Promise<Wire> {
    const known = this.#wires.get(protocol) ?? (protocol === 'https:' ? this.#secureWire() : plainWire())
    this.#wires.set(protocol, known)
    try {
      return await known
    } catch (err) {
      this.#wires.delete(protocol) // another attempt may find the files
      throw err
    }
  }

  async #secureWire(): Promise<Wire> {
    const { cafile, certfile, keyfile, insecure } = this.#settings
    const [{ Agent, request }, ca, cert, key] = await Promise.all([
      import('node:https'),
      pem(cafile),
      pem(certfile),
      pem(keyfile ?? certfile),
    ])
    const tls = { rejectUnauthorized: !insecure, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
    return { agent: new Agent({ ...agentOptions, ...tls }), tls, request }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const wires = await Promise.allSettled(this.#wires.values())
    for (const wire of wires) if (wire.status === 'fulfilled') wire.value.agent.destroy()
  }
}

const agentOptions = { keepAlive: true, maxSockets: connectionsPerOrigin, timeout: keepAliveMs, scheduling: 'lifo' } as const

async function plainWire(): Promise<Wire> {
  const { Agent, request } = await import('node:http')
  return { agent: new Agent(agentOptions), tls: {}, request }
}

/** A certfile may hold the key as well; then there is no keyfile. */
async function pem(path: string | null): Promise<Buffer | null> {
  if (path === null || path === '') return null
  return readFile(path).catch((err: unknown) => {
    throw new TransportFailure('configuration', `${path} cannot be read`, { cause: err })
  })
}

/** One request on its way. */
class Exchange {
  readonly #request: ClientRequest
  readonly #wanted: HttpRequest
  /** The data that is streamed to the service, and what went wrong with it. */
  readonly #source: Readable | null
  #sourceError: unknown = null
  #hasAnswer = false
  #error: unknown = null
  readonly response: Promise<HttpResponse>

  constructor(wire: Wire, wanted: HttpRequest, options: RequestOptions) {
    const { method, url, headers, body, signal } = wanted
    this.#wanted = wanted
    const length = typeof body === 'string' ? { 'Content-Length': String(Buffer.byteLength(body)) } : {}
    this.#request = wire.request(url, { ...options, method, headers: { ...headers, ...length }, signal })
    this.#source = typeof body === 'string' || body === null ? null : Readable.from(body)
    this.response = this.#answered()
    this.#send(body)
  }

  #send(body: HttpRequest['body']): void {
    if (typeof body === 'string') this.#request.end(body)
    else if (this.#source === null) this.#request.end()
    else {
      this.#source.on('error', (err) => {
        this.#sourceError = err
        this.#request.destroy(err)
      })
      this.#source.pipe(this.#request)
    }
  }

  #answered(): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      this.#request.on('error', (err) => {
        this.#error = err
        this.#source?.destroy()
        reject(this.#failure(err))
      })
      this.#request.once('response', (incoming) => {
        this.#hasAnswer = true
        this.#stopSending(incoming)
        resolve(this.#shown(incoming))
      })
    })
  }

  /** A service that answers before it has all data does not want the rest. */
  #stopSending(incoming: IncomingMessage): void {
    if (this.#source === null || this.#request.writableEnded) return
    this.#source.unpipe(this.#request)
    this.#source.destroy()
    incoming.once('close', () => this.#request.destroy())
  }

  #failure(err: unknown): unknown {
    if (this.#wanted.signal.aborted) return this.#wanted.signal.reason
    return this.#sourceError ?? transportFailureOf(err)
  }

  #shown(incoming: IncomingMessage): HttpResponse {
    const headers = Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value])
    const failure = (err: unknown) => this.#failure(err)
    incoming.on('error', () => {}) // seen by whoever reads; nobody else needs to
    return {
      status: incoming.statusCode ?? 0,
      headers: Object.fromEntries(headers),
      body: {
        async *[Symbol.asyncIterator]() {
          try {
            yield* incoming
          } catch (err) {
            throw failure(err)
          }
        },
        destroy: () => void incoming.destroy(),
      },
    }
  }

  /** A connection that is not made in time is given up. */
  limitConnecting(clock: Pick<Clock, 'setTimer'>, limitMs: number): void {
    this.#request.once('socket', (socket) => {
      if (!socket.connecting) return
      const late = new TransportFailure('not_connected', `no connection within ${limitMs} ms`)
      const timer = clock.setTimer(limitMs, () => this.#request.destroy(late))
      for (const event of ['connect', 'close']) socket.once(event, () => timer.cancel())
    })
  }

  /**
   * The service had given up a connection that was kept, just when it was used again. What may be done twice is then sent over a new one.
   */
  get wasStale(): boolean {
    const { method, body, signal } = this.#wanted
    const isRepeatable = method !== 'POST' && method !== 'PATCH' && (body === null || typeof body === 'string')
    const isBroken = this.#error !== null && transportFailureOf(this.#error).kind === 'broken'
    return isBroken && !this.#hasAnswer && this.#request.reusedSocket && isRepeatable && !signal.aborted
  }
}
