import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Driver } from '../driver.js'
import { wrap } from '../envelope.js'
import { MessageUndeliverable } from '../errors.js'
import { toFailure } from '../failure.js'
import { newId } from '../ids.js'
import type { Json } from '../json.js'
import { encodeReply, type ReplyAddress } from '../message.js'
import type { ErrorCatalogue, RemoteFailure } from '../serializer.js'

export interface ReplierDeps {
  readonly driver: Driver
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly errors: ErrorCatalogue
}

export interface ReplierOptions {
  /** Replies ask the broker to say when the reply queue is missing: `direct_mandatory_flag`. */
  readonly mandatory: boolean
  /** How long a missing reply queue is waited for: `kombu_missing_consumer_retry_timeout`. */
  readonly missingQueueTimeoutMs: number
}

export type Outcome = { readonly result: Json } | { readonly error: unknown }

const missingQueueRetryMs = 250
/** A caller that is gone must not hold back each of its replies for the whole timeout. */
const goneQueueMs = 60_000
const goneQueues = 200

/**
 * Sends replies and heartbeats to the queues of callers.
 *
 * A missing reply queue may come back, as its owner declares it again after a broker restart; so a reply is tried for a
 * while before it is given up, and the queue is then remembered as gone.
 *
 * @see oslo.messaging 14.0.3, `_drivers/amqpdriver.py`, `AMQPIncomingMessage.reply`, `ObsoleteReplyQueuesCache`
 */
export class Replier {
  readonly #deps: ReplierDeps
  readonly #options: ReplierOptions
  /** Queue to the time until which it counts as gone, oldest first. */
  readonly #gone = new Map<string, number>()

  constructor(deps: ReplierDeps, options: ReplierOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** Send the end of a call. Never rejects: a reply that cannot be sent is logged. */
  async reply(to: ReplyAddress, outcome: Outcome): Promise<void> {
    if (this.#isGone(to)) return
    try {
      await this.#sendFor(to, this.#encodeOutcome(to, outcome))
    } catch (err) {
      this.#deps.log.error(`the reply to ${to.msgId} could not be sent`, { err })
    }
  }

  /** Tell a caller that monitors its call that it is still worked on. @throws MessageUndeliverable, MessageDeliveryFailure */
  async heartbeat(to: ReplyAddress): Promise<void> {
    if (!this.#isGone(to)) await this.#send(to, this.#encode(to, null, null, false), 0)
  }

  async #sendFor(to: ReplyAddress, body: string): Promise<void> {
    const { clock, log } = this.#deps
    const giveUpAt = clock.monotonicMs() + this.#options.missingQueueTimeoutMs
    for (;;) {
      try {
        return await this.#send(to, body, -1)
      } catch (err) {
        if (!(err instanceof MessageUndeliverable)) throw err
        if (clock.monotonicMs() >= giveUpAt) return this.#giveUp(to)
        log.debug(`the reply to ${to.msgId} could not be sent: its queue ${to.queue} is missing; trying again`)
      }
      await clock.sleep(missingQueueRetryMs)
      if (this.#isGone(to)) return
    }
  }

  #send(to: ReplyAddress, body: string, retry: number): Promise<void> {
    return this.#deps.driver.publish({ destination: { kind: 'queue', queue: to.queue }, body, mandatory: this.#options.mandatory, retry })
  }

  #encodeOutcome(to: ReplyAddress, outcome: Outcome): string {
    if ('error' in outcome) return this.#encode(to, null, toFailure(outcome.error, this.#deps.errors), true)
    try {
      return this.#encode(to, outcome.result, null, true)
    } catch (err) {
      this.#deps.log.error(`the result of ${to.msgId} cannot be serialised`, { err })
      return this.#encode(to, null, toFailure(err, this.#deps.errors), true)
    }
  }

  #encode(to: ReplyAddress, result: Json, failure: RemoteFailure | null, ending: boolean): string {
    return wrap(encodeReply({ kind: 'reply', result, failure, ending, msgId: to.msgId, uniqueId: newId(this.#deps.random) }))
  }

  #giveUp(to: ReplyAddress): void {
    const seconds = this.#options.missingQueueTimeoutMs / 1000
    this.#deps.log.error(`the reply to ${to.msgId} is given up: its queue ${to.queue} has been missing for ${seconds} s`)
    this.#gone.delete(to.queue)
    this.#gone.set(to.queue, this.#deps.clock.monotonicMs() + goneQueueMs)
    if (this.#gone.size > goneQueues) this.#gone.delete(this.#gone.keys().next().value as string)
  }

  #isGone(to: ReplyAddress): boolean {
    const until = this.#gone.get(to.queue)
    if (until === undefined) return false
    if (until <= this.#deps.clock.monotonicMs()) {
      this.#gone.delete(to.queue)
      return false
    }
    this.#deps.log.warning(`${to.queue} does not exist, the reply to ${to.msgId} is dropped`)
    return true
  }
}
