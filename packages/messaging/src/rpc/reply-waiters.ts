import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Delivery, Driver, Listener } from '../driver.js'
import { unwrap } from '../envelope.js'
import { MessageDeliveryFailure, MessagingTimeout } from '../errors.js'
import { fromFailure } from '../failure.js'
import { newId } from '../ids.js'
import type { Json } from '../json.js'
import { decodeReply, type ReplyMessage } from '../message.js'
import { findMsgId } from '../reply-address.js'
import type { EndedCall, OutstandingCall, RpcObserver } from '../report.js'
import type { ErrorCatalogue } from '../serializer.js'
import { type Deadline, Deadlines } from './deadlines.js'

export interface ReplyWaitersDeps {
  readonly driver: Driver
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly errors: ErrorCatalogue
  readonly observer?: RpcObserver | undefined
}

export interface WaitOptions {
  readonly method: string
  readonly topic: string
  /** Of the topic; null: any of them. */
  readonly server: string | null
  /** Of the request on whose behalf the call is made. */
  readonly requestId: string | null
  readonly timeoutMs: number
  /** Silence that ends the wait; every heartbeat of the server begins it anew. */
  readonly monitorTimeoutMs: number | null
}

/** A call that waits for its reply. */
export interface ReplyWaiter {
  readonly msgId: string
  readonly result: Promise<Json>
  readonly isSettled: boolean
  fail(err: unknown): void
}

/**
 * The reply queue of a transport and the calls that wait at it. The queue is made at the first call and keeps its name;
 * after a reconnect it is declared again and the calls keep waiting.
 *
 * @see oslo.messaging 14.0.3, `_drivers/amqpdriver.py`, `ReplyWaiter`
 */
export class ReplyWaiters {
  readonly queue: string
  readonly #deps: ReplyWaitersDeps
  readonly #deadlines: Deadlines
  readonly #waiters = new Map<string, Waiter>()
  readonly #halt = new AbortController()
  #listening: Promise<Listener> | null = null
  #isListening = false

  constructor(deps: ReplyWaitersDeps) {
    this.#deps = deps
    this.#deadlines = new Deadlines(deps)
    this.queue = `reply_${newId(deps.random)}`
  }

  /** Calls that wait now. */
  get size(): number {
    return this.#waiters.size
  }

  /** Calls that wait now, oldest first. */
  report(): OutstandingCall[] {
    const { clock } = this.#deps
    const offsetMs = clock.now() - clock.monotonicMs()
    return [...this.#waiters.values()].map(({ options: { method, topic, server, requestId }, startedMs }) => ({
      to: server === null ? topic : `${topic}.${server}`,
      method,
      requestId,
      sinceMs: offsetMs + startedMs,
    }))
  }

  /** `null` once replies can come; until then a promise of that. */
  ready(): Promise<unknown> | null {
    if (this.#isListening) return null
    this.#listening ??= this.#listen()
    return this.#listening
  }

  add(options: WaitOptions): ReplyWaiter {
    const { clock, random } = this.#deps
    const waiter = new Waiter(newId(random), options, clock.monotonicMs(), (settled, outcome) => this.#remove(settled, outcome))
    this.#waiters.set(waiter.msgId, waiter)
    this.#deadlines.add(waiter)
    return waiter
  }

  /** Calls that still wait fail. */
  async stop(): Promise<void> {
    this.#halt.abort()
    for (const waiter of [...this.#waiters.values()])
      waiter.fail(new MessageDeliveryFailure(`${waiter.options.method}: the transport is stopped`))
    this.#deadlines.clear()
    const listener = await this.#listening?.catch(() => null)
    await listener?.close()
  }

  async #listen(): Promise<Listener> {
    try {
      const subscription = { kind: 'queue', queue: this.queue } as const
      const options = { prefetch: 0, lazyAcknowledgements: true }
      const listener = await this.#deps.driver.listen([subscription], options, (each) => this.#receive(each), this.#halt.signal)
      this.#isListening = true
      return listener
    } catch (err) {
      this.#listening = null
      throw err
    }
  }

  #receive(delivery: Delivery): void {
    let reply: ReplyMessage
    let body = ''
    try {
      body = delivery.body()
      reply = decodeReply(unwrap(body).message)
    } catch (err) {
      delivery.reject()
      this.#deps.log.error('a reply that cannot be read was dropped', { err })
      this.#waiters.get(findMsgId(body) ?? '')?.fail(err)
      return
    }
    delivery.acknowledge()
    const waiter = this.#waiters.get(reply.msgId)
    if (waiter === undefined) this.#logUnknown(reply.msgId, delivery.redelivered)
    else if (reply.failure !== null) waiter.fail(fromFailure(reply.failure, this.#deps.errors))
    else waiter.receive(reply, this.#deps.clock.monotonicMs())
  }

  #logUnknown(msgId: string, isRedelivered: boolean): void {
    if (isRedelivered) this.#deps.log.debug(`the reply to ${msgId} came again after a reconnect`)
    else this.#deps.log.info(`no call waits for the reply to ${msgId}: it came too late or is not ours`)
  }

  #remove(waiter: Waiter, outcome: EndedCall['outcome']): void {
    this.#waiters.delete(waiter.msgId)
    this.#deadlines.remove(waiter)
    const { observer, clock } = this.#deps
    if (observer === undefined) return
    const { method, topic } = waiter.options
    observer.called({ topic, method, durationMs: clock.monotonicMs() - waiter.startedMs, outcome })
  }
}

class Waiter implements ReplyWaiter, Deadline {
  readonly msgId: string
  readonly options: WaitOptions
  readonly result: Promise<Json>
  /** Monotonic. */
  readonly startedMs: number
  atMs: number
  isSettled = false
  readonly #endsMs: number
  readonly #monitorTimeoutMs: number | null
  readonly #onSettled: (waiter: Waiter, outcome: EndedCall['outcome']) => void
  #lastSignMs: number
  /** Old peers send the result and the end of the call in two messages. */
  #partialResult: Json = null
  #resolve!: (result: Json) => void
  #reject!: (err: unknown) => void

  constructor(msgId: string, options: WaitOptions, nowMs: number, onSettled: (waiter: Waiter, outcome: EndedCall['outcome']) => void) {
    this.msgId = msgId
    this.options = options
    this.startedMs = nowMs
    this.#lastSignMs = nowMs
    this.#endsMs = nowMs + options.timeoutMs
    this.#monitorTimeoutMs = options.monitorTimeoutMs
    this.atMs = this.#nextDeadline()
    this.#onSettled = onSettled
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  receive(reply: ReplyMessage, nowMs: number): void {
    if (reply.result !== null) this.#partialResult = reply.result
    if (reply.ending) {
      this.#settle('done')
      this.#resolve(this.#partialResult)
    } else {
      this.#lastSignMs = nowMs
      this.atMs = this.#nextDeadline()
    }
  }

  fail(err: unknown): void {
    if (this.isSettled) return
    this.#settle(err instanceof MessagingTimeout ? 'timeout' : 'failed')
    this.#reject(err)
  }

  expire(): void {
    this.fail(new MessagingTimeout(this.options.method, this.atMs - this.startedMs))
  }

  #nextDeadline(): number {
    return this.#monitorTimeoutMs === null ? this.#endsMs : Math.min(this.#endsMs, this.#lastSignMs + this.#monitorTimeoutMs)
  }

  #settle(outcome: EndedCall['outcome']): void {
    this.isSettled = true
    this.#onSettled(this, outcome)
  }
}
