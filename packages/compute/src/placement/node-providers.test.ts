import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isClientError } from '@micronova/clients'
import { ComputeNode, type Instance, Migration } from '@micronova/model'
import { host, nextUuid, runningInstance } from '../../test/support/compute-fixture.js'
import { allocate, nodeUuid, type PlacementFixture, placementFixture, takeRequests } from '../../test/support/placement-fixture.js'

const firstReport = ['listResourceProviders', 'createResourceProvider', 'putInventories', 'listTraits', 'putProviderTraits']
const reading = ['listResourceProviders', 'getInventories', 'getProviderTraits']
const leftovers = ['getProviderAllocations']

const traits = (fixture: PlacementFixture) => new Set(fixture.server.state.traits.get(nodeUuid(fixture)))
const isDisabled = (fixture: PlacementFixture) => traits(fixture).has('COMPUTE_STATUS_DISABLED')

async function setServiceDisabled({ stores, ctx }: PlacementFixture, disabled: boolean): Promise<void> {
  const service = await stores.services.getByComputeHost(ctx, host)
  service.disabled = disabled
  await stores.services.save(ctx, service)
}

/** A host that Placement knows, as a first start leaves it. */
async function reported(options?: Parameters<typeof placementFixture>[0]): Promise<PlacementFixture> {
  const fixture = await placementFixture(options)
  await fixture.update()
  takeRequests(fixture)
  return fixture
}

test('a new node gets a provider with its uuid and name, its inventory and its traits', async () => {
  const fixture = await placementFixture()
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), firstReport)
  const { state } = fixture.server
  assert.deepEqual(
    [...state.providers.values()].map(({ uuid, name }) => [uuid, name]),
    [[nodeUuid(fixture), host]],
  )
  assert.equal(state.inventories.get(nodeUuid(fixture))?.VCPU?.total, 1000)
  assert.ok(traits(fixture).has('COMPUTE_NODE') && traits(fixture).has('COMPUTE_IMAGE_TYPE_RAW'))
})

test('a node that has not changed costs one request an audit, and after a restart three more', async () => {
  const fixture = await reported()
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), leftovers)
  fixture.restart()
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), [...reading, ...leftovers])
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), leftovers)
})

test('what others changed is noticed when the time of the memory is over, and at a reload', async () => {
  const fixture = await reported()
  const { server, clock, parts } = fixture
  server.state.traits.set(nodeUuid(fixture), ['CUSTOM_MINE'])
  server.state.customTraits.add('CUSTOM_MINE')
  await clock.advance(300_000)
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), leftovers, 'not yet')
  await clock.advance(1)
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), [...reading, 'listTraits', 'putProviderTraits', ...leftovers])
  assert.ok(traits(fixture).has('CUSTOM_MINE') && traits(fixture).has('COMPUTE_NODE'))
  parts.placement.forget()
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), [...reading, ...leftovers])
})

test('with a refresh of 0 what Placement has is read once', async () => {
  const fixture = await reported({ section: { resource_provider_association_refresh: 0 } })
  await fixture.clock.advance(10 ** 9)
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), leftovers)
})

test('a host that has grown is said to have grown', async () => {
  const fixture = await reported()
  const node = fixture.parts.tracker.nodes.get(host)!
  const larger = node.objClone()
  larger.vcpus = 2000
  await fixture.parts.placement.audit(fixture.ctx, larger, () => true)
  assert.deepEqual(takeRequests(fixture), ['putInventories', ...leftovers])
  assert.equal(fixture.server.state.inventories.get(node.uuid)?.VCPU?.total, 2000)
})

test('a change by somebody else just before ours is read, and ours made again', async () => {
  const fixture = await placementFixture()
  const { server } = fixture
  server.calls.before('putInventories', () => server.bumpGeneration(nodeUuid(fixture)))
  server.calls.before('putProviderTraits', () => server.bumpGeneration(nodeUuid(fixture)))
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), [
    ...firstReport.slice(0, 3),
    ...reading,
    ...firstReport.slice(2),
    ...reading,
    ...firstReport.slice(3),
  ])
  assert.ok(traits(fixture).has('COMPUTE_NODE'))
  assert.deepEqual(fixture.log.messages('ERROR'), [])
})

test('a provider that changes all the time is given up until the next audit', async () => {
  const fixture = await placementFixture()
  const { server, log } = fixture
  for (let i = 0; i < 4; i++) server.calls.before('putInventories', () => server.bumpGeneration(nodeUuid(fixture)))
  await fixture.update()
  assert.equal(takeRequests(fixture).filter((name) => name === 'putInventories').length, 4)
  assert.equal(log.messages('ERROR').length, 1)
  await fixture.update()
  assert.ok(traits(fixture).has('COMPUTE_NODE'))
})

test('a provider that somebody has removed is made again in the same audit', async () => {
  const fixture = await reported()
  const { server, ctx } = fixture
  await server.deleteResourceProvider(ctx, nodeUuid(fixture))
  takeRequests(fixture)
  await setServiceDisabled(fixture, true)
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), ['listTraits', 'putProviderTraits', ...firstReport])
  assert.ok(isDisabled(fixture))
})

test('a provider that another process makes at the same time is taken over', async () => {
  const fixture = await placementFixture()
  const { server, ctx } = fixture
  server.calls.before('createResourceProvider', async () => {
    await server.createResourceProvider(ctx, { uuid: nodeUuid(fixture), name: host })
  })
  await fixture.update()
  assert.equal(server.state.inventories.get(nodeUuid(fixture))?.VCPU?.total, 1000)
})

test('a name that another provider has is an error which says so once, and goes away with that provider', async () => {
  const fixture = await placementFixture()
  const { server, ctx, log } = fixture
  const other = nextUuid()
  await server.createResourceProvider(ctx, { uuid: other, name: host })
  await fixture.update()
  await fixture.update()
  const errors = log.messages('ERROR').filter((line) => !line.includes('compute node record'))
  assert.match(errors[0] ?? '', /has the name compute1; it must be deleted first/)
  assert.equal(errors.filter((line) => line.includes('could not be told')).length, 1)
  assert.ok(
    log.lines.every(({ err }) => err === undefined),
    'the words say all',
  )
  await server.deleteResourceProvider(ctx, other)
  log.clear()
  await fixture.update()
  assert.ok(traits(fixture).has('COMPUTE_NODE'))
  assert.match(log.messages('INFO').join(), /Placement has again what node compute1 has/)
})

test('a Placement that cannot be reached is one warning, and the next audit that reaches it repairs all', async () => {
  const fixture = await placementFixture()
  const { server, log } = fixture
  for (let i = 0; i < 3; i++) {
    server.calls.fail('listResourceProviders', 'unreachable')
    await fixture.update()
  }
  assert.equal(log.messages('WARNING').filter((line) => line.includes('Placement cannot be asked')).length, 1)
  await fixture.update()
  assert.ok(traits(fixture).has('COMPUTE_NODE'))
})

test('an audit that is asked for while one is under way is that one', async () => {
  const fixture = await reported()
  const { parts, ctx } = fixture
  const node = parts.tracker.nodes.get(host)!
  await Promise.all([1, 2, 3].map(() => parts.placement.audit(ctx, node, () => true)))
  assert.deepEqual(takeRequests(fixture), leftovers)
  await parts.placement.audit(ctx, node, () => true)
  assert.deepEqual(takeRequests(fixture), leftovers)
})

test('what an audit does not come to as the service ends is not spoken of', async () => {
  const fixture = await reported()
  fixture.server.calls.fail('getProviderAllocations', 'unreachable')
  fixture.parts.placement.close()
  fixture.log.clear()
  await fixture.update()
  assert.deepEqual(fixture.log.messages('WARNING'), [])
})

test('a disabled service is seen at its provider, whoever missed to say so', async () => {
  const fixture = await reported()
  await setServiceDisabled(fixture, true)
  await fixture.update()
  assert.ok(isDisabled(fixture))
  await setServiceDisabled(fixture, false)
  await fixture.update()
  assert.ok(!isDisabled(fixture))
})

test('without a service record the status stays as it is, which is said once', async () => {
  const fixture = await reported()
  const { stores, ctx, log } = fixture
  await setServiceDisabled(fixture, true)
  await fixture.update()
  await stores.services.destroy(ctx, await stores.services.getByComputeHost(ctx, host))
  log.clear()
  await fixture.update()
  await fixture.update()
  assert.ok(isDisabled(fixture))
  assert.deepEqual(log.messages('ERROR'), [`There is no service record for nova-compute on ${host}`])
})

test('a service that is enabled or disabled is seen at its provider at once, and what others changed stays', async () => {
  const fixture = await reported()
  const { server, parts, ctx } = fixture
  const node = parts.tracker.nodes.get(host)!
  server.state.customTraits.add('CUSTOM_MINE')
  server.state.traits.set(node.uuid, [...traits(fixture), 'CUSTOM_MINE'])
  server.bumpGeneration(node.uuid)
  await parts.placement.setEnabled(ctx, node, false)
  assert.deepEqual(takeRequests(fixture), ['getProviderTraits', 'listTraits', 'putProviderTraits'])
  assert.ok(isDisabled(fixture) && traits(fixture).has('CUSTOM_MINE'))
  await parts.placement.setEnabled(ctx, node, false)
  assert.deepEqual(takeRequests(fixture), ['getProviderTraits'])
  await setServiceDisabled(fixture, true)
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), leftovers, 'the audit knows')

  server.calls.before('putProviderTraits', () => server.bumpGeneration(node.uuid))
  await parts.placement.setEnabled(ctx, node, true)
  assert.ok(!isDisabled(fixture))
})

test('a status that cannot be told is an error of the caller', async () => {
  const fixture = await reported()
  fixture.server.calls.fail('getProviderTraits', 'unreachable')
  const node = fixture.parts.tracker.nodes.get(host)!
  await assert.rejects(fixture.parts.placement.setEnabled(fixture.ctx, node, false), (err) => isClientError(err, 'unreachable'))
})

test('an audit removes what deleted instances have left, and nothing else', async () => {
  const fixture = await reported()
  const { stores, ctx, server } = fixture
  const [present, deleted] = [await runningInstance(fixture), await runningInstance(fixture)]
  await stores.instances.destroy(ctx, deleted)
  const migration = new Migration({
    instance_uuid: present.uuid,
    source_compute: host,
    source_node: host,
    migration_type: 'migration',
    status: 'running',
  })
  await stores.migrations.create(ctx, migration)
  const scheduled = nextUuid()
  for (const consumer of [present.uuid, deleted.uuid, migration.uuid, scheduled]) await allocate(fixture, consumer)
  await fixture.update()
  assert.deepEqual([...server.state.consumers.keys()], [present.uuid, migration.uuid, scheduled])
  assert.deepEqual(takeRequests(fixture), [...leftovers, 'getAllocations', 'putAllocations'])
})

test('leftovers that cannot be removed now keep no other from going', async () => {
  const fixture = await reported()
  const { stores, ctx, server, log } = fixture
  const deleted = [await runningInstance(fixture), await runningInstance(fixture)]
  for (const instance of deleted) {
    await allocate(fixture, instance.uuid)
    await stores.instances.destroy(ctx, instance)
  }
  server.calls.fail('putAllocations', 409, 'placement.concurrent_update')
  await fixture.update()
  assert.deepEqual([...server.state.consumers.keys()], [deleted[0]!.uuid])
  assert.deepEqual(log.messages('ERROR'), [])
  await fixture.update()
  assert.equal(server.state.consumers.size, 0)
})

test('what a confirmed move has left on its source is freed by the second audit that finds it', async () => {
  const fixture = await reported()
  const { stores, ctx } = fixture
  const instance = await runningInstance(fixture, { host: 'compute2', node: 'compute2' })
  const back = await runningInstance(fixture)
  const left = (status: string, { uuid: instance_uuid }: Instance) =>
    new Migration({ instance_uuid, source_compute: host, source_node: host, migration_type: 'resize', status })
  const [confirmed, reverted] = [left('confirmed', instance), left('reverted', back)]
  for (const migration of [confirmed, reverted]) {
    await stores.migrations.create(ctx, migration)
    await allocate(fixture, migration.uuid)
  }
  await fixture.update()
  assert.equal(fixture.server.state.consumers.size, 2)
  await fixture.update()
  assert.deepEqual([...fixture.server.state.consumers.keys()], [reverted.uuid])
  assert.equal(fixture.log.messages('WARNING').filter((line) => line.includes(reverted.uuid)).length, 1)
})

test('an instance that has gone elsewhere and left allocations is mentioned once', async () => {
  const fixture = await reported()
  const elsewhere = await runningInstance(fixture, { host: 'compute2', node: 'compute2' })
  await allocate(fixture, elsewhere.uuid)
  await fixture.update()
  await fixture.update()
  assert.equal(fixture.log.messages('WARNING').filter((line) => line.includes('compute2(compute2)')).length, 1)
  assert.deepEqual([...fixture.server.state.consumers.keys()], [elsewhere.uuid])
})

test('the number of requests and of calls to the conductor does not depend on the number of instances', async () => {
  const counts: number[][] = []
  for (const instances of [1, 200]) {
    const fixture = await reported()
    for (let i = 0; i < instances; i++) await allocate(fixture, (await runningInstance(fixture)).uuid)
    for (let i = 0; i < instances; i++) await allocate(fixture, (await runningInstance(fixture, { host: null, node: null })).uuid)
    fixture.calls.length = 0
    await fixture.update()
    counts.push([takeRequests(fixture).length, fixture.calls.length])
  }
  assert.deepEqual(counts[1], counts[0])
})

test('a node that is gone takes its provider with it, and what its instances and those evacuated from it had', async () => {
  const fixture = await reported()
  const { stores, ctx, server, parts } = fixture
  const node = parts.tracker.nodes.get(host)!
  const child = nextUuid()
  await server.createResourceProvider(ctx, { uuid: child, name: 'a child of it', parent_provider_uuid: node.uuid })
  const present = await runningInstance(fixture)
  const evacuated = await runningInstance(fixture, { host: 'compute2', node: 'compute2' })
  await stores.migrations.create(
    ctx,
    new Migration({ instance_uuid: evacuated.uuid, source_compute: host, source_node: host, migration_type: 'evacuation', status: 'done' }),
  )
  for (const { uuid } of [present, evacuated]) await allocate(fixture, uuid)
  await parts.placement.remove(ctx, node)
  assert.deepEqual([server.state.providers.size, server.state.consumers.size], [0, 0])
})

test('a provider that is still in use stays, and what cannot be done is said', async () => {
  const fixture = await reported()
  const { ctx, server, parts, log } = fixture
  const node = parts.tracker.nodes.get(host)!
  await allocate(fixture, nextUuid())
  await parts.placement.remove(ctx, node)
  assert.equal(server.state.providers.size, 1)
  assert.match(log.messages('ERROR').at(-1) ?? '', /cannot be deleted/)
  server.calls.fail('listResourceProviders', 'unreachable')
  await parts.placement.remove(ctx, node)
  assert.match(log.messages('ERROR').at(-1) ?? '', /Failed to delete compute node resource provider/)
})

test('a record of a node that the driver no longer has goes with its provider', async () => {
  const fixture = await reported()
  const { ctx, server, stores } = fixture
  const orphan = new ComputeNode({ host, hypervisor_hostname: 'old', uuid: nextUuid() })
  await stores.computeNodes.create(ctx, orphan)
  await server.createResourceProvider(ctx, { uuid: orphan.uuid, name: 'old' })
  await fixture.update()
  assert.deepEqual(
    [...server.state.providers.values()].map(({ name }) => name),
    [host],
  )
})
