import type { Clock } from '@micronova/lifecycle'

export interface RateLimitOptions {
  /** How many lines an interval may have. */
  readonly burst: number
  readonly intervalSeconds: number
  /** Lines of this level and above always pass. */
  readonly exceptLevelNumber: number
}

/**
 * Counts lines of all loggers together.
 *
 * Upstream means to do the same, but a service that switches it on does not start (oslo.log 5.0.1 reads an option
 * `rate_limit_except` that does not exist).
 *
 * @see oslo.log 5.0.1, `rate_limit.py`
 */
export class RateLimit {
  readonly #clock: Clock
  readonly #options: RateLimitOptions
  #count = 0
  #endsAt: number

  constructor(clock: Clock, options: RateLimitOptions) {
    this.#clock = clock
    this.#options = options
    this.#endsAt = clock.monotonicMs() + options.intervalSeconds * 1000
  }

  /** `first_dropped` once in an interval: the moment to say so. */
  judge(levelNumber: number): 'pass' | 'first_dropped' | 'drop' {
    const { burst, intervalSeconds, exceptLevelNumber } = this.#options
    if (levelNumber >= exceptLevelNumber) return 'pass'
    const now = this.#clock.monotonicMs()
    if (now >= this.#endsAt) {
      this.#endsAt = now + intervalSeconds * 1000
      this.#count = 0
    }
    this.#count += 1
    if (this.#count <= burst) return 'pass'
    return this.#count === burst + 1 ? 'first_dropped' : 'drop'
  }

  /** The line that says that lines are dropped. */
  get notice(): string {
    return `Logging rate limit: drop after ${this.#options.burst} records/${this.#options.intervalSeconds} sec`
  }
}
