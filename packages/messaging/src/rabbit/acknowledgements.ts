import type { Clock, Timer } from '@micronova/lifecycle'
import type { Channel, ConsumeMessage } from 'amqplib'
import type { Delivery } from '../driver.js'
import { decodeBody } from './compression.js'
import type { WriteBatch } from './write-batch.js'

/** How long and how many lazy acknowledgements are gathered: a reply stays in the broker's memory that much longer. */
const lazyMs = 20
const lazyCount = 64

export interface AcknowledgementsDeps {
  readonly channel: Channel
  readonly batch: WriteBatch | null
  readonly clock: Clock
}

/**
 * Settles the deliveries of one channel. Acknowledgements of one turn of the event loop go out together, lazy ones of
 * 20 ms: as one frame if nothing older is unsettled, which is the rule for a server without a journal and for a reply queue.
 */
export class Acknowledgements {
  readonly #channel: Channel
  readonly #batch: WriteBatch | null
  readonly #clock: Clock
  readonly #isLazy: boolean
  #isOpen = true
  #unsettled = 0
  #pending: ConsumeMessage[] = []
  #timer: Timer | null = null

  constructor({ channel, batch, clock }: AcknowledgementsDeps, isLazy: boolean) {
    this.#channel = channel
    this.#batch = batch
    this.#clock = clock
    this.#isLazy = isLazy
    channel.on('close', () => {
      this.#isOpen = false
      this.#timer?.cancel()
    })
  }

  received(message: ConsumeMessage): Delivery {
    this.#unsettled++
    return new RabbitDelivery(this, message)
  }

  acknowledge(message: ConsumeMessage): boolean {
    if (!this.#isOpen) return false
    this.#unsettled--
    const count = this.#pending.push(message)
    if (!this.#isLazy) {
      if (count === 1) queueMicrotask(() => this.flush())
    } else if (count >= lazyCount) this.flush()
    else this.#timer ??= this.#clock.setTimer(lazyMs, () => this.flush())
    return true
  }

  return(message: ConsumeMessage, requeue: boolean): void {
    if (!this.#isOpen) return
    this.#unsettled--
    this.#tell(() => this.#channel.reject(message, requeue))
  }

  /** What is acknowledged but not written yet is written. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = null
    const messages = this.#pending
    this.#pending = []
    const last = messages.at(-1)
    if (!this.#isOpen || last === undefined) return
    if (this.#unsettled === 0 && isAscending(messages)) this.#tell(() => this.#channel.ack(last, true))
    else {
      if (messages.length > 1) this.#batch?.gather()
      for (const message of messages) this.#tell(() => this.#channel.ack(message))
    }
  }

  /** A channel that is closing throws, and does not say that it is closing before it is closed. */
  #tell(write: () => void): void {
    try {
      write()
    } catch {
      this.#isOpen = false
    }
  }
}

/** A frame for "all up to this one" must name the newest. */
function isAscending(messages: readonly ConsumeMessage[]): boolean {
  return messages.every(
    (message, index) => index === 0 || message.fields.deliveryTag > (messages[index - 1] as ConsumeMessage).fields.deliveryTag,
  )
}

class RabbitDelivery implements Delivery {
  readonly #acknowledgements: Acknowledgements
  readonly #message: ConsumeMessage

  constructor(acknowledgements: Acknowledgements, message: ConsumeMessage) {
    this.#acknowledgements = acknowledgements
    this.#message = message
  }

  get bytes(): number {
    return this.#message.content.length
  }

  get redelivered(): boolean {
    return this.#message.fields.redelivered
  }

  body(): string {
    return decodeBody(this.#message.content, this.#message.properties.headers?.compression)
  }

  acknowledge(): boolean {
    return this.#acknowledgements.acknowledge(this.#message)
  }

  requeue(): void {
    this.#acknowledgements.return(this.#message, true)
  }

  reject(): void {
    this.#acknowledgements.return(this.#message, false)
  }
}
