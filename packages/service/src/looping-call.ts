import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'

/** Returned by the function of a looping call to end the loop; `wait` resolves with `value`. */
export class LoopingCallDone<T = undefined> {
  readonly value: T
  constructor(value: T) {
    this.value = value
  }
}

export interface LoopingCallDeps {
  readonly log: Logger
  readonly clock: Clock
}

export interface LoopingCallOptions<R, T> {
  /** Names the loop in its log lines. */
  readonly name: string
  /** `signal` aborts when the loop is stopped; a run that looks at it ends the sooner. */
  readonly run: (signal: AbortSignal) => Promise<R | LoopingCallDone<T>>
  /** Seconds before the first run. Default 0. */
  readonly initialDelaySeconds?: number
  /** True (default): an exception ends the loop and `wait` rejects with it. False: it is logged and the loop goes on. */
  readonly stopOnException?: boolean
}

/**
 * Calls a function over and over, never twice at a time. How long it sleeps in between is up to the subclass.
 *
 * @see oslo.service 3.0.0, `loopingcall.py`
 */
export abstract class LoopingCall<R, T> {
  protected abstract readonly kind: string
  /** What `idleSeconds` is given after a run that threw, if exceptions do not end the loop. */
  protected abstract readonly failure: R
  protected readonly name: string
  protected readonly log: Logger
  readonly #clock: Clock
  readonly #options: LoopingCallOptions<R, T>
  #halt: AbortController | null = null
  #ended: Promise<T | undefined> = Promise.resolve(undefined)

  constructor(deps: LoopingCallDeps, options: LoopingCallOptions<R, T>) {
    this.name = options.name
    this.log = deps.log
    this.#clock = deps.clock
    this.#options = options
  }

  /** Seconds to sleep after a run that gave `result` and took `elapsedSeconds`. */
  protected abstract idleSeconds(result: R, elapsedSeconds: number): number

  /** Back to the state before the first run. */
  protected restarted(): void {}

  /** @throws Error if the loop runs already */
  start(): void {
    if (this.#halt !== null) throw new Error(`${this.kind} ${this.name} can only run once at a time`)
    this.#halt = new AbortController()
    this.restarted()
    this.#ended = this.#loop(this.#halt.signal)
    this.#ended.catch(() => {}) // logged by the loop; whoever waits is told as well
  }

  /** No further run begins. One that is under way is told by its signal; `wait` resolves when it has ended. */
  stop(): void {
    this.#halt?.abort()
  }

  /** Resolves when the loop has ended: with the value of `LoopingCallDone`, or with nothing after `stop`. */
  wait(): Promise<T | undefined> {
    return this.#ended
  }

  async #loop(signal: AbortSignal): Promise<T | undefined> {
    try {
      if (this.#options.initialDelaySeconds) await this.#sleep(this.#options.initialDelaySeconds, signal)
      while (!signal.aborted) {
        const began = this.#clock.monotonicMs()
        const result = await this.#call(signal)
        if (result instanceof LoopingCallDone) return result.value
        if (signal.aborted) break
        await this.#sleep(this.idleSeconds(result, (this.#clock.monotonicMs() - began) / 1000), signal)
      }
      return undefined
    } catch (err) {
      this.#logFailure(err)
      throw err
    } finally {
      this.#halt = null
    }
  }

  async #call(signal: AbortSignal): Promise<R | LoopingCallDone<T>> {
    try {
      return await this.#options.run(signal)
    } catch (err) {
      if (this.#options.stopOnException ?? true) throw err
      this.#logFailure(err)
      return this.failure
    }
  }

  async #sleep(seconds: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(seconds * 1000, signal)
    } catch (err) {
      if (!signal.aborted) throw err
    }
  }

  #logFailure(err: unknown): void {
    this.log.error(`${this.kind} '${this.name}' failed`, { err })
  }
}
