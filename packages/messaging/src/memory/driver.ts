import type { Clock } from '@micronova/lifecycle'
import type { Delivery, Destination, Driver, Listener, ListenOptions, Publication, Subscription } from '../driver.js'
import { MessageDeliveryFailure, MessageUndeliverable } from '../errors.js'
import type { ConnectionReport } from '../report.js'
import type { BusConsumer, BusMessage, MemoryBus } from './memory-bus.js'

/** The bus between transports of one process. Bodies are texts here too: what crosses it has been serialised. */
export class MemoryDriver implements Driver {
  readonly #bus: MemoryBus
  readonly #clock: Clock
  readonly #listeners = new Set<MemoryListener>()
  #stopped = false

  constructor(deps: { readonly bus: MemoryBus; readonly clock: Clock }) {
    this.#bus = deps.bus
    this.#clock = deps.clock
  }

  async publish(publication: Publication): Promise<void> {
    if (this.#stopped) throw new MessageDeliveryFailure('the transport is stopped')
    const queues = this.#route(publication.destination)
    if (queues.length === 0 && publication.mandatory) throw undeliverable(publication.destination)
    const expiresAtMs =
      publication.expirationMs === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonicMs() + publication.expirationMs
    for (const queue of queues) this.#bus.push(queue, { body: publication.body, expiresAtMs, redelivered: false })
  }

  async listen(
    subscriptions: readonly Subscription[],
    options: ListenOptions,
    onDelivery: (delivery: Delivery) => void,
  ): Promise<Listener> {
    if (this.#stopped) throw new MessageDeliveryFailure('the transport is stopped')
    const listener = new MemoryListener(
      { bus: this.#bus, clock: this.#clock },
      { subscriptions, prefetch: options.prefetch },
      onDelivery,
      () => this.#listeners.delete(listener),
    )
    this.#listeners.add(listener)
    return listener
  }

  stalledMs(): number {
    return 0
  }

  connections(): ConnectionReport[] {
    return [...this.#listeners].map(({ queues, sinceMs }) => ({
      purpose: 'listen',
      address: 'memory',
      state: 'up',
      sinceMs,
      reconnects: 0,
      isBlocked: false,
      queues,
    }))
  }

  unsent(): number {
    return 0
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all([...this.#listeners].map((listener) => listener.close()))
  }

  #route(destination: Destination): readonly string[] {
    switch (destination.kind) {
      case 'fanout':
        return this.#bus.fanoutQueues(destination.topic)
      case 'queue':
        return this.#bus.has(destination.queue) ? [destination.queue] : []
      case 'notification':
        this.#bus.declare(topicQueue(destination))
        return [topicQueue(destination)]
      case 'topic':
        return this.#bus.has(topicQueue(destination)) ? [topicQueue(destination)] : []
    }
  }
}

class MemoryListener implements Listener {
  readonly sinceMs: number
  readonly #bus: MemoryBus
  readonly #subscriptions: readonly Subscription[]
  readonly #consumers: readonly MemoryConsumer[]
  readonly #onClosed: () => void
  #closed = false

  constructor(
    { bus, clock }: { readonly bus: MemoryBus; readonly clock: Clock },
    { subscriptions, prefetch }: { readonly subscriptions: readonly Subscription[]; readonly prefetch: number },
    onDelivery: (delivery: Delivery) => void,
    onClosed: () => void,
  ) {
    this.sinceMs = clock.now()
    this.#bus = bus
    this.#subscriptions = subscriptions
    this.#onClosed = onClosed
    this.#consumers = subscriptions.map((subscription) => {
      const queue = queueOf(subscription)
      bus.declare(queue)
      if (subscription.kind === 'fanout') bus.bindFanout(subscription.topic, queue)
      const consumer = new MemoryConsumer(bus, queue, prefetch, onDelivery)
      bus.attach(queue, consumer)
      return consumer
    })
  }

  get queues(): string[] {
    return this.#subscriptions.map(queueOf)
  }

  async pause(): Promise<void> {
    for (const consumer of this.#consumers) consumer.detach()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const consumer of this.#consumers) consumer.close()
    for (const subscription of this.#subscriptions) if (subscription.kind !== 'topic') this.#bus.delete(queueOf(subscription))
    this.#onClosed()
  }
}

class MemoryConsumer implements BusConsumer {
  readonly #bus: MemoryBus
  readonly #queue: string
  readonly #prefetch: number
  readonly #onDelivery: (delivery: Delivery) => void
  readonly #unsettled = new Set<BusMessage>()

  constructor(bus: MemoryBus, queue: string, prefetch: number, onDelivery: (delivery: Delivery) => void) {
    this.#bus = bus
    this.#queue = queue
    this.#prefetch = prefetch
    this.#onDelivery = onDelivery
  }

  hasRoom(): boolean {
    return this.#prefetch === 0 || this.#unsettled.size < this.#prefetch
  }

  deliver(message: BusMessage): void {
    this.#unsettled.add(message)
    this.#onDelivery({
      bytes: message.body.length,
      redelivered: message.redelivered,
      body: () => message.body,
      acknowledge: () => this.#settle(message),
      reject: () => this.#settle(message),
      requeue: () => {
        if (this.#settle(message)) this.#bus.putBack(this.#queue, message)
      },
    })
  }

  detach(): void {
    this.#bus.detach(this.#queue, this)
  }

  close(): void {
    this.detach()
    for (const message of [...this.#unsettled].reverse()) this.#bus.putBack(this.#queue, message)
    this.#unsettled.clear()
  }

  #settle(message: BusMessage): boolean {
    const wasUnsettled = this.#unsettled.delete(message)
    if (wasUnsettled && this.#prefetch > 0) this.#bus.wake(this.#queue)
    return wasUnsettled
  }
}

/** Topic queues of two exchanges may bear the same name on this bus, unlike on a broker. */
function topicQueue(topic: { readonly exchange: string; readonly routingKey: string }): string {
  return `${topic.exchange}/${topic.routingKey}`
}

function queueOf(subscription: Subscription): string {
  return subscription.kind === 'topic' ? topicQueue(subscription) : subscription.queue
}

function undeliverable(destination: Destination): MessageUndeliverable {
  if (destination.kind === 'queue') return new MessageUndeliverable('', destination.queue)
  if (destination.kind === 'fanout') return new MessageUndeliverable(`${destination.topic}_fanout`, '')
  return new MessageUndeliverable(destination.exchange, destination.routingKey)
}
