import { setMaxListeners } from 'node:events'
import { type Clock, doneOrAborted, type LifecycleState, type Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Delivery, Driver, Listener, Subscription } from '../driver.js'
import { parseObject, unwrap } from '../envelope.js'
import { MalformedMessage, NoSuchMethod } from '../errors.js'
import { newId } from '../ids.js'
import { decodeRequest, type ReplyAddress, type RequestMessage, requestIdOf } from '../message.js'
import { findReplyAddress } from '../reply-address.js'
import type { RequestInHand, RpcObserver, RpcServerReport } from '../report.js'
import type { ErrorCatalogue } from '../serializer.js'
import type { Target } from '../target.js'
import type { Endpoint, ReceivedWork, RpcServer, RpcServerOptions } from '../transport.js'
import { startCallHeartbeat } from './call-heartbeat.js'
import { findMethod, runMethod } from './dispatcher.js'
import { SeenMessages } from './duplicates.js'
import { type Outcome, Replier, type ReplierOptions } from './replier.js'

export interface ServerDeps {
  readonly driver: Driver
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly errors: ErrorCatalogue
  readonly observer?: RpcObserver | undefined
}

export interface ServerSettings extends ReplierOptions {
  readonly controlExchange: string
  readonly maxInHand: number
  /** 0: as many as may be in hand. */
  readonly prefetch: number
  /** Larger bodies are refused. */
  readonly maxMessageBytes: number
}

/** A request that is neither refused nor finished. */
interface Work {
  /** Several if it came again before it was acknowledged: after a reconnect the first one can no longer be settled. */
  readonly deliveries: Delivery[]
  readonly request: RequestMessage
  readonly text: string
}

/** Upstream remembers 16; a broken connection can bring back all that was unacknowledged, of three queues. */
const leastSeenMessages = 16
const queuesOfServer = 3
/** A journal that fails (disk full) must not make the broker deliver the same message in a tight loop. */
const requeueDelayMs = 1000

/**
 * Takes requests off its queues: decode, drop duplicates, journal, acknowledge, run, reply.
 *
 *   delivery --decode--> refused (logged, rejected, answered if a caller waits)
 *      |
 *      +--> waits for a free hand, unacknowledged --> accepted: journalled, acknowledged --> running --> replied
 *
 * `stop` takes nothing new, gives back what waits, waits for what is running and for its replies; the deadline aborts
 * the signal of what still runs.
 *
 * @see oslo.messaging 14.0.3, `rpc/server.py`, `_drivers/amqpdriver.py`, `RpcAMQPListener`
 */
export class DriverRpcServer<C> implements RpcServer {
  readonly #deps: ServerDeps
  readonly #target: Target & { readonly topic: string; readonly server: string }
  readonly #endpoints: readonly Endpoint<C>[]
  readonly #options: RpcServerOptions<C>
  readonly #settings: ServerSettings
  readonly #replier: Replier
  readonly #seen: SeenMessages
  readonly #maxInHand: number
  readonly #halt = new AbortController()
  readonly #inHand = new Set<RequestInHand>()
  readonly #waiting: Work[] = []
  readonly #unacknowledged = new Map<string, Work>()
  /** Replies being sent; a method's hand is free before its reply is out. */
  readonly #replies = new Set<Promise<void>>()
  #whenIdle: (() => void) | null = null
  #listener: Listener | null = null
  #state: LifecycleState = 'new'

  constructor(
    deps: ServerDeps,
    target: Target & { readonly topic: string; readonly server: string },
    endpoints: readonly Endpoint<C>[],
    options: RpcServerOptions<C>,
    settings: ServerSettings,
  ) {
    this.#deps = deps
    this.#target = target
    this.#endpoints = endpoints
    this.#options = options
    this.#settings = settings
    this.#maxInHand = options.maxInHand ?? settings.maxInHand
    this.#replier = new Replier(deps, settings)
    this.#seen = new SeenMessages(Math.max(leastSeenMessages, queuesOfServer * this.#maxInHand))
    setMaxListeners(0, this.#halt.signal) // each request in hand may listen to it several times
    for (const text of options.acceptedBefore ?? []) {
      const uniqueId = uniqueIdOf(text)
      if (uniqueId !== null) this.#seen.add(uniqueId)
    }
  }

  get state(): LifecycleState {
    return this.#state
  }

  get inHand(): readonly RequestInHand[] {
    return [...this.#inHand]
  }

  report(): RpcServerReport {
    const { topic, server } = this.#target
    return { topic, server, state: this.#state, inHand: this.inHand, waiting: this.#waiting.length }
  }

  async start(signal: AbortSignal): Promise<void> {
    if (this.#state !== 'new') throw new Error(`RPC server of ${this.#target.topic} cannot start: it is ${this.#state}`)
    this.#state = 'starting'
    const prefetch = this.#settings.prefetch || this.#maxInHand
    const listener = await this.#deps.driver.listen(this.#subscriptions(), { prefetch }, (delivery) => this.#receive(delivery), signal)
    this.#listener = listener
    if (this.state !== 'starting') return listener.close() // stop() came first
    this.#state = 'running'
  }

  async stop(deadline: AbortSignal): Promise<void> {
    if (this.#state === 'stopped') return
    this.#state = 'stopping'
    this.#waiting.length = 0 // unacknowledged: the broker has them still
    await doneOrAborted(this.#listener?.pause() ?? Promise.resolve(), deadline)
    await doneOrAborted(this.#drained(), deadline)
    this.#halt.abort(new Error(`RPC server of ${this.#target.topic} is stopping`))
    await this.#listener?.close()
    this.#state = 'stopped'
  }

  async replay(text: string): Promise<void> {
    const request = decodeRequest(parseObject(text))
    await this.#run({ ...request, replyTo: null })
  }

  #subscriptions(): Subscription[] {
    const { topic, server, exchange = this.#settings.controlExchange } = this.#target
    return [
      { kind: 'topic', exchange, routingKey: topic },
      { kind: 'topic', exchange, routingKey: `${topic}.${server}` },
      { kind: 'fanout', topic, queue: `${topic}_fanout_${newId(this.#deps.random)}` },
    ]
  }

  #receive(delivery: Delivery): void {
    let work: Work
    try {
      work = this.#decode(delivery)
    } catch (err) {
      this.#refuse(delivery, err)
      return
    }
    const { uniqueId } = work.request
    if (uniqueId !== null && !this.#seen.add(uniqueId)) {
      this.#cameAgain(uniqueId, delivery)
      return
    }
    if (uniqueId !== null) this.#unacknowledged.set(uniqueId, work)
    if (this.#inHand.size >= this.#maxInHand || this.#state === 'stopping') this.#waiting.push(work)
    else this.#take(work)
  }

  #cameAgain(uniqueId: string, delivery: Delivery): void {
    const first = this.#unacknowledged.get(uniqueId)
    if (first !== undefined) {
      first.deliveries.push(delivery)
      return
    }
    delivery.acknowledge()
    this.#deps.log.warning(`dropped a duplicate of a request, ${uniqueId}`)
  }

  #decode(delivery: Delivery): Work {
    const { maxMessageBytes } = this.#settings
    if (delivery.bytes > maxMessageBytes)
      throw new MalformedMessage(`the message has ${delivery.bytes} bytes, more than the ${maxMessageBytes} that are taken`)
    const { message, text } = unwrap(delivery.body())
    return { deliveries: [delivery], request: decodeRequest(message), text }
  }

  /** Never given back to the queue: it would come again and again. */
  #refuse(delivery: Delivery, err: unknown): void {
    delivery.reject()
    const to = findReplyAddress(bodyOf(delivery))
    this.#deps.log.error(`refused a message on ${this.#target.topic}${to === null ? '' : ` that ${to.queue} waits for`}`, { err })
    if (to !== null) this.#reply(to, { error: err })
  }

  #take(work: Work): void {
    const entry = this.#begin(work.request)
    this.#accept(work)
      .catch((err) => this.#deps.log.error(`the journal entry of ${entry.method} could not be closed`, { err }))
      .finally(() => this.#release(entry))
  }

  async #accept(work: Work): Promise<void> {
    let written: { finished(): void } | null = null
    try {
      const accepted = this.#options.journal?.accept(receivedWork(work))
      if (accepted) written = await accepted // not awaited otherwise: acknowledged in the same turn
    } catch (err) {
      this.#giveBack(work, err)
      return
    }
    if (this.#acknowledge(work)) await this.#process(work.request)
    written?.finished()
  }

  #giveBack(work: Work, err: unknown): void {
    this.#deps.log.error(`${work.request.method} could not be journalled; it goes back to the queue`, { err })
    this.#forget(work)
    this.#deps.clock.setTimer(requeueDelayMs, () => {
      for (const delivery of work.deliveries) delivery.requeue()
    })
  }

  /** False: the connection is gone, the broker will deliver the request again, and only then may it run. */
  #acknowledge(work: Work): boolean {
    const { uniqueId, method } = work.request
    if (uniqueId !== null) this.#unacknowledged.delete(uniqueId)
    const isAcknowledged = work.deliveries.map((delivery) => delivery.acknowledge()).includes(true)
    if (isAcknowledged) return true
    this.#deps.log.warning(`${method} could not be acknowledged; it will come again`)
    this.#forget(work)
    return false
  }

  /** Its next coming is not a duplicate. */
  #forget({ request: { uniqueId } }: Work): void {
    if (uniqueId === null) return
    this.#seen.forget(uniqueId)
    this.#unacknowledged.delete(uniqueId)
  }

  #release(entry: RequestInHand): void {
    this.#inHand.delete(entry)
    const next = this.#state === 'stopping' ? undefined : this.#waiting.shift()
    if (next !== undefined) this.#take(next)
    this.#checkIdle()
  }

  #begin(request: RequestMessage): RequestInHand {
    const entry = { method: request.method ?? 'None', requestId: requestIdOf(request.context), sinceMs: this.#deps.clock.now() }
    this.#inHand.add(entry)
    return entry
  }

  async #process(request: RequestMessage): Promise<void> {
    const to = request.replyTo
    const endHeartbeat = to?.monitorTimeout ? startCallHeartbeat({ ...this.#deps, replier: this.#replier }, to) : null
    const outcome = await this.#dispatch(request)
    endHeartbeat?.()
    if (to !== null) this.#reply(to, outcome)
  }

  async #run(request: RequestMessage): Promise<void> {
    const entry = this.#begin(request)
    try {
      await this.#dispatch(request)
    } finally {
      this.#release(entry)
    }
  }

  async #dispatch(request: RequestMessage): Promise<Outcome> {
    const { observer, clock } = this.#deps
    if (observer === undefined) return this.#answer(request)
    const begunMs = clock.monotonicMs()
    const outcome = await this.#answer(request)
    observer.handled({
      topic: this.#target.topic,
      namespace: request.namespace,
      method: 'error' in outcome && outcome.error instanceof NoSuchMethod ? null : request.method,
      durationMs: clock.monotonicMs() - begunMs,
      outcome: 'error' in outcome ? 'failed' : 'done',
    })
    return outcome
  }

  async #answer(request: RequestMessage): Promise<Outcome> {
    let isExpected = (_err: unknown): boolean => false
    try {
      const method = findMethod(this.#endpoints, request)
      isExpected = method.isExpected ?? isExpected
      return { result: await runMethod(method, request, this.#options.serializer, this.#halt.signal) }
    } catch (error) {
      const isQuiet = isExpected(error) || (error instanceof NoSuchMethod && error.method.endsWith('_ignore_errors'))
      if (isQuiet) this.#deps.log.debug(`${request.method} failed as expected`, { err: error })
      else this.#deps.log.error(`Exception during message handling of ${request.method}`, { err: error })
      return { error }
    }
  }

  #reply(to: ReplyAddress, outcome: Outcome): void {
    const sending = this.#replier.reply(to, outcome).then(() => {
      this.#replies.delete(sending)
      this.#checkIdle()
    })
    this.#replies.add(sending)
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenIdle = resolve
      this.#checkIdle()
    })
  }

  #checkIdle(): void {
    if (this.#whenIdle !== null && this.#inHand.size === 0 && this.#replies.size === 0) this.#whenIdle()
  }
}

/** `null` as well for a text that cannot be read: nothing that is delivered will equal it. */
function uniqueIdOf(text: string): string | null {
  try {
    return decodeRequest(parseObject(text)).uniqueId
  } catch {
    return null
  }
}

/** Empty if the body cannot even be decompressed. */
function bodyOf(delivery: Delivery): string {
  try {
    return delivery.body()
  } catch {
    return ''
  }
}

function receivedWork({ request, text }: Work): ReceivedWork {
  return {
    method: request.method ?? 'None',
    namespace: request.namespace,
    version: request.version ?? '1.0',
    uniqueId: request.uniqueId ?? '',
    isCall: request.replyTo !== null,
    text,
  }
}
