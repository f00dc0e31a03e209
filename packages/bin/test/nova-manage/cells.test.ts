import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostMapping, InstanceMapping } from '@micronova/model'
import { ctx, dialects, linesOf, readyDeployment, testDeployment } from './deployment.js'
import { aCompute, anInstance } from './records.js'

for (const dialect of dialects) {
  const { name, skip } = dialect
  test(`${name}: hosts are discovered, listed, and taken out of their cell`, { skip }, async (t) => {
    const { ok, main, cellUuid } = await readyDeployment(t, dialect)
    const { stores } = await main()
    await aCompute(stores, 'b-host')
    const { node } = await aCompute(stores, 'a-host')
    assert.equal(await ok(1, 'cell_v2', 'list_hosts', '--cell_uuid', 'x'), 'Cell with uuid x was not found.\n')
    const found = await ok(0, 'cell_v2', 'discover_hosts', '--verbose', '--strict')
    assert.match(found, new RegExp(`^Creating host mapping for compute host 'a-host': ${node.uuid}$`, 'm'))
    assert.match(found, new RegExp(`^Found 2 unmapped computes in cell: ${cellUuid}$`, 'm'))
    assert.equal((await stores.computeNodes.listUnmapped(ctx)).length, 0)
    assert.equal(await ok(1, 'cell_v2', 'discover_hosts', '--strict'), '')
    assert.equal(await ok(0, 'cell_v2', 'discover_hosts', '--by-service', '--cell_uuid', cellUuid), '')
    assert.equal(await ok(255, 'cell_v2', 'discover_hosts', '--cell_uuid', 'x'), '')
    const listed = await ok(0, 'cell_v2', 'list_hosts', '--cell_uuid', cellUuid)
    assert.match(listed, /\| Cell Name \|[^\n]+\n\+[^\n]+\n\| {3}cell1 {3}\|[^\n]* a-host {2}\|\n\| {3}cell1 {3}\|[^\n]* b-host {2}\|\n/)

    const remove = (cell: string, host: string) => ['cell_v2', 'delete_host', '--cell_uuid', cell, '--host', host] as const
    const instance = await anInstance(stores, { host: 'a-host', node: 'a-host.example' })
    await ok(1, ...remove('x', 'a-host'))
    await ok(2, ...remove(cellUuid, 'c-host'))
    await ok(3, ...remove('00000000-0000-0000-0000-000000000000', 'a-host'))
    await ok(4, ...remove(cellUuid, 'a-host'))
    await stores.instances.destroy(ctx, instance)
    await ok(0, ...remove(cellUuid, 'a-host'))
    assert.deepEqual(
      (await stores.computeNodes.listUnmapped(ctx)).map(({ host }) => host),
      ['a-host'],
    )
    assert.doesNotMatch(await ok(0, 'cell_v2', 'list_hosts'), /a-host/)
  })

  test(`${name}: instances are mapped, where the last run ended, and verified in each of their states`, { skip }, async (t) => {
    const { ok, main, api, cellUuid } = await readyDeployment(t, dialect)
    const { stores } = await main()
    const { stores: above, database } = await api()
    const instances = []
    for (let left = 3; left > 0; left--) instances.push(await anInstance(stores))
    const [first, second, third] = instances.map(({ uuid }) => uuid)
    const map = (status: number, ...args: readonly string[]) => ok(status, 'cell_v2', 'map_instances', '--cell_uuid', cellUuid, ...args)
    assert.match(await map(127, '--max-count', 'many'), /positive/)
    await ok(255, 'cell_v2', 'map_instances', '--cell_uuid', 'x')
    await map(1, '--max-count', '2')
    const query = 'select instance_uuid, project_id from instance_mappings order by id'
    assert.deepEqual(await linesOf(database, query), [
      `${first} | project`,
      `${second} | project`,
      `${second!.replaceAll('-', ' ')} | INSTANCE_MIGRATION_MARKER`,
    ])
    await map(1, '--max-count', '2', '--reset')
    await map(0)
    assert.deepEqual(await linesOf(database, query), [`${first} | project`, `${second} | project`, `${third} | project`])

    const verify = (status: number, ...args: readonly string[]) => ok(status, 'cell_v2', 'verify_instance', '--uuid', ...args)
    assert.equal(await verify(0, first!), `Instance ${first} is in cell: cell1 (${cellUuid})\n`)
    assert.equal(await verify(0, first!, '--quiet'), '')
    assert.match(await verify(1, 'nowhere'), /not mapped/)
    const unscheduled = new InstanceMapping({ instance_uuid: 'unscheduled', project_id: 'project', user_id: 'user' })
    await above.instanceMappings.create(ctx, unscheduled)
    assert.match(await verify(2, 'unscheduled'), /not mapped to a cell$/m)
    await stores.instances.destroy(ctx, instances[0]!)
    assert.match(await verify(3, first!), /has been deleted/)
    await above.instanceMappings.destroy(ctx, first!)
    await ok(1, 'db', 'archive_deleted_rows')
    const cell = await above.cellMappings.getByUuid(ctx, cellUuid)
    await above.instanceMappings.create(
      ctx,
      new InstanceMapping({ instance_uuid: first!, cell_mapping: cell, project_id: 'p', user_id: 'u' }),
    )
    assert.match(await verify(4, first!), /has been archived/)
  })

  test(`${name}: cells are made, changed, refused twice, and deleted once they are empty`, { skip }, async (t) => {
    const { ok, main, api, cellUuid, urls } = await readyDeployment(t, dialect)
    const { stores: above } = await api()
    const other = ['--transport-url', 'rabbit://a:pw@mq2:5672/', '--database_connection', 'mysql+pymysql://a:pw@db2/nova'] as const
    assert.match(await ok(2, 'cell_v2', 'create_cell', '--name', 'again'), new RegExp(`with uuid ${cellUuid}\\.$`, 'm'))
    assert.match(await ok(1, 'cell_v2', 'create_cell', '--transport-url', 'nonsense'), /Invalid transport URL: it has no scheme/)
    assert.doesNotMatch(await ok(1, 'cell_v2', 'create_cell', '--transport-url', 'rabbit://a:pw@mq:none/'), /pw/)
    const uuid = (await ok(0, 'cell_v2', 'create_cell', '--name', 'cell2', '--disabled', '--verbose', ...other)).trim()
    const listed = await ok(0, 'cell_v2', 'list_cells')
    assert.match(
      listed,
      /\| cell2 \| [0-9a-f-]{36} \| +rabbit:\/\/a:\*{4}@mq2:5672\/ +\| +mysql\+pymysql:\/\/a:\*{4}@db2\/nova +\| +True +\|/,
    )
    assert.doesNotMatch(listed, /:pw@/)
    assert.match(await ok(0, 'cell_v2', 'list_cells', '--verbose'), /rabbit:\/\/a:pw@mq2/)

    const update = (status: number, cell: string, ...args: readonly string[]) =>
      ok(status, 'cell_v2', 'update_cell', '--cell_uuid', cell, ...args)
    await update(1, 'x')
    assert.match(await update(3, uuid, '--name', 'cell3'), /already exists/)
    await update(4, uuid, ...other, '--enable', '--disable')
    await update(5, '00000000-0000-0000-0000-000000000000', '--transport-url', 'none:///', '--database_connection', urls.cell0, '--disable')
    assert.match(await update(0, uuid, ...other, '--disable'), /already disabled/)
    await update(0, uuid, ...other, '--name', 'cell3', '--enable')
    const changed = await above.cellMappings.getByUuid(ctx, uuid)
    assert.deepEqual([changed.name, changed.disabled, changed.transport_url], ['cell3', false, 'rabbit://a:pw@mq2:5672/'])

    const remove = (status: number, ...args: readonly string[]) => ok(status, 'cell_v2', 'delete_cell', '--cell_uuid', ...args)
    await remove(1, 'x')
    await remove(0, uuid)
    const cell = await above.cellMappings.getByUuid(ctx, cellUuid)
    const { stores } = await main()
    const { node } = await aCompute(stores, 'host1')
    await above.hostMappings.create(ctx, new HostMapping({ host: 'host1', cell_mapping: cell }))
    node.mapped = 1
    await stores.computeNodes.save(ctx, node)
    await remove(2, cellUuid)
    const instance = await anInstance(stores)
    await above.instanceMappings.create(
      ctx,
      new InstanceMapping({ instance_uuid: instance.uuid, cell_mapping: cell, project_id: 'p', user_id: 'u' }),
    )
    await remove(3, cellUuid, '--force')
    await stores.instances.destroy(ctx, instance)
    const [mapping] = await above.hostMappings.listByHosts(ctx, ['host1'])
    await above.hostMappings.destroy(ctx, mapping!)
    await remove(4, cellUuid)
    await above.hostMappings.create(ctx, new HostMapping({ host: 'host1', cell_mapping: cell }))
    await remove(0, cellUuid, '--force')
    assert.deepEqual(await above.hostMappings.list(ctx), [])
    assert.deepEqual(
      (await stores.computeNodes.listUnmapped(ctx)).map(({ host }) => host),
      ['host1'],
    )
    assert.deepEqual(
      (await above.cellMappings.list(ctx)).map(({ name: left }) => left),
      ['cell0'],
    )
  })

  test(`${name}: one command sets up a deployment without cells, and may run again`, { skip }, async (t) => {
    const { ok, main, api } = await testDeployment(t, dialect)
    await ok(0, 'api_db', 'sync')
    await ok(0, 'db', 'sync', '--local_cell')
    assert.match(await ok(1, 'cell_v2', 'simple_cell_setup'), /No hosts found to map to cell, exiting\.$/m)
    const { stores } = await main()
    await aCompute(stores, 'host1')
    const instance = await anInstance(stores, { host: 'host1' })
    const shown = await ok(0, 'cell_v2', 'simple_cell_setup')
    assert.match(shown, /^Cell0 is already setup$/m)
    assert.match(await ok(0, 'cell_v2', 'simple_cell_setup'), /^All hosts are already mapped to cell\(s\)\.$/m)
    const { stores: above } = await api()
    const { cell_mapping: cell } = await above.hostMappings.getByHost(ctx, 'host1')
    assert.equal(cell.transport_url, 'rabbit://nova:secret@127.0.0.1:5672/')
    assert.equal((await above.instanceMappings.getByInstanceUuid(ctx, instance.uuid)).cell_mapping?.uuid, cell.uuid)

    await aCompute(stores, 'host2')
    const mapped = await ok(0, 'cell_v2', 'map_cell_and_hosts', '--name', 'ignored', '--verbose')
    assert.match(mapped, new RegExp(`^Host host1 is already mapped to cell ${cell.uuid}\\n${cell.uuid}$`, 'm'))
    assert.equal((await above.hostMappings.getByHost(ctx, 'host2')).cell_mapping.uuid, cell.uuid)
  })
}
