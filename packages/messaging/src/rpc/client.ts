import type { Random } from '@micronova/lifecycle'
import type { Destination, Driver } from '../driver.js'
import { wrap } from '../envelope.js'
import { InvalidTarget, RpcVersionCapError } from '../errors.js'
import { newId } from '../ids.js'
import type { Json, JsonObject } from '../json.js'
import { encodeRequest, type ReplyAddress, requestIdOf } from '../message.js'
import type { Target } from '../target.js'
import type { CallOptions, RpcClient, RpcClientOptions } from '../transport.js'
import { isVersion, isVersionCompatible } from '../version.js'
import type { ReplyWaiter, ReplyWaiters } from './reply-waiters.js'

export interface ClientParts {
  readonly driver: Driver
  readonly replies: ReplyWaiters
  readonly random: Random
  readonly controlExchange: string
  readonly responseTimeoutSeconds: number
}

type Arguments = Readonly<Record<string, unknown>>

/** Sends requests to a target. @see oslo.messaging 14.0.3, `rpc/client.py` */
export class DriverRpcClient<C> implements RpcClient<C> {
  readonly #parts: ClientParts
  readonly #target: CallOptions
  readonly #options: RpcClientOptions<C>

  constructor(parts: ClientParts, target: Target | CallOptions, options: RpcClientOptions<C>) {
    this.#parts = parts
    this.#target = target
    this.#options = options
  }

  prepare(options: CallOptions): RpcClient<C> {
    if (options.version !== undefined && !isVersion(options.version))
      throw new InvalidTarget(`a version has a major and a minor number; got '${options.version}'`)
    return new DriverRpcClient(this.#parts, { ...this.#target, ...withoutUndefined(options) }, this.#options)
  }

  canSendVersion(version: string | undefined = this.#target.version): boolean {
    return isVersionCompatible(this.#options.versionCap ?? null, version ?? null)
  }

  async call<R = unknown>(ctx: C, method: string, args: Arguments, signal?: AbortSignal): Promise<R> {
    if (this.#target.fanout) throw new InvalidTarget(`${method}: a call cannot be sent to a fanout`)
    signal?.throwIfAborted()
    const result = await this.#callAndWait(ctx, method, args, signal)
    return this.#options.serializer.deserializeEntity(ctx, result) as R
  }

  async cast(ctx: C, method: string, args: Arguments): Promise<void> {
    const body = this.#encode(ctx, this.#options.serializer.serializeContext(ctx), method, args, null)
    const mandatory = this.#target.atLeastOnce === true && !this.#target.fanout
    await this.#parts.driver.publish({ destination: this.#destination(method), body, mandatory, retry: -1 })
  }

  #callAndWait(ctx: C, method: string, args: Arguments, signal: AbortSignal | undefined): Promise<Json> {
    const { replies, responseTimeoutSeconds } = this.#parts
    const timeoutMs = (this.#target.timeoutSeconds ?? responseTimeoutSeconds) * 1000
    const monitorTimeout = this.#target.callMonitorTimeoutSeconds ?? null
    const context = this.#options.serializer.serializeContext(ctx)
    const waiter = replies.add({
      method,
      topic: this.#target.topic ?? '',
      server: this.#target.server ?? null,
      requestId: requestIdOf(context),
      timeoutMs,
      monitorTimeoutMs: monitorTimeout === null ? null : monitorTimeout * 1000,
    })
    try {
      const body = this.#encode(ctx, context, method, args, { msgId: waiter.msgId, queue: replies.queue, monitorTimeout })
      this.#send(waiter, body, this.#destination(method), timeoutMs).catch((err) => waiter.fail(err))
    } catch (err) {
      waiter.fail(err)
    }
    return signal === undefined ? waiter.result : withSignal(waiter, signal)
  }

  async #send(waiter: ReplyWaiter, body: string, destination: Destination, expirationMs: number): Promise<void> {
    const ready = this.#parts.replies.ready()
    if (ready !== null) await ready
    const mandatory = this.#target.atLeastOnce === true
    await this.#parts.driver.publish({ destination, body, expirationMs, mandatory, retry: -1, isCancelled: () => waiter.isSettled })
  }

  #encode(ctx: C, context: JsonObject, method: string, args: Arguments, replyTo: ReplyAddress | null): string {
    const { serializer, versionCap } = this.#options
    const serialized: Record<string, Json> = {}
    for (const name in args) serialized[name] = serializer.serializeEntity(ctx, args[name])
    const version = this.#target.version ?? null
    if (!isVersionCompatible(versionCap ?? null, version)) throw new RpcVersionCapError(version, versionCap as string)
    const request = encodeRequest({
      kind: 'request',
      method,
      args: serialized,
      namespace: this.#target.namespace ?? null,
      version,
      replyTo,
      uniqueId: newId(this.#parts.random),
      context,
    })
    return wrap(request)
  }

  #destination(method: string): Destination {
    const { topic, server, fanout, exchange = this.#parts.controlExchange } = this.#target
    if (topic === undefined) throw new InvalidTarget(`${method}: the target has no topic`)
    if (fanout) return { kind: 'fanout', topic }
    return { kind: 'topic', exchange, routingKey: server === undefined ? topic : `${topic}.${server}` }
  }
}

/** The caller stops waiting when the signal aborts; the server may still run the method. */
async function withSignal(waiter: ReplyWaiter, signal: AbortSignal): Promise<Json> {
  const onAbort = () => waiter.fail(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await waiter.result
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function withoutUndefined(options: CallOptions): CallOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
