import { after, before } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { FakeStores } from '@micronova/rpcapi'
import { startConductor } from './over-memory.js'
import { openSqliteStores } from './sqlite-stores.js'
import { type StoresFixture, storesContract } from './stores-contract.js'

const newFake = () => new FakeStores({ clock: systemClock, random: systemRandom })

storesContract('fake stores', async () => ({ stores: newFake(), close: async () => {} }))

storesContract('fake stores behind a conductor', async () => {
  const conductor = await startConductor(newFake())
  return { stores: conductor.stores, close: () => conductor.stop() }
})

// A migrated database takes a second to make: the tests share one and use names of their own.
let sqlite: StoresFixture
before(async () => {
  sqlite = await openSqliteStores()
})
after(() => sqlite.close())

storesContract('SQLite stores behind a conductor', async () => {
  const conductor = await startConductor(sqlite.stores)
  return { stores: conductor.stores, close: () => conductor.stop() }
})
