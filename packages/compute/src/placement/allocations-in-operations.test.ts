import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { Migration, novaError } from '@micronova/model'
import { StartSteps } from '@micronova/service'
import { FakeBuildAbortDriver, FakeRescheduleDriver } from '@micronova/virt'
import {
  buildArguments,
  currentInstance,
  forever,
  host,
  nextUuid,
  rootDisk,
  runningInstance,
  storedInstance,
} from '../../test/support/compute-fixture.js'
import { allocate, nodeUuid, type PlacementFixture, placementFixture, takeRequests } from '../../test/support/placement-fixture.js'
import { buildAndRunInstance } from '../build/index.js'
import { initHost } from '../init-host/index.js'
import { setHostEnabled } from '../operations/set-host-enabled.js'
import { terminateInstance } from '../operations/terminate-instance.js'
import { runOperation } from '../run-operation.js'

type Options = Parameters<typeof placementFixture>[0]

/** A host that Placement knows. */
async function reported(options: Options = {}): Promise<PlacementFixture> {
  const fixture = await placementFixture(options)
  await fixture.update()
  takeRequests(fixture)
  return fixture
}

async function build(fixture: PlacementFixture) {
  const instance = await storedInstance(fixture)
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'create')
  await allocate(fixture, instance.uuid)
  await runOperation(fixture.parts, buildAndRunInstance, fixture.ctx, await buildArguments(fixture, instance), forever)
  return currentInstance(fixture, instance.uuid)
}

async function terminate(fixture: PlacementFixture) {
  const instance = await runningInstance(fixture, { task_state: 'deleting' })
  const bdms = await rootDisk(fixture, instance)
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'delete')
  await allocate(fixture, instance.uuid)
  await runOperation(fixture.parts, terminateInstance, fixture.ctx, { instance, bdms }, forever)
  return currentInstance(fixture, instance.uuid)
}

const consumers = ({ server }: PlacementFixture) => [...server.state.consumers.keys()]

test('a hundred builds at once ask Placement nothing', async () => {
  const fixture = await reported()
  const built = await Promise.all(Array.from({ length: 100 }, () => build(fixture)))
  assert.ok(built.every(({ vm_state }) => vm_state === 'active'))
  assert.deepEqual(takeRequests(fixture), [])
  assert.equal(consumers(fixture).length, 100)
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), ['getProviderAllocations'])
})

test('a build that failed gives back what the scheduler gave it', async () => {
  const fixture = await reported({ driver: new FakeBuildAbortDriver({ log: nullLogger }) })
  assert.equal((await build(fixture)).vm_state, 'error')
  assert.deepEqual(takeRequests(fixture), ['deleteAllocations'])
  assert.deepEqual(consumers(fixture), [])
})

test('a build that goes to another host gives it back before the conductor is asked for one', async () => {
  const fixture = await reported({ driver: new FakeRescheduleDriver({ log: nullLogger }) })
  let atCast: readonly string[] | null = null
  const buildInstances = async () => {
    atCast = consumers(fixture)
  }
  await build({ ...fixture, parts: { ...fixture.parts, conductor: { ...fixture.parts.conductor, buildInstances } } })
  assert.deepEqual(atCast, [])
  assert.deepEqual(takeRequests(fixture), ['deleteAllocations'], 'once')
})

test('an instance that is deleted before its build began has nothing any more', async () => {
  const gone = novaError('InstanceNotFound', { instance_id: nextUuid() })
  const fixture = await reported({ fail: ({ method }) => (method === 'instances.save' ? gone : undefined) })
  await build(fixture)
  assert.deepEqual(consumers(fixture), [])
})

test('a delete frees what the instance had, in one request', async () => {
  const fixture = await reported()
  assert.equal((await terminate(fixture)).deleted, true)
  assert.deepEqual(takeRequests(fixture), ['deleteAllocations'])
  assert.deepEqual(consumers(fixture), [])
})

test('where deletes are deferred they give way to a change by somebody else', async () => {
  const fixture = await reported({ settings: { deletesAreDeferred: true } })
  await terminate(fixture)
  assert.deepEqual(takeRequests(fixture), ['getAllocations', 'putAllocations'])
})

test('a delete that Placement refuses, or that it cannot hear of, is a delete; the next audit frees the rest', async () => {
  for (const trouble of [500, 'unreachable'] as const) {
    const fixture = await reported()
    fixture.server.calls.fail('deleteAllocations', trouble)
    const { deleted, uuid } = await terminate(fixture)
    assert.equal(deleted, true)
    assert.deepEqual(consumers(fixture), [uuid])
    await fixture.update()
    assert.deepEqual(consumers(fixture), [])
  }
})

test('a host that is enabled or disabled says so, and its caller is told whatever Placement says', async () => {
  const fixture = await reported()
  const { parts, ctx, server, log } = fixture
  const set = (enabled: boolean) => runOperation(parts, setHostEnabled, ctx, { enabled }, forever)
  const isDisabled = () => server.state.traits.get(nodeUuid(fixture))?.includes('COMPUTE_STATUS_DISABLED')
  assert.equal(await set(false), 'disabled')
  assert.equal(isDisabled(), true)
  assert.equal(await set(true), 'enabled')
  assert.equal(isDisabled(), false)
  server.calls.fail('getProviderTraits', 'unreachable')
  log.clear()
  assert.equal(await set(false), 'disabled')
  assert.equal(log.messages('WARNING').length, 1)
})

test('a host without a node yet cannot say so, and its caller is told all the same', async () => {
  const { parts, ctx, log } = await placementFixture()
  assert.equal(await runOperation(parts, setHostEnabled, ctx, { enabled: false }, forever), 'disabled')
  assert.match(log.messages('WARNING').join(), /no compute node/)
})

test('a start takes what evacuated instances had here off them', async () => {
  const fixture = await reported()
  const { parts, ctx, stores, server } = fixture
  const [instance, deleted] = [await runningInstance(fixture), await runningInstance(fixture)]
  for (const { uuid } of [instance, deleted]) {
    await allocate(fixture, uuid)
    const ends = { source_compute: host, source_node: host, dest_compute: 'compute2' }
    await stores.migrations.create(
      ctx,
      new Migration({ uuid: nextUuid(), instance_uuid: uuid, migration_type: 'evacuation', status: 'done', ...ends }),
    )
  }
  for (const moved of [instance, deleted]) {
    moved.host = 'compute2'
    await stores.instances.save(ctx, moved)
  }
  await stores.instances.destroy(ctx, deleted)
  const steps = new StartSteps({ log: nullLogger, clock: parts.clock })
  await initHost({ parts, steps, recoverWork: async () => new Set() }, forever)
  assert.deepEqual(consumers(fixture), [deleted.uuid], 'whoever deleted it has taken care of its own')
  assert.deepEqual([...server.state.providers.keys()], [nodeUuid(fixture)])
})
