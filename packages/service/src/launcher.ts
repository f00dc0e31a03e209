import type { Lifecycle } from '@micronova/lifecycle'
import { AlreadyServed, InvalidWorkers, StartCancelled } from './errors.js'

/** What a launcher runs: `Service`, or anything of its shape. */
export interface Servable extends Lifecycle {
  /** SIGHUP, after the mutable options have changed. */
  reset(signal: AbortSignal): Promise<void>
  /** Why it cannot do its work any more, in one sentence; null or left out: it can. Cheap, asked now and then. */
  examine?(): string | null
}

/**
 * How many processes a service runs in.
 *
 * @param workers null: one, within this process
 * @throws InvalidWorkers unless it is null or a whole number above 0
 */
export function checkWorkers(workers: number | null): number {
  if (workers === null) return 1
  if (!Number.isInteger(workers)) throw new InvalidWorkers(`the number of workers must be a whole number, not ${workers}`)
  if (workers <= 0) throw new InvalidWorkers(`the number of workers must be positive, not ${workers}`)
  return workers
}

/** Runs one service in this process. Several workers are several processes, each with a launcher of its own. */
export class Launcher {
  #service: Servable | null = null
  #stopped = false
  #resolve: (outcome: Promise<void>) => void = () => {}
  #reject: (reason: unknown) => void = () => {}
  readonly #ended = new Promise<void>((resolve, reject) => {
    this.#resolve = resolve
    this.#reject = reject
  })

  constructor() {
    this.#ended.catch(() => {}) // told to whoever waits, and to the caller of `serve` or `stop`
  }

  /**
   * Start `service`. Resolves when it runs, rejects if it cannot or if `stop` came first.
   *
   * @throws AlreadyServed at a second call; StartCancelled after `stop`; InvalidWorkers unless `workers` is null or 1
   */
  async serve(service: Servable, { workers = null }: { readonly workers?: number | null } = {}): Promise<void> {
    if (this.#service !== null) throw new AlreadyServed()
    if (this.#stopped) throw new StartCancelled()
    if (checkWorkers(workers) > 1) throw new InvalidWorkers('a launcher in one process cannot start several workers')
    this.#service = service
    try {
      await service.start(new AbortController().signal)
    } catch (err) {
      this.#reject(err)
      throw err
    }
  }

  /** Resolves when the service has been stopped; rejects with what kept it from starting or stopping. */
  wait(): Promise<void> {
    return this.#ended
  }

  /** Stop the service, also in the middle of its start. Idempotent. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopped = true
    const stopping = this.#service?.stop(deadline) ?? Promise.resolve()
    this.#resolve(stopping)
    await stopping
  }

  examine(): string | null {
    return this.#service?.examine?.() ?? null
  }

  async reset(signal: AbortSignal): Promise<void> {
    await this.#service?.reset(signal)
  }
}
