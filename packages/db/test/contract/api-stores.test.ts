import { test } from 'node:test'
import { adminContext } from '@micronova/model'
import { createApiStores, migrateApi } from '../../src/index.js'
import { dialects, openTestDatabase, SetClock, testDeps } from '../databases.js'
import { apiStoresTests } from './suites/api-stores.js'

for (const dialect of dialects) {
  test(`${dialect.name}: stores of the API database`, { skip: dialect.skip }, async (t) => {
    const deps = { ...testDeps, clock: new SetClock() }
    const database = await openTestDatabase(t, await dialect.create(t), {}, deps)
    await migrateApi(database)
    const stores = createApiStores(database, deps, {
      databaseUrl: 'mysql+pymysql://nova:secret@db1/nova',
      transportUrl: 'rabbit://nova:secret@mq1:5672/',
    })
    await apiStoresTests(t, { stores, ctx: adminContext(deps) })
  })
}
