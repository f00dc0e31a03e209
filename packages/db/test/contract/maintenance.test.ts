import { test } from 'node:test'
import { migrateApi } from '../../src/index.js'
import { dialects, openTestDatabase, testCell } from '../databases.js'
import { maintenanceTests } from './suites/maintenance.js'
import { onlineMigrationTests } from './suites/online-migrations.js'

for (const dialect of dialects) {
  test(`${dialect.name}: archive and purge`, { skip: dialect.skip }, async (t) => maintenanceTests(t, await testCell(t, dialect)))

  test(`${dialect.name}: data of older releases`, { skip: dialect.skip }, async (t) => {
    const cell = await testCell(t, dialect)
    const above = await openTestDatabase(t, await dialect.create(t))
    await migrateApi(above)
    await onlineMigrationTests(t, cell, above)
  })
}
