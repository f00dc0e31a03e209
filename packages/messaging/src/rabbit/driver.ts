import type { Delivery, Driver, Listener, ListenOptions, Publication, Subscription } from '../driver.js'
import { MessageDeliveryFailure } from '../errors.js'
import type { ConnectionReport } from '../report.js'
import { type LinkDeps, type LinkOptions, shuffle } from './link.js'
import { RabbitListener } from './listener.js'
import { Publisher } from './publisher.js'

/**
 * RabbitMQ over amqplib. One connection publishes, each listener has one of its own, each connection has one channel.
 * Upstream publishes over a pool of connections as its threads block; one that does not block needs no pool.
 */
export class RabbitDriver implements Driver {
  readonly #deps: LinkDeps
  readonly #options: LinkOptions
  readonly #publisher: Publisher
  readonly #listeners = new Set<RabbitListener>()
  #isStopped = false

  constructor(deps: LinkDeps, options: LinkOptions) {
    this.#deps = deps
    this.#options = options
    this.#publisher = new Publisher(deps, this.#withShuffledHosts())
  }

  publish(publication: Publication): Promise<void> {
    return this.#publisher.publish(publication)
  }

  async listen(
    subscriptions: readonly Subscription[],
    options: ListenOptions,
    onDelivery: (delivery: Delivery) => void,
    signal?: AbortSignal,
  ): Promise<Listener> {
    if (this.#isStopped) throw new MessageDeliveryFailure('the transport is stopped')
    const listener = new RabbitListener(this.#deps, this.#withShuffledHosts(), subscriptions, options, onDelivery)
    this.#listeners.add(listener)
    const giveUp = () => void listener.close()
    signal?.addEventListener('abort', giveUp, { once: true })
    try {
      await listener.ready()
      return listener
    } catch (err) {
      signal?.throwIfAborted()
      throw err
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  stalledMs(): number {
    return Math.max(this.#publisher.stalledMs(), ...[...this.#listeners].map((listener) => listener.stalledMs()))
  }

  connections(): ConnectionReport[] {
    return [this.#publisher, ...this.#listeners].map((user) => user.report())
  }

  unsent(): number {
    return this.#publisher.unsent()
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#isStopped = true
    await this.#publisher.stop(deadline)
    await Promise.all([...this.#listeners].map((listener) => listener.close()))
  }

  /** Each connection begins at a host of its own, so that the clients spread over the cluster. */
  #withShuffledHosts(): LinkOptions {
    const hosts = [...this.#options.hosts]
    shuffle(hosts, this.#deps.random)
    return { ...this.#options, hosts }
  }
}
