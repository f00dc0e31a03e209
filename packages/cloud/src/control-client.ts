import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import {
  type CallOptions,
  type ErrorCatalogue,
  formatJson,
  InvalidTarget,
  type Json,
  type JsonObject,
  MessagingTimeout,
  parseJson,
  RemoteError,
  type RpcClient,
  type RpcClientOptions,
  type Target,
  type Transport,
} from '@micronova/messaging'
import type { ControlAnswer, ControlRequest } from './control-protocol.js'
import { CloudError } from './errors.js'
import { socketPath } from './socket-path.js'

/** The transport of a cloud that runs in another process on `memory://`, as far as a client needs it. */
export class ControlTransport implements Pick<Transport, 'client'> {
  readonly #path: string
  readonly #errors: ErrorCatalogue

  /** @param path of the cloud's control socket */
  constructor(path: string, { errors }: { readonly errors: ErrorCatalogue }) {
    this.#path = socketPath(path)
    this.#errors = errors
  }

  /** What the cloud says of itself. @throws CloudError `control_unavailable` if none listens there */
  async describe(): Promise<JsonObject> {
    return (await this.#exchange('GET', '/')) as JsonObject
  }

  client<C>(target: Target, options: RpcClientOptions<C>): RpcClient<C> {
    const send = async (
      kind: ControlRequest['kind'],
      sendTo: CallOptions,
      ctx: C,
      method: string,
      args: Readonly<Record<string, unknown>>,
      signal?: AbortSignal,
    ) => {
      const { serializer } = options
      const asked: ControlRequest = {
        kind,
        target: sendTo,
        method,
        args: Object.fromEntries(Object.entries(args).map(([name, value]) => [name, serializer.serializeEntity(ctx, value)])),
        context: serializer.serializeContext(ctx),
      }
      const answer = (await this.#exchange('POST', '/rpc', formatJson(asked as unknown as Json), signal)) as unknown as ControlAnswer
      return serializer.deserializeEntity(ctx, this.#resultOf(method, answer))
    }
    const prepare = (own: CallOptions): RpcClient<C> => ({
      prepare: (changes) => prepare({ ...own, ...changes }),
      canSendVersion: () => true,
      call: async <R>(ctx: C, method: string, args: Readonly<Record<string, unknown>>, signal?: AbortSignal) =>
        (await send('call', own, ctx, method, args, signal)) as R,
      cast: async (ctx, method, args) => void (await send('cast', own, ctx, method, args)),
    })
    return prepare(target)
  }

  #resultOf(method: string, answer: ControlAnswer): Json {
    switch (answer.kind) {
      case 'result':
        return answer.result
      case 'failure':
        throw this.#errors.fromFailure(answer.failure) ?? new RemoteError(answer.failure)
      case 'timeout':
        throw new MessagingTimeout(method, answer.waitedMs)
      case 'refused':
        throw new InvalidTarget(answer.message)
    }
  }

  async #exchange(method: string, path: string, body?: string, signal?: AbortSignal): Promise<Json> {
    try {
      const headers = { 'content-type': 'application/json' }
      const outgoing = request({ socketPath: this.#path, method, path, headers, ...(signal && { signal }) })
      outgoing.on('error', () => {}) // also after an answer that came before all was sent
      outgoing.end(body)
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
      return parseJson(await textOf(response))
    } catch (err) {
      if (signal?.aborted) throw signal.reason
      throw new CloudError('control_unavailable', `no cloud answers at ${this.#path}: ${(err as Error).message}`, { cause: err })
    }
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) text += chunk
  return text
}
