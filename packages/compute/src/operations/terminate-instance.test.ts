import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { BlockDeviceMapping, BlockDeviceMappingList, InstanceInfoCache, novaError } from '@micronova/model'
import { FakeDriver } from '@micronova/virt'
import {
  computeFixture,
  currentInstance,
  type Fixture,
  type FixtureOptions,
  forever,
  nextUuid,
  rootDisk,
  runningInstance,
  tablesOf,
} from '../../test/support/compute-fixture.js'
import { ownCalls, recordedCalls } from '../../test/support/conductor-calls.js'
import { simulatedVif } from '../network/simulated-addresses.js'
import { runOperation } from '../run-operation.js'
import { terminateInstance } from './terminate-instance.js'

async function prepared(options: FixtureOptions = {}, values: Readonly<Record<string, unknown>> = {}) {
  const fixture = computeFixture(options)
  const instanceUuid = nextUuid()
  const vif = simulatedVif({ instanceUuid, projectId: null, networkId: nextUuid(), index: 0, portId: null, fixedIp: null })
  const info_cache = new InstanceInfoCache({ instance_uuid: instanceUuid, network_info: [vif] })
  const instance = await runningInstance(fixture, { task_state: 'deleting', info_cache, ...values })
  const bdms = await rootDisk(fixture, instance)
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'delete')
  fixture.calls.length = 0
  return { fixture, instance, bdms }
}

function terminate({ parts, ctx }: Fixture, args: Readonly<Record<string, unknown>>): Promise<unknown> {
  return runOperation(parts, terminateInstance, ctx, args, forever)
}

test('a terminated instance is deleted with its guest and its networks', async () => {
  const { fixture, instance, bdms } = await prepared()
  await terminate(fixture, { instance, bdms })
  const current = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([current.deleted, current.vm_state, current.task_state, current.power_state], [true, 'deleted', null, 0])
  assert.deepEqual(current.terminated_at, new Date(fixture.parts.clock.now()))
  assert.deepEqual(await fixture.parts.driver.listGuests(), [])
  assert.deepEqual(fixture.sent[0]?.args, { hostName: 'compute1', instanceUuid: instance.uuid })
})

test('the messages of a delete are those of a Python nova-compute, in their order', async () => {
  const { fixture, instance, bdms } = await prepared()
  await terminate(fixture, { instance, bdms })
  assert.deepEqual(ownCalls(fixture.calls, instance.system_metadata), recordedCalls('wire/08-delete.jsonl', 'terminate_instance'))
})

for (const vm_state of ['soft-delete', 'error', 'stopped', 'building']) {
  test(`an instance in ${vm_state} is deleted just so`, async () => {
    const { fixture, instance, bdms } = await prepared({}, { vm_state })
    await terminate(fixture, { instance, bdms })
    assert.equal((await currentInstance(fixture, instance.uuid)).deleted, true)
  })
}

test('a delete that is run again, from any point at which it was cut off, ends in the same', async () => {
  const { fixture: whole, instance: reference, bdms: disks } = await prepared()
  await terminate(whole, { instance: reference, bdms: disks })
  const storeCalls = whole.calls.filter(({ method }) => !method.startsWith('tracker.') && !method.startsWith('cast ')).length
  for (let cut = 1; cut <= storeCalls; cut++) {
    let count = 0
    const { fixture, instance, bdms } = await prepared({ fail: () => (++count === cut ? new Error('cut off') : undefined) })
    count = 0
    await terminate(fixture, { instance, bdms }).catch(() => {})
    const again = await currentInstance(fixture, instance.uuid)
    await terminate(fixture, { instance: again, bdms })
    const current = await currentInstance(fixture, instance.uuid)
    assert.deepEqual([current.deleted, current.vm_state], [true, 'deleted'], `cut at call ${cut}`)
    assert.deepEqual(await fixture.parts.driver.listGuests(), [], `cut at call ${cut}`)
  }
})

test('an instance that is gone meanwhile is no failure', async () => {
  const { fixture, instance, bdms } = await prepared({
    fail: ({ method }) => (method === 'instances.save' ? novaError('InstanceNotFound', { instance_id: 'x' }) : undefined),
  })
  await terminate(fixture, { instance, bdms })
  assert.equal(
    tablesOf(fixture.stores).faults.find(() => true),
    undefined,
  )
})

test('a guest that cannot be powered off keeps its addresses and goes to ERROR with a fault', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  driver.destroy = () => Promise.reject(novaError('InstancePowerOffFailure', { reason: 'stuck' }))
  const { fixture, instance, bdms } = await prepared({ driver })
  await assert.rejects(terminate(fixture, { instance, bdms }), /stuck/)
  const current = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([current.vm_state, current.task_state], ['error', null])
  assert.equal(current.info_cache?.network_info?.length, 1)
  assert.match(String(tablesOf(fixture.stores).faults.find(() => true)?.message), /stuck/)
})

test('after any other failure of the driver the addresses are given back', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  driver.destroy = () => Promise.reject(new Error('broken'))
  const { fixture, instance, bdms } = await prepared({ driver })
  await assert.rejects(terminate(fixture, { instance, bdms }), /broken/)
  const current = await currentInstance(fixture, instance.uuid)
  assert.equal(current.vm_state, 'error')
  assert.deepEqual(current.info_cache?.network_info, [])
})

test('block devices with a volume that was not ready are read again', async () => {
  const { fixture, instance } = await prepared()
  const stale = new BlockDeviceMapping({ instance_uuid: instance.uuid, source_type: 'blank', destination_type: 'volume', volume_id: null })
  await terminate(fixture, { instance, bdms: new BlockDeviceMappingList({ objects: [stale] }) })
  assert.ok(fixture.calls.some(({ method }) => method === 'blockDeviceMappings.listByInstanceUuid'))
})
