import type { Random } from '@micronova/lifecycle'
import { LoopingCallTimeout } from './errors.js'
import { LoopingCall, type LoopingCallDeps, type LoopingCallOptions } from './looping-call.js'

/** Runs begin `intervalSeconds` apart; after one that took longer the next begins at once, with a warning. */
export class FixedIntervalLoopingCall<T = undefined> extends LoopingCall<void, T> {
  protected override readonly kind = 'Fixed interval looping call'
  protected override readonly failure = undefined
  readonly #intervalSeconds: number

  constructor(deps: LoopingCallDeps, options: LoopingCallOptions<void, T> & { readonly intervalSeconds: number }) {
    super(deps, options)
    this.#intervalSeconds = options.intervalSeconds
  }

  protected override idleSeconds(_result: unknown, elapsedSeconds: number): number {
    const late = Math.round((elapsedSeconds - this.#intervalSeconds) * 100) / 100
    if (late > 0) this.log.warning(`Function '${this.name}' run outlasted interval by ${late.toFixed(2)} sec`)
    return Math.max(0, -late)
  }
}

/**
 * The function says how many seconds to sleep, at most `intervalMaxSeconds`. It may say null where there is such a
 * maximum; without one, that ends the loop with an error.
 */
export class DynamicLoopingCall<T = undefined> extends LoopingCall<number | null, T> {
  protected override readonly kind = 'Dynamic interval looping call'
  protected override readonly failure = 0
  readonly #intervalMaxSeconds: number | null

  constructor(deps: LoopingCallDeps, options: LoopingCallOptions<number | null, T> & { readonly intervalMaxSeconds?: number | null }) {
    super(deps, options)
    this.#intervalMaxSeconds = options.intervalMaxSeconds ?? null
  }

  protected override idleSeconds(suggested: number | null): number {
    const seconds = suggested ?? this.#intervalMaxSeconds
    if (seconds === null) throw new Error(`'${this.name}' gave neither an interval nor has a largest one`)
    return this.#intervalMaxSeconds === null ? seconds : Math.min(seconds, this.#intervalMaxSeconds)
  }
}

export interface BackOffOptions {
  /** Seconds after a success, and the base of the first failure. Default 1. */
  readonly startingIntervalSeconds?: number
  /** Of all sleeps after failures in a row; 0: no end. Default 300. */
  readonly timeoutSeconds?: number
  /** Longest single sleep. Default 300. */
  readonly maxIntervalSeconds?: number
  /** Shortest single sleep after a failure. Default 0.001. */
  readonly minIntervalSeconds?: number
  /** Mean of the factor by which a sleep is multiplied. Below 0.5 the sleeps shrink from failure to failure. Default 0.75. */
  readonly jitter?: number
}

/** Spread of the back-off's random factor. Wider, and single sleeps stray far from the growth that `jitter` promises. */
const JITTER_DEVIATION = 0.1

/**
 * Runs until it is done; the function says true for a success, false for a failure, and the sleeps grow from failure
 * to failure. Ends with `LoopingCallTimeout` rather than sleep beyond `timeoutSeconds`.
 */
export class BackOffLoopingCall<T = undefined> extends LoopingCall<boolean, T> {
  protected override readonly kind = 'Dynamic backoff interval looping call'
  protected override readonly failure = false
  readonly #random: Random
  readonly #options: Required<BackOffOptions>
  #intervalSeconds = 0
  #failedSeconds = 0

  constructor(deps: LoopingCallDeps & { readonly random: Random }, options: LoopingCallOptions<boolean, T> & BackOffOptions) {
    super(deps, options)
    this.#random = deps.random
    this.#options = {
      startingIntervalSeconds: options.startingIntervalSeconds ?? 1,
      timeoutSeconds: options.timeoutSeconds ?? 300,
      maxIntervalSeconds: options.maxIntervalSeconds ?? 300,
      minIntervalSeconds: options.minIntervalSeconds ?? 0.001,
      jitter: options.jitter ?? 0.75,
    }
  }

  protected override restarted(): void {
    this.#intervalSeconds = this.#options.startingIntervalSeconds
    this.#failedSeconds = 0
  }

  protected override idleSeconds(succeeded: boolean): number {
    const factor = Math.abs(this.#options.jitter + JITTER_DEVIATION * normal(this.#random))
    if (succeeded) {
      this.restarted()
      return this.#intervalSeconds * factor
    }
    const { minIntervalSeconds, maxIntervalSeconds, timeoutSeconds, jitter } = this.#options
    const idle = Math.min(Math.max(this.#intervalSeconds * 2 * factor, minIntervalSeconds), maxIntervalSeconds)
    // The base grows by the mean, not by this sleep's chance, so that the growth is the same for everyone.
    this.#intervalSeconds = Math.max(this.#intervalSeconds * 2 * jitter, minIntervalSeconds)
    if (timeoutSeconds > 0 && this.#failedSeconds + idle > timeoutSeconds) throw new LoopingCallTimeout(this.#failedSeconds + idle)
    this.#failedSeconds += idle
    return idle
  }
}

/** A number of the standard normal distribution (Box and Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}
