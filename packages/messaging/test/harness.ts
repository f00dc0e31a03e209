import { randomUUID } from 'node:crypto'
import { type Clock, systemClock, systemRandom } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { connect } from 'amqplib'
import type { Driver, Listener, Publication } from '../src/driver.js'
import {
  createTransport,
  type ErrorCatalogue,
  type Json,
  type JsonObject,
  MemoryBus,
  type RpcObserver,
  type Serializer,
  type Transport,
  type TransportOptions,
} from '../src/index.js'

/** What a test registers its cleaning up with. */
export interface TestContext {
  after(fn: () => void | Promise<void>): void
}

/** Values and contexts go through as they are. */
export const plainSerializer: Serializer<JsonObject> = {
  serializeEntity: (_ctx, value) => value as Json,
  deserializeEntity: (_ctx, value) => value,
  serializeContext: (ctx) => ctx,
  deserializeContext: (context) => context,
}

export class Teapot extends Error {
  readonly size: number

  constructor(size: number) {
    super(`I am a teapot of ${size}`)
    this.size = size
  }
}

/** Knows one error, `kitchen.exception.Teapot`. */
export const teapotCatalogue: ErrorCatalogue = {
  toFailure: (err) =>
    err instanceof Teapot
      ? { class: 'Teapot', module: 'kitchen.exception', message: err.message, args: [err.message], kwargs: { size: err.size } }
      : undefined,
  fromFailure: ({ class: name, module, kwargs }) =>
    name === 'Teapot' && module === 'kitchen.exception' ? new Teapot(Number(kwargs.size)) : undefined,
}

/** Keeps its lines as `LEVEL message`, for a test to wait for or to count. */
export class LinesLog implements Logger {
  readonly name = 'test'
  readonly lines: string[] = []
  readonly #waiting = new Set<() => void>()

  debug(message: string): void {
    this.#add('DEBUG', message)
  }
  info(message: string): void {
    this.#add('INFO', message)
  }
  warning(message: string): void {
    this.#add('WARNING', message)
  }
  error(message: string): void {
    this.#add('ERROR', message)
  }
  critical(message: string): void {
    this.#add('CRITICAL', message)
  }
  isEnabled(): boolean {
    return true
  }
  child(): Logger {
    return this
  }
  with(): Logger {
    return this
  }

  matching(pattern: RegExp): string[] {
    return this.lines.filter((line) => pattern.test(line))
  }

  /** Resolves once `count` lines match. */
  seen(pattern: RegExp, count = 1): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.matching(pattern).length < count) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
  }

  #add(level: string, message: string): void {
    this.lines.push(`${level} ${message}`)
    for (const check of [...this.#waiting]) check()
  }
}

export interface TestTransport {
  readonly transport: Transport
  readonly log: LinesLog
}

export interface TestTransportOptions extends TransportOptions {
  readonly clock?: Clock
  readonly bus?: MemoryBus
  readonly observer?: RpcObserver
}

/** A transport that is stopped after the test. */
export function openTransport(
  t: TestContext,
  url: string,
  { clock = systemClock, bus, observer, ...options }: TestTransportOptions = {},
): TestTransport {
  const log = new LinesLog()
  const deps = { log, clock, random: systemRandom, errors: teapotCatalogue, bus: bus ?? new MemoryBus({ clock }), observer }
  const transport = createTransport(url, deps, { responseTimeoutSeconds: 10, ...options })
  // No timer of a transport keeps the process alive, and memory:// has no socket that would.
  const keepAlive = setInterval(() => {}, 60_000)
  t.after(() => {
    clearInterval(keepAlive)
    return transport.stop(AbortSignal.timeout(2000))
  })
  return { transport, log }
}

/** Keeps what is published. */
export class RecordingDriver implements Driver {
  readonly publications: Publication[] = []
  failWith: Error | null = null

  async publish(publication: Publication): Promise<void> {
    this.publications.push(publication)
    if (this.failWith !== null) throw this.failWith
  }
  async listen(): Promise<Listener> {
    return { pause: async () => {}, close: async () => {} }
  }
  stalledMs(): number {
    return 0
  }
  connections(): readonly [] {
    return []
  }
  unsent(): number {
    return 0
  }
  async stop(): Promise<void> {}
}

/** Delete queues and an exchange of the shared broker after the test. */
export function removeAfter(
  t: TestContext,
  amqpUrl: string,
  { queues, exchange }: { readonly queues: readonly string[]; readonly exchange: string },
): void {
  t.after(async () => {
    const connection = await connect(amqpUrl)
    const channel = await connection.createChannel()
    for (const queue of queues) await channel.deleteQueue(queue)
    await channel.deleteExchange(exchange)
    await connection.close()
  })
}

/** A name that no other test uses, of topics, exchanges and queues. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`
}

/** A promise and the means to settle it. */
export function deferred<T = void>(): { readonly promise: Promise<T>; resolve(value: T): void; reject(err: unknown): void } {
  let resolve!: (value: T) => void
  let reject!: (err: unknown) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
