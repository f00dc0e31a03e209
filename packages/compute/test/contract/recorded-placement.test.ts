import assert from 'node:assert/strict'
import { test } from 'node:test'
import { host, nextUuid, runningInstance } from '../support/compute-fixture.js'
import { type Exchange, recordedExchanges, sentExchanges, withIds } from '../support/placement-exchange.js'
import { allocate, nodeUuid, type PlacementFixture, placementFixture, takeRequests } from '../support/placement-fixture.js'

const uuidPattern = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/

/** Upstream also reads allocations in each update, for a reshape that no driver does, and aggregates, in which it looks for shared storage. */
const needed = ({ method, path }: Exchange) => method !== 'GET' || !/\/(allocations|aggregates)$/.test(path)

function assertSame(fixture: PlacementFixture, recorded: readonly Exchange[], { generation = 0 } = {}): void {
  const uuid = uuidPattern.exec(JSON.stringify(recorded))?.[0] ?? ''
  const sent = sentExchanges(fixture.server).filter(needed)
  const expected = withIds(recorded.filter(needed), { [uuid]: nodeUuid(fixture), compute3: host })
  assert.deepEqual(withGenerations(withIds(sent, {}), generation), withGenerations(expected, 0))
}

/** Generations count from where the provider was. */
function withGenerations(exchanges: unknown, offset: number): unknown {
  return JSON.parse(JSON.stringify(exchanges), (key, value: unknown) =>
    key === 'resource_provider_generation' && typeof value === 'number' ? value + offset : value,
  )
}

test('a first start asks Placement what a Python nova-compute asks', async () => {
  const fixture = await placementFixture()
  await fixture.update()
  assertSame(
    fixture,
    recordedExchanges('01-compute-startup').filter(({ t }) => t < 60),
  )
})

test('so does a restart', async () => {
  const fixture = await placementFixture()
  await fixture.update()
  fixture.restart()
  takeRequests(fixture)
  await fixture.update()
  assertSame(fixture, recordedExchanges('02-compute-restart'))
})

test('so does a first start whose provider is changed by somebody else', async () => {
  const fixture = await placementFixture()
  const { server } = fixture
  server.calls.before('putInventories', () => {
    const uuid = nodeUuid(fixture)
    const inventory = { reserved: 0, min_unit: 1, max_unit: 2147483647, step_size: 1 }
    server.state.setInventories(uuid, 0, { VCPU: { ...inventory, total: 1, allocation_ratio: 1 } })
  })
  await fixture.update()
  assertSame(fixture, recordedExchanges('10-placement-conflict'))
})

test('a service that is disabled, and enabled again, is told as a Python nova-compute tells it', async () => {
  const fixture = await placementFixture()
  await fixture.update()
  const { parts, ctx, server } = fixture
  const node = parts.tracker.nodes.get(host)!
  takeRequests(fixture)
  await parts.placement.setEnabled(ctx, node, false)
  assertSame(fixture, recordedExchanges('10b-service-disable-conflict'), {
    generation: 332 - server.state.provider(node.uuid).generation + 1,
  })
  takeRequests(fixture)
  await parts.placement.setEnabled(ctx, node, true)
  const enabling = recordedExchanges('10c-service-enable').filter(({ path }) => !path.endsWith('/allocations'))
  assertSame(fixture, enabling, { generation: 334 - server.state.provider(node.uuid).generation + 1 })
})

test('a delete ends with the one request that matters of those of a Python nova-compute', async () => {
  const fixture = await placementFixture()
  await fixture.update()
  const instance = await runningInstance(fixture)
  await allocate(fixture, instance.uuid)
  await fixture.parts.placement.deleteAllocations(fixture.ctx, instance.uuid, { force: true })
  const last = recordedExchanges('08-delete').at(-1)!
  const uuid = uuidPattern.exec(last.path)?.[0] ?? ''
  assert.deepEqual(withIds(sentExchanges(fixture.server), {}), withIds([last], { [uuid]: instance.uuid }))
})

test('the end of a confirmed resize, which frees its source, is that of a Python nova-compute', async () => {
  const fixture = await placementFixture()
  await fixture.update()
  const migration = nextUuid()
  await allocate(fixture, migration)
  await fixture.parts.placement.deleteAllocations(fixture.ctx, migration, { kind: 'migration', force: false })
  assertSameConsumer(fixture, recordedExchanges('04-resize-confirm').slice(-2), { migration })
})

test('a source that comes back takes what it has off an evacuated instance as a Python nova-compute does', async () => {
  const fixture = await placementFixture()
  await fixture.update()
  const { server, ctx, parts } = fixture
  const other = await otherProvider(fixture)
  const instance = nextUuid()
  await allocate(fixture, instance, [other, nodeUuid(fixture)])
  server.state.consumers.get(instance)!.generation = 2
  server.state.provider(other).generation = 341
  assert.equal(await parts.placement.removeFromProvider(ctx, instance, nodeUuid(fixture)), true)
  const recorded = recordedExchanges('16-evacuate', 'compute2').slice(0, 3)
  assertSameConsumer(fixture, recorded, { instance, node: nodeUuid(fixture), other })
})

/** Uuids of `recorded` become ours, in the order in which they come. */
function assertSameConsumer(fixture: PlacementFixture, recorded: readonly Exchange[], ours: Readonly<Record<string, string>>): void {
  const theirs = [...new Set(JSON.stringify(recorded).match(new RegExp(uuidPattern, 'g')))]
  const ids = Object.fromEntries(Object.values(ours).map((uuid, index) => [theirs[index] ?? '', uuid]))
  const project = { '"cd66de3907554966b0d88d4f599f3e41"': '"project1"', '"ce3aaf8c15ef459389a223bf2a3e10dd"': '"user1"' }
  assert.deepEqual(withIds(sentExchanges(fixture.server), {}), withIds(recorded, { ...ids, ...project }))
}

async function otherProvider({ server, ctx }: PlacementFixture): Promise<string> {
  const uuid = nextUuid()
  await server.createResourceProvider(ctx, { uuid, name: 'other' })
  const inventories = { VCPU: { total: 4 }, MEMORY_MB: { total: 4096 }, DISK_GB: { total: 10 } }
  await server.putInventories(ctx, uuid, { resource_provider_generation: 0, inventories })
  return uuid
}
