import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BlockDeviceMappingList, type Instance, isNovaError } from '@micronova/model'
import { currentInstance, rootDisk, runningInstance, tablesOf } from '../../test/support/compute-fixture.js'
import { type PeriodicFixture, periodicFixture } from '../../test/support/periodic-fixture.js'

async function states(fixture: PeriodicFixture, { uuid }: Instance) {
  const { vm_state, task_state } = await currentInstance(fixture, uuid)
  return [vm_state, task_state]
}

/** As a list of instances brings it: nothing but its own columns. */
async function listed(fixture: PeriodicFixture): Promise<Instance> {
  const { uuid } = await runningInstance(fixture)
  return fixture.stores.instances.getByUuid(fixture.ctx, uuid, [])
}

test('a stop is asked for as the API does: task state, action, message', async () => {
  const fixture = await periodicFixture()
  const instance = await listed(fixture)
  await fixture.parts.requests.stop(fixture.ctx, instance)
  assert.deepEqual(await states(fixture, instance), ['active', 'powering-off'])
  assert.deepEqual(
    tablesOf(fixture.stores).actions.map(({ action, instanceUuid }) => [action, instanceUuid]),
    [['stop', instance.uuid]],
  )
  assert.deepEqual(
    fixture.sent.map(({ method, args }) => [method, args.instance, args.cleanShutdown]),
    [['stop_instance', instance, true]],
  )
  assert.ok(instance.objIsSet('system_metadata'), 'what the operation reads is there')
})

test('a terminate brings the block devices of the instance along', async () => {
  const fixture = await periodicFixture()
  const instance = await listed(fixture)
  await rootDisk(fixture, instance)
  await fixture.parts.requests.terminate(fixture.ctx, instance)
  assert.deepEqual(await states(fixture, instance), ['active', 'deleting'])
  assert.deepEqual(
    tablesOf(fixture.stores).actions.map(({ action }) => action),
    ['delete'],
  )
  const [{ method, args }] = fixture.sent as [{ method: string; args: Record<string, unknown> }]
  assert.equal(method, 'terminate_instance')
  assert.deepEqual(
    (args.bdms as BlockDeviceMappingList).objects.map((mapping) => mapping.instance_uuid),
    [instance.uuid],
  )
})

test('nothing is asked for while something else goes on', async () => {
  const fixture = await periodicFixture()
  for (const request of ['stop', 'terminate'] as const) {
    const instance = await listed(fixture)
    const other = await currentInstance(fixture, instance.uuid)
    other.task_state = 'rebooting'
    await fixture.stores.instances.save(fixture.ctx, other)
    await assert.rejects(fixture.parts.requests[request](fixture.ctx, instance), (err) => isNovaError(err, 'UnexpectedTaskStateError'))
    assert.deepEqual(await states(fixture, instance), ['active', 'rebooting'])
  }
  assert.deepEqual(fixture.sent, [])
})

test('a request that cannot be sent leaves no task state behind', async () => {
  const fixture = await periodicFixture({ castFails: new Error('no broker') })
  for (const request of ['stop', 'terminate'] as const) {
    const instance = await listed(fixture)
    await assert.rejects(fixture.parts.requests[request](fixture.ctx, instance), /no broker/)
    assert.deepEqual(await states(fixture, instance), ['active', null])
  }
})

test('a shelved instance leaves its host by a request, and a rescue ends by one', async () => {
  const fixture = await periodicFixture()
  const [shelved, rescued] = [await listed(fixture), await listed(fixture)]
  await fixture.parts.requests.offload(fixture.ctx, shelved)
  await fixture.parts.requests.unrescue(fixture.ctx, rescued)
  assert.deepEqual(
    fixture.sent.map(({ method, args }) => [method, args.instance, args.cleanShutdown]),
    [
      ['shelve_offload_instance', shelved, false],
      ['unrescue_instance', rescued, undefined],
    ],
  )
  assert.deepEqual(
    [await states(fixture, shelved), await states(fixture, rescued)],
    [
      ['active', 'shelving_offloading'],
      ['active', 'unrescuing'],
    ],
  )
  assert.deepEqual(
    tablesOf(fixture.stores).actions.map(({ action }) => action),
    ['unrescue'],
  )
})
