import type { Random } from '@micronova/lifecycle'
import type { RabbitOptions } from './rabbit-options.js'

/**
 * Longest wait for a host that answers nothing at all. A larger one would let a service wait for long after the broker
 * came back from a long outage; a smaller one gains nothing, as a refused connection costs almost nothing either.
 */
const unreachableMaxMs = 3000

/**
 * How long to wait before the next attempt. The wait grows while a broker answers but refuses (it may be overloaded, and
 * the whole cloud reconnects with us), and stays short while nothing answers. The upper half of each wait is chance.
 *
 * @see oslo.messaging 14.0.3, `_drivers/impl_rabbit.py`, `ensure_connection`; kombu waits only after each host has been tried
 */
export class ReconnectSchedule {
  readonly #options: RabbitOptions
  readonly #random: Random
  #refusals = 0

  constructor(options: RabbitOptions, random: Random) {
    this.#options = options
    this.#random = random
  }

  succeeded(): void {
    this.#refusals = 0
  }

  /** After the loss of a connection that was fine: spreads the clients of a broker that restarts. */
  afterLossMs(): number {
    return this.#options.reconnectDelaySeconds * 1000 * this.#random.next()
  }

  /** After every host has failed once more. */
  afterFailureMs(isUnreachable: boolean): number {
    if (!isUnreachable) this.#refusals++
    const { retryIntervalSeconds, retryBackoffSeconds, retryIntervalMaxSeconds } = this.#options
    const grown = (retryIntervalSeconds || 1) + retryBackoffSeconds * Math.max(0, this.#refusals - 1)
    const waitMs = Math.min(grown, retryIntervalMaxSeconds) * 1000
    const limitMs = isUnreachable ? Math.min(waitMs, unreachableMaxMs) : waitMs
    return limitMs * (0.5 + 0.5 * this.#random.next())
  }
}
