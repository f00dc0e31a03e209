import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adminContext } from '@micronova/model'
import { readFixtureText } from '@micronova/testing'
import { apiHeadRevision, createApiStores, prepareApiSchema } from '../../src/index.js'
import { requestSpecs } from '../../src/schema/api-tables.js'
import { dialect, openTestDatabase, testDeps } from '../databases.js'
import { linesOf, runScript } from '../sql-script.js'

const mysql = dialect('mysql')

/** Without the order in which fields were changed: it is not defined. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => name !== 'nova_object.changes')
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => [name, comparable(item)]))
}

test('an API database that Nova made is taken as it is, and what it holds is read', { skip: mysql.skip }, async (t) => {
  const database = await openTestDatabase(t, await mysql.create(t))
  await runScript(database, readFixtureText('db/nova_api.sql'))
  await prepareApiSchema(database)
  assert.deepEqual(await linesOf(database, 'select version_num from alembic_version'), [apiHeadRevision])
  const stores = createApiStores(database, testDeps)
  const ctx = adminContext(testDeps)

  assert.deepEqual(
    (await stores.cellMappings.list(ctx)).map(({ name }) => name),
    ['cell0', 'cell1'],
  )
  const hosts = await stores.hostMappings.list(ctx)
  assert.ok(hosts.length > 0 && hosts.every(({ cell_mapping: cell }) => cell.name === 'cell1'))
  assert.ok((await stores.flavors.list(ctx)).some(({ name }) => name === 'm1.tiny'))
  assert.ok((await stores.aggregates.list(ctx)).every(({ uuid }) => uuid.length === 36))
  assert.ok((await stores.instanceGroups.list(ctx)).every(({ policies }) => policies?.length === 1))

  const rows = await database.read((unit) => unit.select(requestSpecs, {}).execute())
  assert.ok(rows.length > 3)
  const stored = await stores.instanceMappings.listByInstanceUuids(
    ctx,
    rows.map(({ instance_uuid }) => instance_uuid),
  )
  assert.equal(stored.length, rows.length)
  for (const { instance_uuid, spec } of rows) {
    const read = await stores.requestSpecs.getByInstanceUuid(ctx, instance_uuid)
    read.objSet('num_instances', read.num_instances) // counts as changed, so that it is written again
    await stores.requestSpecs.save(ctx, read)
    const [again] = await database.read((unit) => unit.select(requestSpecs, { instance_uuid }).execute())
    assert.deepEqual(withoutPerRequest(again!.spec), withoutPerRequest(spec), instance_uuid)
  }
})

/** What is not read back: its fields are kept as they were when they were written last. */
function withoutPerRequest(text: string): unknown {
  const primitive = JSON.parse(text) as { 'nova_object.data': Record<string, unknown> }
  for (const name of ['requested_resources', 'requested_destination', 'ignore_hosts', 'id', 'retry'])
    delete primitive['nova_object.data'][name]
  return comparable(primitive)
}
