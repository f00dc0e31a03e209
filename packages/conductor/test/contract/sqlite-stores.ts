import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStores, migrate, openDatabase } from '@micronova/db'
import { type Clock, systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import type { StoresFixture } from './stores-contract.js'

/**
 * Goes on by a second each time it is asked. MariaDB keeps whole seconds and so do messages; SQLite would have finer times, and two
 * writes within a second would look like none.
 */
export function secondsClock(): Clock {
  let now = Date.UTC(2026, 10, 22)
  return { ...systemClock, now: () => (now += 1000) }
}

/** Stores over an empty SQLite database of their own. */
export async function openSqliteStores(): Promise<StoresFixture> {
  const deps = { clock: secondsClock(), random: systemRandom, log: nullLogger }
  const folder = await mkdtemp(join(tmpdir(), 'micronova-conductor-'))
  const database = await openDatabase(`sqlite:///${folder}/nova.sqlite`, deps)
  await migrate(database)
  return {
    stores: createStores(database, deps),
    async close() {
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
