import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CellMapping, HostMapping } from '@micronova/model'
import {
  countComputeNodes,
  countHostMappings,
  countInstancesWithoutMachineType,
  createApiStores,
  describeSchema,
  migrateApi,
} from '../../src/index.js'
import { anInstance, aUuid } from '../builders.js'
import { dialects, openTestDatabase, testCell, testDeps } from '../databases.js'

for (const dialect of dialects) {
  const { name, skip } = dialect

  test(`instances without a machine type are counted, but for those that are being built or are deleted: ${name}`, { skip }, async (t) => {
    const { database, stores, ctx } = await testCell(t, dialect)
    const withType = { image_hw_machine_type: 'q35' }
    for (const [vm_state, system_metadata] of [
      ['active', {}],
      ['error', { image_min_disk: '1' }],
      ['active', withType],
      ['building', {}],
    ] as const)
      await stores.instances.create(ctx, anInstance({ uuid: aUuid(), vm_state, system_metadata }))
    const gone = anInstance({ uuid: aUuid(), vm_state: 'active', system_metadata: {} })
    await stores.instances.create(ctx, gone)
    assert.equal(await countInstancesWithoutMachineType(database), 3)
    await stores.instances.destroy(ctx, gone)
    assert.equal(await countInstancesWithoutMachineType(database), 2)
    assert.equal(await countComputeNodes(database), 0)
  })

  test(`a schema is described by its revision, an empty database as empty: ${name}`, { skip }, async (t) => {
    const database = await openTestDatabase(t, await dialect.create(t))
    const now = () => testDeps.clock.now()
    const empty = await describeSchema(database, 'api', now)
    assert.deepEqual([empty.revision, empty.isEmpty], [null, true])
    await migrateApi(database)
    const { revision, headRevision, isEmpty, clockAheadMs } = await describeSchema(database, 'api', now)
    assert.deepEqual([revision, isEmpty], [headRevision, false])
    assert.equal(clockAheadMs === null, name === 'sqlite')
    const behind = await describeSchema(database, 'api', () => now() - 3_600_000)
    if (name !== 'sqlite') assert.equal(Math.round((behind.clockAheadMs ?? 0) / 3_600_000), 1)
  })

  test(`mapped hosts are counted: ${name}`, { skip }, async (t) => {
    const api = await openTestDatabase(t, await dialect.create(t))
    await migrateApi(api)
    assert.equal(await countHostMappings(api), 0)
    const { cellMappings, hostMappings } = createApiStores(api, testDeps)
    const { ctx } = await testCell(t, dialects[0]!)
    const cell = new CellMapping({ uuid: aUuid(), name: 'cell1', transport_url: 'none:///', database_connection: 'sqlite://' })
    await cellMappings.create(ctx, cell)
    for (const host of ['a', 'b']) await hostMappings.create(ctx, new HostMapping({ host, cell_mapping: cell }))
    assert.equal(await countHostMappings(api), 2)
  })
}
