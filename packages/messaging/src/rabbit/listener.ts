import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import type { Delivery, Listener, ListenOptions, Subscription } from '../driver.js'
import type { ConnectionReport } from '../report.js'
import { Acknowledgements } from './acknowledgements.js'
import { Link, type LinkDeps, type LinkOptions, type LinkUser } from './link.js'
import { declareSubscription, queueOf } from './topology.js'
import { WriteBatch } from './write-batch.js'

/**
 * Consumes over a connection of its own. On each new channel everything is declared again, the queues under their names.
 * Consumer tags count from "1" in the order of the subscriptions, as upstream's.
 *
 * @see oslo.messaging 14.0.3, `_drivers/impl_rabbit.py`, `Consumer`
 */
export class RabbitListener implements Listener, LinkUser<Channel> {
  readonly purpose = 'listen'
  readonly #deps: LinkDeps
  readonly #options: LinkOptions
  readonly #subscriptions: readonly Subscription[]
  readonly #listenOptions: ListenOptions
  readonly #onDelivery: (delivery: Delivery) => void
  readonly #link: Link<Channel>
  #channel: Channel | null = null
  #batch: WriteBatch | null = null
  #acknowledgements: Acknowledgements | null = null
  #isPaused = false

  constructor(
    deps: LinkDeps,
    options: LinkOptions,
    subscriptions: readonly Subscription[],
    listenOptions: ListenOptions,
    onDelivery: (delivery: Delivery) => void,
  ) {
    this.#deps = deps
    this.#options = options
    this.#subscriptions = subscriptions
    this.#listenOptions = listenOptions
    this.#onDelivery = onDelivery
    this.#link = new Link(deps, options, this)
  }

  /** Resolves when consuming for the first time. */
  ready(): Promise<void> {
    return this.#link.ready()
  }

  stalledMs(): number {
    return this.#link.stalledMs()
  }

  report(): ConnectionReport {
    return { purpose: this.purpose, ...this.#link.report(), queues: this.#subscriptions.map(queueOf) }
  }

  async pause(): Promise<void> {
    if (this.#isPaused) return
    this.#isPaused = true
    const channel = this.#channel
    // A channel that breaks meanwhile has no consumers either.
    if (channel !== null) await Promise.all(this.#subscriptions.map((_, index) => channel.cancel(tag(index)))).catch(() => {})
  }

  /**
   * The fanout queue is left to expire, as upstream leaves it: with the last queue its exchange would go, and a Python peer that has
   * declared that once fails whatever it tells all servers of the topic from then on.
   */
  async close(): Promise<void> {
    await this.pause()
    this.#acknowledgements?.flush()
    await this.#link.close()
  }

  open(connection: ChannelModel): Promise<Channel> {
    this.#batch = new WriteBatch(connection)
    return connection.createChannel()
  }

  async setUp(channel: Channel): Promise<void> {
    const { rabbit } = this.#options
    const acknowledgements = new Acknowledgements(
      { channel, batch: this.#batch, clock: this.#deps.clock },
      this.#listenOptions.lazyAcknowledgements === true,
    )
    this.#acknowledgements = acknowledgements
    channel.on('handler-error', (err) => this.#deps.log.error('a delivery could not be handled', { err }))
    if (this.#listenOptions.prefetch > 0) await channel.prefetch(this.#listenOptions.prefetch)
    for (const subscription of this.#subscriptions) await declareSubscription(channel, subscription, rabbit)
    if (this.#isPaused) return
    for (const [index, subscription] of this.#subscriptions.entries()) {
      const queue = queueOf(subscription)
      const onMessage = (message: ConsumeMessage | null) => {
        if (message === null) this.#cancelled(channel, queue)
        else this.#onDelivery(acknowledgements.received(message))
      }
      await channel.consume(queue, onMessage, {
        consumerTag: tag(index),
        ...(rabbit.cancelOnFailover && { arguments: { 'x-cancel-on-ha-failover': true } }),
      })
    }
  }

  onUp(channel: Channel): void {
    this.#channel = channel
  }

  onDown(): void {
    this.#channel = null
  }

  onAttemptFailed(): void {}

  onBlocked(): void {}

  /** The broker has ended a consumer: its queue was deleted, or moved to another node. A new channel declares it again. */
  #cancelled(channel: Channel, queue: string): void {
    if (this.#isPaused) return
    this.#deps.log.warning(`The broker no longer delivers from queue ${queue}; it is declared again`)
    channel.close().catch(() => {}) // closed already
  }
}

function tag(index: number): string {
  return String(index + 1)
}
