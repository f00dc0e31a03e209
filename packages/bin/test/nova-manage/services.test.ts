import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Aggregate } from '@micronova/model'
import { ctx, dialects, readyDeployment } from './deployment.js'
import { aCompute, aMigration, anInstance } from './records.js'

for (const dialect of dialects)
  test(`${dialect.name}: services are listed with their zone and state, and deleted with all that is theirs`, {
    skip: dialect.skip,
  }, async (t) => {
    const { ok, main, api, cellUuid } = await readyDeployment(t, dialect)
    const { stores } = await main()
    const { stores: above } = await api()
    const { service, node } = await aCompute(stores, 'host1')
    const { service: second } = await aCompute(stores, 'host2')
    second.forced_down = true
    second.disabled = true
    await stores.services.save(ctx, second)
    await ok(0, 'cell_v2', 'discover_hosts')
    const aggregate = new Aggregate({ name: 'east', metadata: { availability_zone: 'east' } })
    await above.aggregates.create(ctx, aggregate)
    await above.aggregates.addHost(ctx, aggregate, 'host1')

    const listed = await ok(0, 'service', 'list', '--binary', 'nova-compute')
    const row = (...cells: readonly string[]) => new RegExp(cells.map((cell) => `\\| +${cell} +`).join(''))
    assert.match(listed, row(service.uuid, 'nova-compute', 'host1', 'east', 'enabled', 'up'))
    assert.match(listed, row(second.uuid, 'nova-compute', 'host2', 'nova', 'disabled', 'down'))
    assert.doesNotMatch(await ok(0, 'service', 'list', '--host', 'host2', '--cell_uuid', cellUuid), /host1/)
    await ok(1, 'service', 'list', '--cell_uuid', 'x')

    const instance = await anInstance(stores, { host: 'host1', node: 'host1.example' })
    assert.match(await ok(1, 'service', 'delete', 'x'), /Service x was not found/)
    assert.match(await ok(2, 'service', 'delete', service.uuid), /^1 instances are on host host1/)
    await stores.instances.destroy(ctx, instance)
    const { uuid } = await anInstance(stores)
    const migration = await aMigration(stores, { host: 'host1', node: 'host1.example', uuid })
    assert.match(await ok(3, 'service', 'delete', service.uuid), /^1 migrations involve host host1/)
    assert.equal((await above.hostMappings.listByHosts(ctx, ['host1'])).length, 1, 'a refusal changes nothing')
    migration.status = 'error'
    await stores.migrations.save(ctx, migration)
    assert.match(await ok(0, 'service', 'delete', service.uuid), new RegExp(`openstack resource provider delete ${node.uuid}`))
    assert.deepEqual(await above.hostMappings.listByHosts(ctx, ['host1']), [])
    assert.deepEqual((await above.aggregates.getById(ctx, aggregate.id)).hosts, [])
    assert.deepEqual(
      (await stores.computeNodes.listAll(ctx)).map(({ host }) => host),
      ['host2'],
    )
    assert.deepEqual(
      (await stores.services.list(ctx)).map(({ host }) => host),
      ['host2'],
    )
  })
