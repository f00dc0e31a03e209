import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import { type Database, onlineMigrations } from '../../../src/index.js'
import * as api from '../../../src/schema/api-tables.js'
import * as cell from '../../../src/schema/cell-tables.js'
import { anInstance } from '../../builders.js'
import type { TestCell } from '../../databases.js'
import { linesOf } from '../../sql-script.js'

export async function onlineMigrationTests(t: TestContext, { database, stores, ctx, clock }: TestCell, above: Database): Promise<void> {
  const cellId = await above.write((rows) => rows.insert(api.cellMappings, { uuid: systemRandom.uuid(), name: 'cell1', disabled: false }))
  const deps = {
    main: database,
    api: above,
    cells: [{ id: cellId, open: async () => database }],
    random: systemRandom,
    ratios: { cpu: 4, ram: 1, disk: 2 },
    zoneOf: async (host: string) => `zone of ${host}`,
  }
  const run = (name: string, limit = 50) => onlineMigrations.find((migration) => migration.name === name)!.run(deps, limit)
  const anUuid = async (values: Parameters<typeof anInstance>[0] = {}) => {
    const instance = anInstance(values)
    await stores.instances.create(ctx, instance)
    return instance.uuid
  }

  await t.test('in a new deployment there is nothing to do', async () => {
    for (const { name, run: migrate } of onlineMigrations) assert.deepEqual(await migrate(deps, 50), { found: 0, done: 0 }, name)
  })

  await t.test('limits move to the API database, where one that is there already counts', async () => {
    await database.write(async (rows) => {
      await rows.insertAll(cell.quotas, [
        { project_id: 'p', resource: 'cores', hard_limit: 5 },
        { project_id: 'p', resource: 'ram', hard_limit: 6 },
      ])
      await rows.insert(cell.projectUserQuotas, { user_id: 'u', project_id: 'p', resource: 'cores', hard_limit: 7 })
      await rows.insert(cell.quotaClasses, { class_name: 'default', resource: 'cores', hard_limit: 8 })
    })
    await above.write((rows) => rows.insert(api.quotas, { project_id: 'p', resource: 'ram', hard_limit: 66 }))
    assert.deepEqual(await run('migrate_quota_limits_to_api_db', 2), { found: 2, done: 2 })
    assert.deepEqual(await run('migrate_quota_limits_to_api_db', 2), { found: 1, done: 1 })
    assert.deepEqual(await run('migrate_quota_classes_to_api_db'), { found: 1, done: 1 })
    assert.deepEqual(await linesOf(above, 'select resource, hard_limit from quotas'), ['cores | 5', 'ram | 66'])
    assert.deepEqual(await linesOf(above, 'select user_id, hard_limit from project_user_quotas'), ['u | 7'])
    assert.deepEqual(await linesOf(above, 'select class_name, hard_limit from quota_classes'), ['default | 8'])
    assert.deepEqual(await linesOf(database, 'select id from quotas where deleted = 0'), [])
  })

  await t.test('rows without a uuid get one', async () => {
    const instance_uuid = await anUuid()
    await database.write(async (rows) => {
      await rows.insert(cell.blockDeviceMapping, { instance_uuid, source_type: 'image' })
      await rows.insert(cell.migrations, { instance_uuid })
    })
    assert.deepEqual(await run('populate_uuids'), { found: 1, done: 1 })
    assert.deepEqual(await run('migration_migrate_to_uuid'), { found: 1, done: 1 })
    assert.deepEqual(await run('populate_uuids'), { found: 0, done: 0 })
    assert.match((await linesOf(database, 'select uuid from block_device_mapping'))[0]!, /^[0-9a-f-]{36}$/)
  })

  await t.test('an instance on a host gets the zone of the host', async () => {
    const uuid = await anUuid({ host: 'compute1', availability_zone: null })
    assert.deepEqual(await run('populate_missing_availability_zones'), { found: 1, done: 1 })
    assert.deepEqual(await linesOf(database, `select availability_zone from instances where uuid = '${uuid}'`), ['zone of compute1'])
  })

  await t.test('a compute node without ratios gets those of the configuration, and keeps those it has', async () => {
    const node = { hypervisor_type: 'fake', hypervisor_version: 1, vcpus: 1, memory_mb: 1, local_gb: 1, vcpus_used: 0, memory_mb_used: 0 }
    await database.write((rows) =>
      rows.insert(cell.computeNodes, {
        ...node,
        local_gb_used: 0,
        cpu_info: '',
        host: 'h',
        cpu_allocation_ratio: 0,
        ram_allocation_ratio: 9,
      }),
    )
    assert.deepEqual(await run('migrate_empty_ratio'), { found: 1, done: 1 })
    const query = 'select cpu_allocation_ratio, ram_allocation_ratio, disk_allocation_ratio from compute_nodes'
    assert.deepEqual(await linesOf(database, query), ['4 | 9 | 2'])
  })

  await t.test('a mapping learns whether its instance is deleted and whose it is; one without an instance stays', async () => {
    const [here, gone] = [await anUuid(), anInstance()]
    await stores.instances.create(ctx, gone)
    await stores.instances.destroy(ctx, gone)
    const old = { cell_id: cellId, project_id: 'project', queued_for_delete: null, user_id: null }
    await above.write((rows) =>
      rows.insertAll(api.instanceMappings, [
        { ...old, instance_uuid: here },
        { ...old, instance_uuid: gone.uuid },
        { ...old, instance_uuid: 'nowhere' },
      ]),
    )
    assert.deepEqual(await run('populate_queued_for_delete', 2), { found: 2, done: 2 })
    assert.deepEqual(await run('populate_queued_for_delete', 2), { found: 1, done: 1 })
    assert.deepEqual(await run('populate_user_id'), { found: 3, done: 2 })
    const isTrue = (text: string) => text.replace(/ \| (1|true)$/, ' | deleted').replace(/ \| (0|false)$/, ' | there')
    assert.deepEqual(
      (await linesOf(above, 'select user_id, instance_uuid, queued_for_delete from instance_mappings')).map(isTrue).sort(),
      [`null | nowhere | there`.replace('null', ''), `user | ${gone.uuid} | deleted`, `user | ${here} | there`].sort(),
    )
  })

  await t.test('records of interfaces are made in the order of the info cache, and the next run goes on behind them', async () => {
    await run('fill_virtual_interface_list')
    clock.time += 60_000
    const uuid = await anUuid()
    const cached = JSON.stringify(['a', 'b'].map((id) => ({ id, address: `fa:16:3e:00:00:0${id}` })))
    await database.write(async (rows) => {
      await rows.update(cell.instanceInfoCaches, { instance_uuid: uuid }, { network_info: cached })
      await rows.insert(cell.virtualInterfaces, { instance_uuid: uuid, uuid: 'b', address: 'fa:16:3e:00:00:0b/b', tag: 'mine' })
    })
    assert.deepEqual(await run('fill_virtual_interface_list'), { found: 1, done: 1 })
    const query = `select id, uuid, address, tag from virtual_interfaces where instance_uuid = '${uuid}' and deleted = 0`
    assert.deepEqual(
      (await linesOf(database, query)).map((line) => line.replace(/^\d+ \| /, '')),
      ['a | fa:16:3e:00:00:0a/a | ', 'b | fa:16:3e:00:00:0b/b | mine'],
    )
    assert.deepEqual(await run('fill_virtual_interface_list'), { found: 0, done: 0 })
  })
}
