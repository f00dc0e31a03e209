import type { Clock } from '@micronova/lifecycle'

export interface BusMessage {
  readonly body: string
  /** On the monotonic clock; Infinity: never. */
  readonly expiresAtMs: number
  readonly redelivered: boolean
}

export interface BusConsumer {
  /** May take another message now. */
  hasRoom(): boolean
  deliver(message: BusMessage): void
}

/** Messages in order, handed to its consumers in turn. */
class BusQueue {
  readonly consumers: BusConsumer[] = []
  readonly #messages: BusMessage[] = []
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  push(message: BusMessage): void {
    this.#messages.push(message)
  }

  putBack(message: BusMessage): void {
    this.#messages.unshift({ ...message, redelivered: true })
  }

  drain(): void {
    while (this.#messages.length > 0) {
      const index = this.consumers.findIndex((candidate) => candidate.hasRoom())
      if (index === -1) return
      const message = this.#messages.shift() as BusMessage
      if (message.expiresAtMs <= this.#clock.monotonicMs()) continue
      const [consumer] = this.consumers.splice(index, 1) as [BusConsumer]
      this.consumers.push(consumer) // to the end: each in its turn
      consumer.deliver(message)
    }
  }
}

/**
 * Queues in this process, in place of a broker. Transports that are given the same bus reach each other.
 *
 * A queue exists from its first consumer on (or its first notification) and keeps messages while nobody consumes,
 * as a broker does; what nobody has declared is dropped.
 */
export class MemoryBus {
  readonly #clock: Clock
  readonly #queues = new Map<string, BusQueue>()
  readonly #fanouts = new Map<string, Set<string>>()
  readonly #dirty = new Set<BusQueue>()
  #scheduled = false

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock
  }

  has(queue: string): boolean {
    return this.#queues.has(queue)
  }

  declare(queue: string): void {
    if (!this.#queues.has(queue)) this.#queues.set(queue, new BusQueue(this.#clock))
  }

  bindFanout(topic: string, queue: string): void {
    this.#fanouts.set(topic, (this.#fanouts.get(topic) ?? new Set()).add(queue))
  }

  fanoutQueues(topic: string): readonly string[] {
    return [...(this.#fanouts.get(topic) ?? [])]
  }

  delete(queue: string): void {
    this.#queues.delete(queue)
    for (const queues of this.#fanouts.values()) queues.delete(queue)
  }

  push(queue: string, message: BusMessage): void {
    this.#queues.get(queue)?.push(message)
    this.wake(queue)
  }

  putBack(queue: string, message: BusMessage): void {
    this.#queues.get(queue)?.putBack(message)
    this.wake(queue)
  }

  attach(queue: string, consumer: BusConsumer): void {
    this.#queues.get(queue)?.consumers.push(consumer)
    this.wake(queue)
  }

  detach(queue: string, consumer: BusConsumer): void {
    const consumers = this.#queues.get(queue)?.consumers
    const index = consumers?.indexOf(consumer) ?? -1
    if (index !== -1) consumers?.splice(index, 1)
  }

  /** Deliver in the next turn of the event loop: a ping-pong of microtasks would starve timers and sockets. */
  wake(name: string): void {
    const queue = this.#queues.get(name)
    if (queue === undefined) return
    this.#dirty.add(queue)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const queues = [...this.#dirty]
      this.#dirty.clear()
      for (const each of queues) each.drain()
    })
  }
}
