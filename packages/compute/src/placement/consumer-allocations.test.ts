import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isClientError } from '@micronova/clients'
import { isNovaError } from '@micronova/model'
import { nextUuid } from '../../test/support/compute-fixture.js'
import { allocate, nodeUuid, type PlacementFixture, placementFixture, takeRequests } from '../../test/support/placement-fixture.js'

/** A host with a provider, an instance that has something of it, and a migration that has nothing. */
async function host() {
  const fixture = await placementFixture()
  await fixture.update()
  const [instance, migration] = [nextUuid(), nextUuid()]
  await allocate(fixture, instance)
  return { ...fixture, instance, migration }
}

const consumers = ({ server }: PlacementFixture) => [...server.state.consumers.keys()]
const deleteFailed = (err: unknown) => isNovaError(err, 'AllocationDeleteFailed')

test('a forced delete is one request, and says whether there was something', async () => {
  const fixture = await host()
  const { parts, ctx, instance } = fixture
  assert.equal(await parts.placement.deleteAllocations(ctx, instance, { force: true }), true)
  assert.deepEqual(consumers(fixture), [])
  assert.equal(await parts.placement.deleteAllocations(ctx, instance, { force: true }), false)
  assert.deepEqual(takeRequests(fixture), ['deleteAllocations', 'deleteAllocations'])
})

test('a careful delete gives way to whoever changed the allocations meanwhile', async () => {
  const fixture = await host()
  const { parts, ctx, instance, server } = fixture
  server.calls.before('putAllocations', () => {
    server.state.consumers.get(instance)!.generation++
  })
  await assert.rejects(parts.placement.deleteAllocations(ctx, instance, { force: false }), deleteFailed)
  assert.deepEqual(consumers(fixture), [instance])
  assert.equal(await parts.placement.deleteAllocations(ctx, instance, { force: false }), true)
  assert.deepEqual(consumers(fixture), [])
  takeRequests(fixture)
  assert.equal(await parts.placement.deleteAllocations(ctx, instance, { force: false }), false)
  assert.deepEqual(takeRequests(fixture), ['getAllocations'])
})

test('a Placement that cannot be asked is a warning; one that refuses is an error', async () => {
  const fixture = await host()
  const { parts, ctx, instance, server, log } = fixture
  for (const force of [true, false]) {
    server.calls.fail(force ? 'deleteAllocations' : 'getAllocations', 'unreachable')
    log.clear()
    assert.equal(await parts.placement.deleteAllocations(ctx, instance, { force }), false)
    assert.match(log.messages('WARNING').join(), /Placement cannot be asked/)
    server.calls.fail(force ? 'deleteAllocations' : 'getAllocations', 500)
    await assert.rejects(parts.placement.deleteAllocations(ctx, instance, { force }), deleteFailed)
  }
  assert.deepEqual(consumers(fixture), [instance])
})

test('a migration gives its instance back what it held for it', async () => {
  const fixture = await host()
  const { parts, ctx, instance, migration, server } = fixture
  const before = await parts.placement.allocationsOf(ctx, instance)
  assert.equal(await parts.placement.moveAllocations(ctx, instance, migration), true)
  assert.deepEqual(consumers(fixture), [migration])
  assert.equal(await parts.placement.moveAllocations(ctx, migration, instance), true)
  assert.deepEqual(consumers(fixture), [instance])
  const resources = (allocations: typeof before) => Object.entries(allocations).map(([uuid, one]) => [uuid, one.resources])
  assert.deepEqual(resources(await parts.placement.allocationsOf(ctx, instance)), resources(before))
  assert.equal(server.state.consumers.get(instance)?.project_id, 'project1')
})

test('what the other one has already is replaced', async () => {
  const fixture = await host()
  const { parts, ctx, instance, migration } = fixture
  await allocate(fixture, migration)
  assert.equal(await parts.placement.moveAllocations(ctx, migration, instance), true)
  assert.deepEqual(consumers(fixture), [instance])
})

test('allocations that were moved before are fine; none at all are not', async () => {
  const fixture = await host()
  const { parts, ctx, instance, migration } = fixture
  assert.equal(await parts.placement.moveAllocations(ctx, migration, instance), true)
  assert.deepEqual(consumers(fixture), [instance])
  assert.equal(await parts.placement.moveAllocations(ctx, migration, nextUuid()), false)
})

test('a move is refused if another process has changed either end, and tried again if only a provider has changed', async () => {
  const fixture = await host()
  const { parts, ctx, instance, migration, server, clock } = fixture
  server.calls.before('postAllocations', () => {
    server.state.consumers.get(instance)!.generation++
  })
  await assert.rejects(parts.placement.moveAllocations(ctx, instance, migration), (err) => isNovaError(err, 'AllocationMoveFailed'))
  assert.deepEqual(consumers(fixture), [instance])

  server.calls.fail('postAllocations', 409, 'placement.concurrent_update')
  const moving = parts.placement.moveAllocations(ctx, instance, migration)
  while (clock.pendingTimers === 0) await new Promise<void>((resolve) => setImmediate(resolve))
  await clock.advance(0)
  assert.equal(await moving, true)
  assert.deepEqual(consumers(fixture), [migration])
})

test('a move ends after four tries, and with any other refusal at once', async () => {
  const fixture = await host()
  const { parts, ctx, instance, migration, server, clock } = fixture
  for (let i = 0; i < 4; i++) server.calls.fail('postAllocations', 409, 'placement.concurrent_update')
  const moving = parts.placement.moveAllocations(ctx, instance, migration)
  let isOver = false
  void moving.finally(() => {
    isOver = true
  })
  while (!isOver) {
    await clock.advance(0)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  assert.equal(await moving, false)
  assert.equal(takeRequests(fixture).filter((name) => name === 'postAllocations').length, 4)
  server.calls.fail('postAllocations', 500)
  assert.equal(await parts.placement.moveAllocations(ctx, instance, migration), false)
  assert.deepEqual(consumers(fixture), [instance])
})

test('an evacuated instance keeps what it has elsewhere', async () => {
  const fixture = await host()
  const { parts, ctx, server } = fixture
  const other = nextUuid()
  await server.createResourceProvider(ctx, { uuid: other, name: 'other' })
  await server.putInventories(ctx, other, {
    resource_provider_generation: 0,
    inventories: { VCPU: { total: 4 }, MEMORY_MB: { total: 4096 }, DISK_GB: { total: 10 } },
  })
  const evacuated = nextUuid()
  await allocate(fixture, evacuated, [nodeUuid(fixture), other])
  assert.equal(await parts.placement.removeFromProvider(ctx, evacuated, nodeUuid(fixture)), true)
  assert.deepEqual(Object.keys(await parts.placement.allocationsOf(ctx, evacuated)), [other])
  takeRequests(fixture)
  assert.equal(await parts.placement.removeFromProvider(ctx, evacuated, nodeUuid(fixture)), true, 'again')
  assert.deepEqual(takeRequests(fixture), ['getAllocations', 'listResourceProviders'])
  assert.equal(await parts.placement.removeFromProvider(ctx, nextUuid(), other), false, 'of one that has nothing')
})

test('what Placement refuses to remove is said; that it cannot be asked is an error, as it may be tried later', async () => {
  const fixture = await host()
  const { parts, ctx, instance, server, log } = fixture
  server.calls.fail('putAllocations', 409, 'placement.concurrent_update')
  assert.equal(await parts.placement.removeFromProvider(ctx, instance, nodeUuid(fixture)), false)
  assert.equal(log.messages('WARNING').filter((line) => line.includes(instance)).length, 1)
  server.calls.fail('getAllocations', 'timeout')
  await assert.rejects(parts.placement.removeFromProvider(ctx, instance, nodeUuid(fixture)), (err) => isClientError(err, 'timeout'))
})

test('allocations of which Placement does not say anything are none, with a warning', async () => {
  const { parts, ctx, instance, server, log } = await host()
  for (const trouble of ['unreachable', 500] as const) {
    server.calls.fail('getAllocations', trouble)
    log.clear()
    assert.deepEqual(await parts.placement.allocationsOf(ctx, instance), {})
    assert.equal(log.messages('WARNING').length, 1)
  }
})
