import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flavor, type Instance, InstancePCIRequest, InstancePCIRequests, isNovaError, Migration } from '@micronova/model'
import { currentInstance, host, runningInstance, smallFlavor } from '../../test/support/compute-fixture.js'
import { recordedObject, type TrackerFixture, takeCalls, trackerFixture, withoutChanges } from '../../test/support/tracker-fixture.js'

const large = Flavor.objStored({ ...smallFlavor.objGetSet(), id: 2, name: 'm1.large', memory_mb: 4096, vcpus: 4, root_gb: 10 })

interface Move extends TrackerFixture {
  readonly instance: Instance
  readonly migration: Migration
}

/** An instance on `source` that is to come here with the large flavor. */
async function move(
  source: string,
  values: { readonly migration_type?: 'resize' | 'migration' | 'live-migration' | 'evacuation' } = {},
): Promise<Move> {
  const fixture = await trackerFixture()
  const { ctx, stores, tracker } = fixture
  const at = { host: source, node: source, instance_type_id: 1, task_state: 'resize_prep', new_flavor: large.objClone(), old_flavor: null }
  const instance = await runningInstance(fixture, at)
  await stores.instances.load(ctx, instance, ['flavor', 'migration_context'])
  const migration = new Migration({
    instance_uuid: instance.uuid,
    source_compute: source,
    source_node: source,
    old_instance_type_id: 1,
    new_instance_type_id: 2,
    migration_type: 'resize',
    status: 'pre-migrating',
    ...values,
  })
  await stores.migrations.create(ctx, migration)
  await tracker.updateAvailableResource(ctx, host)
  fixture.calls.length = 0
  return { ...fixture, instance, migration }
}

const resize = ({ ctx, tracker, instance, migration }: Move) =>
  tracker.moves.resizeClaim(ctx, { instance, flavor: large, node: host, migration, limits: {} })

function used({ tracker }: TrackerFixture): number {
  return tracker.nodes.get(host)!.vcpus_used
}

async function storedMigration({ stores, ctx }: TrackerFixture, instance: Instance): Promise<Migration> {
  const [migration] = await stores.migrations.listByFilters(ctx, { instance_uuid: instance.uuid })
  return migration!
}

test('a claim for a resize from another host counts the new size here and stores both ends of the move', async () => {
  const fixture = await move('compute2')
  const { calls, instance, ctx, stores } = fixture
  const claim = await resize(fixture)
  assert.equal(claim.migration, fixture.migration)
  const saved = calls.find(({ method }) => method === 'instances.save')!
  const recorded = recordedObject('wire/06-resize-confirm.jsonl', 'Instance', 'save', 'migration_context')
  const withoutIds = (context: unknown): unknown =>
    JSON.parse(
      JSON.stringify(withoutChanges(context))
        .replace(/[0-9a-f-]{36}/g, 'uuid')
        .replace(/"migration_id":\d+/, '"migration_id":0'),
    )
  assert.deepEqual(withoutIds(saved.changes.migration_context), withoutIds(recorded.fields.migration_context))
  assert.equal(used(fixture), 4)

  const { migration_context: context } = await stores.instances.getByUuid(ctx, instance.uuid, ['migration_context'])
  assert.equal(context?.migration_id, fixture.migration.id)
  const migration = await storedMigration(fixture, instance)
  assert.deepEqual(
    [migration.dest_compute, migration.dest_node, migration.dest_host, migration.status],
    [host, host, '192.168.0.1', 'pre-migrating'],
  )
})

test('what a claim of a move asks the conductor is what upstream asks', async () => {
  const fixture = await move('compute2')
  await resize(fixture)
  assert.deepEqual(takeCalls(fixture), [
    'migrations.save',
    'instances.load',
    'instances.save',
    'blockDeviceMappings.mapByInstanceUuids',
    'computeNodes.save',
  ])
})

test('a claim that is aborted leaves neither usage nor a migration context, however often it is repeated', async () => {
  const fixture = await move('compute2')
  const claim = await resize(fixture)
  await claim.abort(fixture.ctx)
  await claim.abort(fixture.ctx)
  assert.equal(used(fixture), 0)
  const { migration_context: context } = await fixture.stores.instances.getByUuid(fixture.ctx, fixture.instance.uuid, ['migration_context'])
  assert.equal(context, null)
})

test('without a record of the conductor one is made', async () => {
  const fixture = await move('compute2')
  const { ctx, tracker, instance } = fixture
  const same = await tracker.moves.resizeClaim(ctx, { instance, flavor: smallFlavor, node: host, migration: null, limits: {} })
  assert.deepEqual(
    [same.migration.migration_type, same.migration.source_compute, same.migration.new_instance_type_id, same.migration.status],
    ['migration', 'compute2', 1, 'pre-migrating'],
  )
  const other = await tracker.moves.resizeClaim(ctx, { instance, flavor: large, node: host, migration: null, limits: {} })
  assert.equal(other.migration.migration_type, 'resize')
  const evacuated = await tracker.moves.rebuildClaim(ctx, { instance, node: host, migration: null, limits: {} })
  assert.equal(evacuated.migration.migration_type, 'evacuation')
})

test('a live migration keeps the state that the conductor gave it, and counts the flavor that the guest has', async () => {
  const fixture = await move('compute2', { migration_type: 'live-migration' })
  const { ctx, tracker, instance, migration } = fixture
  migration.status = 'accepted'
  await tracker.moves.liveMigrationClaim(ctx, { instance, node: host, migration, limits: {} })
  assert.equal(migration.status, 'accepted')
  assert.equal(used(fixture), 1)
  await tracker.moves.dropMoveClaim(ctx, instance, host, instance.flavor)
  await tracker.moves.dropMoveClaim(ctx, instance, host, instance.flavor)
  assert.equal(used(fixture), 0)
})

test('a resize on one host holds both sizes until it is confirmed or reverted', async () => {
  for (const [end, left] of [
    ['source', 4],
    ['destination', 1],
  ] as const) {
    const fixture = await move(host)
    const { ctx, tracker, instance, migration, stores } = fixture
    const before = used(fixture)
    await resize(fixture)
    assert.equal(used(fixture), before + 4)
    instance.old_flavor = instance.flavor
    instance.flavor = large
    instance.task_state = end === 'source' ? null : 'resize_reverting'
    await stores.instances.save(ctx, instance)
    if (end === 'source') await tracker.moves.dropMoveClaimAtSource(ctx, instance, migration)
    else await tracker.moves.dropMoveClaimAtDestination(ctx, instance, migration)
    assert.equal(used(fixture), left)
    assert.equal((await storedMigration(fixture, instance)).status, end === 'source' ? 'confirmed' : 'reverted')
    const { migration_context: context } = await stores.instances.getByUuid(ctx, instance.uuid, ['migration_context'])
    assert.equal(context === null, end === 'source', 'the source of a revert still needs it')
  }
})

test('a reverted resize is saved only while its instance is being reverted', async () => {
  const fixture = await move('compute2')
  await resize(fixture)
  await assert.rejects(fixture.tracker.moves.dropMoveClaimAtDestination(fixture.ctx, fixture.instance, fixture.migration), (err) =>
    isNovaError(err, 'UnexpectedTaskStateError'),
  )
})

test('an audit counts a move as its claim did', async () => {
  const fixture = await move('compute2')
  await resize(fixture)
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.equal(used(fixture), 4)
})

test('an evacuation that is finished belongs to this host and is done', async () => {
  const fixture = await move('compute2', { migration_type: 'evacuation' })
  const { ctx, tracker, instance, migration } = fixture
  await tracker.moves.rebuildClaim(ctx, { instance, node: host, migration, limits: {} })
  assert.equal(used(fixture), 1)
  await tracker.moves.finishEvacuation(ctx, instance, host, migration)
  const stored = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([stored.host, stored.node], [host, host])
  assert.equal((await storedMigration(fixture, instance)).status, 'done')
})

test('a rebuild in place has nothing to finish but the record', async () => {
  const fixture = await move(host)
  await fixture.tracker.moves.finishEvacuation(fixture.ctx, fixture.instance, host, null)
  assert.deepEqual(takeCalls(fixture), ['instances.save'])
})

test('a guest with devices of its host does not fit, and its migration stays as it was', async () => {
  const refused = (err: unknown) => isNovaError(err, 'ComputeResourcesUnavailable')
  const withRequest = await move('compute2')
  withRequest.instance.pci_requests = new InstancePCIRequests({
    instance_uuid: withRequest.instance.uuid,
    requests: [new InstancePCIRequest({ count: 1 })],
  })
  await assert.rejects(resize(withRequest), refused)
  assert.deepEqual(takeCalls(withRequest), [])

  const { ctx, tracker, instance, migration } = await move('compute2')
  const withAlias = large.objClone()
  withAlias.extra_specs = { 'pci_passthrough:alias': 'gpu:1' }
  await assert.rejects(tracker.moves.resizeClaim(ctx, { instance, flavor: withAlias, node: host, migration, limits: {} }), refused)
})

test('a claim whose node cannot be written counts nothing', async () => {
  let isGone = false
  const fixture = await trackerFixture({ fail: ({ method }) => (isGone && method === 'computeNodes.save' ? new Error('gone') : undefined) })
  const { ctx, tracker } = fixture
  const present = await runningInstance(fixture)
  const instance = await runningInstance(fixture, {
    host: 'compute2',
    node: 'compute2',
    new_flavor: large.objClone(),
    old_flavor: null,
    instance_type_id: 1,
  })
  await fixture.stores.instances.load(ctx, instance, ['flavor', 'migration_context'])
  await tracker.updateAvailableResource(ctx, host)
  isGone = true
  await assert.rejects(tracker.moves.resizeClaim(ctx, { instance, flavor: large, node: host, migration: null, limits: {} }), /gone/)
  isGone = false
  await tracker.updateUsage(ctx, present, host)
  assert.equal(used(fixture), present.flavor.vcpus)
})
