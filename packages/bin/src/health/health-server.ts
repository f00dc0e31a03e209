import { once } from 'node:events'
import { lstatSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Logger } from '@micronova/log'
import { isAnswered, listenPrivately } from '../private-socket.js'
import { CommandFailed } from '../usage-error.js'
import { type HealthAddress, isLocal, showAddress } from './address.js'
import type { Answer } from './answers.js'

/** Whoever asks and reads is done long before; a connection that is only held is given up. */
const patienceMs = 5000
/** A Prometheus, a kubelet and an operator need three. More are closed as they come. */
const mostConnections = 64
const mostHeaderBytes = 8192
/** How often connections are looked at that take too long. */
const lookMs = 1000

/** What is answered to a GET of a path. */
export type Routes = Readonly<Record<string, (query: URLSearchParams) => Promise<Answer>>>

/**
 * Three GETs over HTTP, bounded in every direction: what a client sends, how long it takes for it and for reading, how many there are.
 * Node's own server is all that this needs.
 */
export class HealthServer {
  readonly #log: Logger
  readonly #routes: Routes
  readonly #server: Server

  constructor({ log }: { readonly log: Logger }, routes: Routes) {
    this.#log = log
    this.#routes = routes
    const limits = {
      maxHeaderSize: mostHeaderBytes,
      headersTimeout: patienceMs,
      requestTimeout: patienceMs,
      keepAliveTimeout: patienceMs,
      connectionsCheckingInterval: lookMs,
    }
    this.#server = createServer(limits, (request, response) => void this.#answer(request, response))
    this.#server.maxConnections = mostConnections
    this.#server.setTimeout(patienceMs, (socket) => socket.destroy()) // one that does not read its answer
  }

  /**
   * @returns where it listens: the port, if it was to be any
   * @throws CommandFailed
   */
  async listen(address: HealthAddress): Promise<HealthAddress> {
    try {
      await this.#bind(address)
    } catch (err) {
      const isTaken = (err as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (!isTaken || address.kind !== 'unix' || !(await isLeftOver(address.path))) throw refusal(address, err)
      rmSync(address.path, { force: true }) // left by a process that was killed
      await this.#bind(address).catch((again) => {
        throw refusal(address, again)
      })
    }
    this.#server.on('error', (err) => this.#log.warning('A connection for health and metrics could not be taken', { err }))
    const bound = this.#server.address()
    const at: HealthAddress =
      address.kind === 'tcp' && bound !== null && typeof bound === 'object' ? { ...address, port: bound.port } : address
    this.#log.info(`Health and metrics at ${showAddress(at)}`)
    if (!isLocal(address))
      this.#log.warning(`Whoever reaches ${showAddress(at)} can read health and metrics: nobody is asked who he is there`)
    return at
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #bind(address: HealthAddress): Promise<void> {
    if (address.kind === 'tcp') this.#server.listen(address.port, address.host)
    else listenPrivately(this.#server, address.path)
    await once(this.#server, 'listening')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const {
      status,
      body,
      type = 'text/plain; charset=utf-8',
    } = await this.#answerTo(request).catch((err): Answer => {
      this.#log.error('A question about health or metrics could not be answered', { err })
      return { status: 500, body: 'it could not be found out; the log says why\n' }
    })
    response.on('error', () => {}) // who asked is gone
    const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
    response.writeHead(status, {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      ...(status === 405 && { Allow: 'GET, HEAD' }),
      ...(hasBody && { Connection: 'close' }), // it is not read
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }

  async #answerTo({ method, url = '' }: IncomingMessage): Promise<Answer> {
    const [path = '', query = ''] = url.split(/\?(.*)/s, 2)
    const route = Object.hasOwn(this.#routes, path) ? this.#routes[path] : undefined
    if (route === undefined) return { status: 404, body: `there is nothing but ${Object.keys(this.#routes).join(', ')}\n` }
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'only GET and HEAD\n' }
    return route(new URLSearchParams(query))
  }
}

function refusal(address: HealthAddress, err: unknown): CommandFailed {
  const { code, message } = err as NodeJS.ErrnoException
  const why = code === 'EADDRINUSE' ? 'another process has it (EADDRINUSE)' : (code ?? message)
  return new CommandFailed(`[micronova] health_listen: cannot listen at ${showAddress(address)}: ${why}`)
}

/** A socket on which nobody answers. */
async function isLeftOver(path: string): Promise<boolean> {
  return lstatSync(path).isSocket() && !(await isAnswered(path))
}
