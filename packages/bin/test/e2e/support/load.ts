import { Service } from '@micronova/model'
import { recordedBuild } from './boots.js'
import type { Cleanup } from './cleanups.js'
import type { ControlPlane } from './control-plane.js'
import { contextOf } from './recorded.js'

/** Calls of the conductor pending at any time. */
const callsInFlight = 4

/** Calls without pause, until it is stopped. */
export class Load {
  results = 0
  readonly errors: unknown[] = []
  readonly #plane: ControlPlane
  readonly #callers: readonly Promise<void>[]
  #isOn = true

  constructor(cleanup: Cleanup, plane: ControlPlane) {
    this.#plane = plane
    cleanup.after(() => {
      this.#isOn = false
    })
    this.#callers = Array.from({ length: callsInFlight }, () => this.#call())
  }

  /** Resolves when every call has ended, one way or the other. */
  async stop(): Promise<void> {
    this.#isOn = false
    await Promise.all(this.#callers)
  }

  async #call(): Promise<void> {
    while (this.#isOn) {
      try {
        const service = await this.#plane.stores.services.getByHostAndBinary(contextOf(recordedBuild), 'compute1', 'nova-compute')
        if (!(service instanceof Service)) throw new Error(`the conductor answered ${String(service)}`)
        this.results++
      } catch (err) {
        this.errors.push(err)
      }
    }
  }
}
