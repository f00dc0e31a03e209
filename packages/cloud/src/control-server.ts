import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { doneOrAborted, type Lifecycle, type LifecycleState } from '@micronova/lifecycle'
import {
  type ErrorCatalogue,
  formatJson,
  type Json,
  type JsonObject,
  MessagingTimeout,
  parseJson,
  RemoteError,
  type RemoteFailure,
  type Serializer,
  type Transport,
} from '@micronova/messaging'
import type { ControlAnswer, ControlRequest } from './control-protocol.js'
import { CloudError } from './errors.js'
import { socketPath } from './socket-path.js'

/** A request is a message of RPC; a boot with user data stays far below. */
const largestRequestBytes = 16 * 1024 * 1024

/** For the transport of a control server: every failure stays in its wire form, and the asking process makes its error of it. */
export const wireErrors: ErrorCatalogue = { toFailure: () => undefined, fromFailure: () => undefined }

/** Values stay in their wire form. */
const asIs: Serializer<JsonObject> = {
  serializeEntity: (_ctx, value) => value as Json,
  deserializeEntity: (_ctx, value) => value,
  serializeContext: (ctx) => ctx,
  deserializeContext: (context) => context,
}

/**
 * Lets other processes of the same user reach the `memory://` transport of a cloud: HTTP over a unix socket that only its owner
 * may open. `GET /` describes the cloud, `POST /rpc` passes one RPC on. A stop waits for the requests in work until its deadline.
 */
export class ControlServer implements Lifecycle {
  readonly #path: string
  readonly #transport: Pick<Transport, 'client'>
  readonly #describe: () => Json
  readonly #server: Server
  #state: LifecycleState = 'new'

  /** @param path of the socket; `describe` is asked at each `GET /`; `transport` has `wireErrors` for its catalogue */
  constructor(path: string, deps: { readonly transport: Pick<Transport, 'client'>; describe(): Json }) {
    this.#path = path
    this.#transport = deps.transport
    this.#describe = () => deps.describe()
    this.#server = createServer(async (request, response) => {
      const { status, body } = await this.#answer(request)
      response.writeHead(status, { 'content-type': 'application/json' }).end(formatJson(body as Json))
    })
  }

  get state(): LifecycleState {
    return this.#state
  }

  async start(): Promise<void> {
    this.#state = 'starting'
    // The state folder is ours by its lock: a socket that lies there was left by a process that is gone.
    rmSync(this.#path, { force: true })
    const path = socketPath(this.#path)
    await new Promise<void>((resolve, reject) => {
      // Kept when it listens: an `accept` that fails then concerns the process that asks, which sees it.
      this.#server.on('error', (err) =>
        reject(new CloudError('control_unavailable', `control socket ${this.#path}: ${err.message}`, { cause: err })),
      )
      this.#server.listen(path, resolve)
    })
    chmodSync(path, 0o600)
    this.#state = 'running'
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#state = 'stopping'
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve())) // also if it does not listen
    await doneOrAborted(closed, deadline)
    this.#server.closeAllConnections()
    await closed
    this.#state = 'stopped'
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    try {
      if (request.method === 'GET' && request.url === '/') return { status: 200, body: this.#describe() }
      if (request.method !== 'POST' || request.url !== '/rpc') return { status: 404, body: refused('there are GET / and POST /rpc') }
      return { status: 200, body: await this.#rpc(parseJson(await readBody(request)) as unknown as ControlRequest) }
    } catch (err) {
      return { status: 400, body: refused((err as Error).message) }
    }
  }

  async #rpc({ kind, target, method, args, context }: ControlRequest): Promise<ControlAnswer> {
    const client = this.#transport.client(target, { serializer: asIs }).prepare(target)
    try {
      if (kind === 'call') return { kind: 'result', result: await client.call<Json>(context, method, args) }
      await client.cast(context, method, args)
      return { kind: 'result', result: null }
    } catch (err) {
      if (err instanceof RemoteError) return { kind: 'failure', failure: failureOf(err) }
      if (err instanceof MessagingTimeout) return { kind: 'timeout', waitedMs: err.waitedMs }
      return refused((err as Error).message)
    }
  }
}

function refused(message: string): ControlAnswer {
  return { kind: 'refused', message }
}

function failureOf({ className, moduleName, remoteMessage, traceback, args, kwargs }: RemoteError): RemoteFailure {
  return { class: className, module: moduleName, message: remoteMessage, tb: traceback, args, kwargs }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  // Not destroyed if it is too large: its sender shall read the answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > largestRequestBytes) throw new Error(`the request is larger than ${largestRequestBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
