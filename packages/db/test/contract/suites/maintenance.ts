import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { BlockDeviceMapping, type Instance } from '@micronova/model'
import { archiveDeletedRows, hasInstances, listOldestInstances, purgeShadowTables } from '../../../src/index.js'
import { consoleAuthTokens, instances, securityGroups, taskLog } from '../../../src/schema/cell-tables.js'
import { anInstance } from '../../builders.js'
import type { TestCell } from '../../databases.js'
import { linesOf } from '../../sql-script.js'

export async function maintenanceTests(t: TestContext, { database, stores, ctx, clock }: TestCell): Promise<void> {
  async function aDeletedInstance(values: Parameters<typeof anInstance>[0] = {}): Promise<Instance> {
    const instance = anInstance(values)
    await stores.instances.create(ctx, instance)
    await stores.blockDeviceMappings.create(
      ctx,
      new BlockDeviceMapping({ instance_uuid: instance.uuid, source_type: 'image', destination_type: 'local', device_name: '/dev/vda' }),
    )
    await stores.actions.start(ctx, instance.uuid, 'create')
    await stores.actions.startEvent(ctx, instance.uuid, 'compute__do_build_and_run_instance', 'compute1')
    await stores.instances.destroy(ctx, instance)
    return instance
  }
  const count = async (table: string) => Number((await linesOf(database, `select count(*) from ${table}`))[0])
  const archive = (maxRows: number, options: object = {}) => archiveDeletedRows(database, { maxRows, ...options })

  await t.test('a deleted instance is archived with all that refers to it, one that is there stays', async () => {
    const gone = await aDeletedInstance({ locked: true, locked_by: 'admin' })
    const kept = anInstance()
    await stores.instances.create(ctx, kept)
    assert.equal(await hasInstances(database), true)
    const { tables, instanceUuids, total } = await archive(1000)
    assert.deepEqual(instanceUuids, [gone.uuid])
    assert.equal(tables.get('instances'), 1)
    assert.equal(tables.get('instance_actions_events'), 1)
    assert.equal(
      total,
      [...tables.values()].reduce((sum, one) => sum + one, 0),
    )
    for (const table of [
      'instances',
      'block_device_mapping',
      'instance_actions',
      'instance_actions_events',
      'instance_extra',
      'instance_metadata',
    ])
      assert.equal(await count(`shadow_${table}`), tables.get(table), table)
    assert.deepEqual(await linesOf(database, 'select uuid, locked_by from shadow_instances'), [`${gone.uuid} | admin`])
    assert.deepEqual(await linesOf(database, 'select uuid from instances'), [kept.uuid])
    assert.deepEqual(await archive(1000), { tables: new Map(), instanceUuids: [], total: 0 })
  })

  await t.test('a limit ends the work behind an instance with its satellites, not between them', async () => {
    const first = await aDeletedInstance()
    const second = await aDeletedInstance()
    // Two rows of instance_id_mappings, whose table comes first, and one instance.
    assert.deepEqual((await archive(3)).instanceUuids, [first.uuid])
    assert.equal((await linesOf(database, `select id from instance_extra where instance_uuid = '${first.uuid}'`)).length, 0)
    assert.equal((await linesOf(database, `select id from instance_extra where instance_uuid = '${second.uuid}'`)).length, 1)
    assert.deepEqual((await archive(1)).instanceUuids, [second.uuid])
  })

  await t.test('what was deleted at the given time or later is not archived', async () => {
    const deletedAt = clock.time
    await aDeletedInstance()
    assert.equal((await archive(100, { before: new Date(deletedAt) })).total, 0)
    assert.equal((await archive(100, { before: new Date(deletedAt + 1000) })).instanceUuids.length, 1)
  })

  await t.test('the task log is archived only if it is asked for, by when it was written', async () => {
    const entry = {
      task_name: 'audit',
      state: 'DONE',
      host: 'h',
      period_beginning: new Date(0),
      period_ending: new Date(1000),
      message: 'm',
    }
    await database.write((rows) => rows.insert(taskLog, { ...entry, updated_at: new Date(clock.time) }))
    assert.equal((await archive(100)).total, 0)
    assert.equal((await archive(100, { taskLog: true, before: new Date(clock.time) })).total, 0)
    assert.deepEqual([...(await archive(100, { taskLog: true })).tables], [['task_log', 1]])
  })

  await t.test('tables without a shadow are left alone', async () => {
    const token = { token_hash: 'x', console_type: 'novnc', host: 'h', port: 1, instance_uuid: 'u', expires: 1 }
    const before = await count('console_auth_tokens')
    await database.write((rows) => rows.insert(consoleAuthTokens, token))
    await archive(100)
    assert.equal(await count('console_auth_tokens'), before + 1)
  })

  if (database.dialect !== 'sqlite')
    await t.test('rows that a table of old releases still refers to are left out and named, the others go', async () => {
      const kept = await aDeletedInstance()
      await linesOf(database, `insert into fixed_ips (instance_uuid, address) values ('${kept.uuid}', '10.0.0.1')`)
      await database.write(async (rows) => rows.softDelete(securityGroups, { id: await rows.insert(securityGroups, { name: 'old' }) }))
      const named: string[] = []
      const { tables } = await archive(100, { onKept: (table: string) => named.push(table) })
      assert.deepEqual(named, ['instances'])
      assert.equal(tables.get('instances'), undefined)
      assert.equal(tables.get('security_groups'), 1)
      await linesOf(database, 'delete from fixed_ips')
      assert.deepEqual((await archive(100)).instanceUuids, [kept.uuid])
    })

  await t.test('purging takes what is older, by the time that the table has, and then everything', async () => {
    assert.ok((await count('shadow_instances')) > 0)
    const skipped: string[] = []
    const long = new Date(clock.time - 1000)
    assert.equal(await purgeShadowTables(database, { before: long, onSkipped: (table) => skipped.push(table) }), 0)
    assert.deepEqual(skipped, ['shadow_alembic_version'])
    const columns = new Map<string, string | null>()
    const later = new Date(clock.time + 2000)
    const purged = await purgeShadowTables(database, { before: later, onPurged: (table, _rows, column) => columns.set(table, column) })
    assert.ok(purged > 10)
    assert.equal(columns.get('shadow_instances'), 'deleted_at')
    assert.equal(columns.get('shadow_instance_actions'), 'created_at')
    assert.equal(columns.get('shadow_task_log'), 'updated_at')
    assert.equal(await count('shadow_instances'), 0)
    await aDeletedInstance()
    await archive(100)
    assert.ok((await purgeShadowTables(database, { before: null })) > 0)
    assert.equal(await purgeShadowTables(database, { before: null }), 0)
  })

  await t.test('all instances come oldest first, page by page, deleted ones among them', async () => {
    const uuids: string[] = []
    for (const make of [aDeletedInstance, aDeletedInstance]) uuids.push((await make()).uuid)
    clock.time += 5000
    uuids.push((await aDeletedInstance()).uuid)
    await database.write((rows) => rows.update(instances, { uuid: uuids[1]! }, { created_at: new Date(clock.time + 9000) }))
    const all: string[] = []
    for (let after: string | null = null; ; after = all.at(-1)!) {
      const page = await listOldestInstances(database, { limit: 2, after })
      all.push(...page.map(({ uuid }) => uuid))
      if (page.length < 2) break
    }
    assert.deepEqual(
      all.filter((uuid) => uuids.includes(uuid)),
      [uuids[0], uuids[2], uuids[1]],
    )
    await assert.rejects(listOldestInstances(database, { limit: 2, after: 'nowhere' }), { kind: 'MarkerNotFound' })
  })
}
