import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  adminContext,
  BlockDeviceMapping,
  ComputeNode,
  Instance,
  type InstanceAttribute,
  Migration,
  Service,
  VirtualInterface,
} from '@micronova/model'
import { readFixtureText } from '@micronova/testing'
import { sql } from 'kysely'
import { createStores, type Database } from '../../src/index.js'
import { aUuid, valuesOf } from '../builders.js'
import { dialect, openTestDatabase, testDeps } from '../databases.js'
import { runScript } from '../sql-script.js'

/** Columns that the store decides, or in which a copy must differ. */
const decided = ['id', 'created_at', 'updated_at', 'deleted_at', 'deleted', 'uuid', 'instance_uuid', 'last_seen_up', 'address'] as const

const mysql = dialect('mysql')

test('rows that we write of an object are those that Nova wrote of it', { skip: mysql.skip }, async (t) => {
  const database = await openTestDatabase(t, await mysql.create(t))
  await runScript(database, readFixtureText('db/nova.sql'))
  const stores = createStores(database, testDeps)
  const ctx = adminContext(testDeps)

  await t.test('instances with their satellites', async () => {
    const created: InstanceAttribute[] = ['metadata', 'system_metadata', 'info_cache', 'flavor', 'keypairs', 'pci_requests']
    const originals = await stores.instances.listByFilters(ctx, { deleted: false }, [...created, 'migration_context'])
    assert.equal(originals.length, 6)
    for (const original of originals) {
      const uuid = aUuid()
      const { migration_context, ...values } = valuesOf(original)
      const copy = new Instance({ ...values, uuid })
      await stores.instances.create(ctx, copy)
      if (migration_context !== null) {
        copy.migration_context = original.migration_context
        await stores.instances.save(ctx, copy)
      }
      const satellites = ['instance_extra', 'instance_info_caches', 'instance_metadata', 'instance_system_metadata']
      await assertSameRows(database, 'instances', `uuid = '${uuid}'`, `uuid = '${original.uuid}'`)
      await assertSameRows(database, 'instance_id_mappings', `uuid = '${uuid}'`, `uuid = '${original.uuid}'`)
      for (const table of satellites)
        await assertSameRows(database, table, `instance_uuid = '${uuid}'`, `instance_uuid = '${original.uuid}'`)
    }
  })

  await t.test('block device mappings, interfaces and migrations', async () => {
    const [first] = await stores.instances.listByFilters(ctx, { display_name: 'db-resized' })
    const instance_uuid = first!.uuid
    for (const original of await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance_uuid)) {
      const copy = new BlockDeviceMapping({ ...valuesOf(original), instance_uuid })
      await stores.blockDeviceMappings.create(ctx, copy)
      await assertSameRows(database, 'block_device_mapping', `id = ${copy.id}`, `id = ${original.id}`)
    }
    for (const original of await stores.virtualInterfaces.listByInstanceUuid(ctx, instance_uuid)) {
      const copy = new VirtualInterface({ ...valuesOf(original), instance_uuid, uuid: aUuid(), address: `fa:16:3e:00:00:05/${aUuid()}` })
      await stores.virtualInterfaces.create(ctx, copy)
      await assertSameRows(database, 'virtual_interfaces', `id = ${copy.id}`, `id = ${original.id}`)
    }
    for (const original of await stores.migrations.listByFilters(ctx, { instance_uuid })) {
      const copy = new Migration({ ...valuesOf(original), instance_uuid })
      await stores.migrations.create(ctx, copy)
      await assertSameRows(database, 'migrations', `id = ${copy.id}`, `id = ${original.id}`)
    }
  })

  await t.test('services and compute nodes', async () => {
    const service = await stores.services.getByComputeHost(ctx, 'compute1')
    const node = await stores.computeNodes.getByHostAndNode(ctx, 'compute1', 'compute1')
    await database.write(async ({ db }) => {
      await db.updateTable('services').set({ deleted: 100 }).where('id', '=', service.id).execute()
      await db.updateTable('compute_nodes').set({ deleted: 100 }).where('id', '=', node.id).execute()
    })
    const newService = new Service(valuesOf(service))
    await stores.services.create(ctx, newService)
    await assertSameRows(database, 'services', `id = ${newService.id}`, `id = ${service.id}`)
    const newNode = new ComputeNode(valuesOf(node))
    await stores.computeNodes.create(ctx, newNode)
    await assertSameRows(database, 'compute_nodes', `id = ${newNode.id}`, `id = ${node.id}`)
  })
})

async function assertSameRows(database: Database, table: string, ours: string, novas: string): Promise<void> {
  const expected = await rowsOf(database, table, novas)
  assert.ok(expected.length > 0 || table === 'instance_metadata', `${table} where ${novas}`)
  assert.deepEqual(await rowsOf(database, table, ours), expected, table)
}

/** Rows in the order of what they say, without the columns that are decided elsewhere. */
async function rowsOf({ kysely }: Database, table: string, where: string): Promise<Record<string, unknown>[]> {
  const { rows } = await sql.raw<Record<string, unknown>>(`select * from ${table} where ${where}`).execute(kysely)
  const kept = rows.map((row) => {
    const columns = Object.entries(row).filter(([name]) => !decided.some((other) => other === name))
    return Object.fromEntries(columns.map(([name, value]) => [name, json(value)]))
  })
  return kept.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/** JSON counts by what it says: the order of its keys is free, and a copy has not the changes of its original. */
function json(value: unknown): unknown {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return value
  return JSON.parse(value, (key, item) => (key === 'nova_object.changes' ? undefined : item))
}
