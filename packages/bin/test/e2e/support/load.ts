import { Service } from '@micronova/model'
import { recordedBuild } from './boots.js'
import type { Cleanup } from './cleanups.js'
import type { ControlPlane } from './control-plane.js'
import { eventually } from './eventually.js'
import { contextOf } from './recorded.js'

/** Calls pending at any time. */
export const callsInFlight = 4

/** Of the conductor, with an answer out of the database. */
export function callConductor({ stores }: ControlPlane): () => Promise<void> {
  return async () => {
    const service = await stores.services.getByHostAndBinary(contextOf(recordedBuild), 'compute1', 'nova-compute')
    if (!(service instanceof Service)) throw new Error(`the conductor answered ${String(service)}`)
  }
}

/** Calls without pause, until it is stopped. */
export class Load {
  results = 0
  readonly errors: unknown[] = []
  readonly #call: () => Promise<void>
  readonly #callers: readonly Promise<void>[]
  #isOn = true

  constructor(cleanup: Cleanup, call: () => Promise<void>) {
    this.#call = call
    cleanup.after(() => {
      this.#isOn = false
    })
    this.#callers = Array.from({ length: callsInFlight }, () => this.#caller())
  }

  /** Resolves when every call has ended, one way or the other. */
  async stop(): Promise<void> {
    this.#isOn = false
    await Promise.all(this.#callers)
  }

  /** Resolves when `count` more calls have been answered. */
  answered(count: number): Promise<unknown> {
    const goal = this.results + count
    return eventually(`${count} more calls are answered`, () => this.results >= goal || undefined)
  }

  async #caller(): Promise<void> {
    while (this.#isOn) {
      try {
        await this.#call()
        this.results++
      } catch (err) {
        this.errors.push(err)
      }
    }
  }
}
