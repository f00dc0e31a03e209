import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { JsonObject } from '@micronova/messaging'
import { novaRegistry } from '@micronova/model'
import { FakeStores } from '@micronova/rpcapi'
import { FakeClock } from '@micronova/testing'
import type { VersionedObject } from '@micronova/versionedobjects'
import { countingRandom } from './compute-fixture.js'

const kept = ['instances', 'blockDeviceMappings', 'virtualInterfaces', 'faults', 'migrations'] as const

interface Saved {
  readonly rows: Readonly<Record<(typeof kept)[number], readonly JsonObject[]>>
  readonly actions: FakeStores['tables']['actions']
}

/** FakeStores that are in a file after each call, so that they outlive a process that is killed. */
export function persistentStores(path: string): FakeStores {
  const stores = new FakeStores({ clock: new FakeClock(), random: countingRandom })
  if (existsSync(path)) load(stores, JSON.parse(readFileSync(path, 'utf8')) as Saved)
  return new Proxy(stores, {
    get(all, name) {
      const store: unknown = Reflect.get(all, name)
      if (name === 'tables' || typeof store !== 'object' || store === null) return store
      return savingAfterwards(store, () => save(stores, path))
    },
  })
}

function savingAfterwards(store: object, saveAll: () => void): object {
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        const result: unknown = await method.apply(target, args)
        saveAll()
        return result
      }
    },
  })
}

function save({ tables }: FakeStores, path: string): void {
  const primitives = (table: (typeof kept)[number]) => tables[table].filter(() => true).map((row: VersionedObject) => row.objToPrimitive())
  const saved = { rows: Object.fromEntries(kept.map((table) => [table, primitives(table)])), actions: tables.actions }
  writeFileSync(`${path}.new`, JSON.stringify(saved))
  renameSync(`${path}.new`, path)
}

function load({ tables }: FakeStores, { rows, actions }: Saved): void {
  const registry = novaRegistry()
  for (const table of kept) {
    for (const primitive of rows[table]) (tables[table] as { insert(row: unknown): void }).insert(registry.fromPrimitive(primitive))
  }
  tables.actions.push(...actions)
}
