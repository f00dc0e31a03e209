import type { LiveMigrationEnd } from '../live-migration.js'
import { FakeDriver, type FakeDriverDeps, type FakeDriverOptions } from './fake-driver.js'

/**
 * A live migration is under way until somebody completes it by force or aborts it. Upstream's of that name gives up waiting
 * after five seconds, and completes it.
 *
 * @see nova 26.2.2, `virt/fake.py`, `FakeLiveMigrateDriver`
 */
export class FakeLiveMigrateDriver extends FakeDriver {
  override readonly name = 'fake.FakeLiveMigrateDriver'
  /** By guest. */
  readonly #underWay = new Map<string, (end: LiveMigrationEnd) => void>()

  constructor(deps: FakeDriverDeps, options?: FakeDriverOptions) {
    super(deps, options)
    this.liveMigration.migrate = (_ctx, { instance }, _destination, _data, signal) => this.#ended(instance.uuid, signal)
    this.liveMigration.forceComplete = async ({ uuid }) => this.#underWay.get(uuid)?.('completed')
    this.liveMigration.abort = async ({ uuid }) => this.#underWay.get(uuid)?.('cancelled')
  }

  async #ended(uuid: string, signal: AbortSignal): Promise<LiveMigrationEnd> {
    signal.throwIfAborted()
    let onAbort = () => {}
    try {
      return await new Promise((resolve, reject) => {
        this.#underWay.set(uuid, resolve)
        onAbort = () => reject(signal.reason)
        signal.addEventListener('abort', onAbort)
      })
    } finally {
      signal.removeEventListener('abort', onAbort)
      this.#underWay.delete(uuid)
    }
  }
}
