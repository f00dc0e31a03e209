import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { PythonError } from '@micronova/messaging'
import {
  adminContext,
  Instance,
  type InstanceList,
  type InstancePCIRequests,
  NovaError,
  novaRegistry,
  type PciDeviceList,
} from '@micronova/model'
import { FakeStores } from '@micronova/rpcapi'
import { FakeClock } from '@micronova/testing'
import { ObjectDispatcher } from '../dispatch/object-dispatcher.js'
import { objectMethods } from './index.js'

const clock = new FakeClock()
const deps = { clock, random: systemRandom }
const ctx = adminContext(deps)
const registry = novaRegistry()

function newConductor() {
  const stores = new FakeStores(deps)
  const dispatcher = new ObjectDispatcher({ registry, methods: objectMethods(stores, []), log: nullLogger })
  const call = (name: string, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>> = {}) => {
    const [objectName = '', method = ''] = name.split('.')
    return dispatcher.classAction(ctx, objectName, method, registry.treeVersions(objectName), args, kwargs)
  }
  return { stores, dispatcher, call }
}

async function createInstances(stores: FakeStores, count: number): Promise<Instance[]> {
  const created: Instance[] = []
  for (let i = 0; i < count; i++) {
    const instance = new Instance({ uuid: systemRandom.uuid(), host: 'compute1', node: 'compute1', vm_state: 'active', task_state: null })
    await stores.instances.create(ctx, instance)
    await clock.advance(1000)
    created.push(instance)
  }
  return created
}

test('instances are found by filters, the newest first unless the oldest is wanted first', async () => {
  const { stores, call } = newConductor()
  const uuids = (await createInstances(stores, 3)).map((instance) => instance.uuid)
  const found = async (kwargs: Readonly<Record<string, unknown>>) =>
    ((await call('InstanceList.get_by_filters', [{ host: 'compute1' }], kwargs)) as InstanceList).objects.map((instance) => instance.uuid)
  assert.deepEqual(await found({}), [...uuids].reverse())
  assert.deepEqual(await found({ sort_dir: 'asc' }), uuids)
  const isRefused = (err: unknown) => err instanceof PythonError && err.className === 'NotImplementedError'
  for (const kwargs of [{ limit: 1 }, { marker: uuids[0] }, { sort_key: 'uuid' }]) await assert.rejects(found(kwargs), isRefused)
})

test('one expected task state may come as a text, and a list may hold None', async () => {
  const { stores, dispatcher } = newConductor()
  const [instance] = await createInstances(stores, 1)
  const save = (expected: unknown) => dispatcher.objectAction(ctx, instance!, 'save', [], { expected_task_state: expected })
  instance!.task_state = 'rebooting'
  await assert.rejects(save('spawning'), (err) => err instanceof NovaError && err.kind === 'UnexpectedTaskStateError')
  await save([null])
  instance!.task_state = null
  await save('rebooting')
  assert.equal((await stores.instances.getByUuid(ctx, instance!.uuid)).task_state, null)
})

test('attributes that are no satellites are columns, which are read in any case', async () => {
  const { stores, call } = newConductor()
  const [instance] = await createInstances(stores, 1)
  const found = (await call('Instance.get_by_uuid', [instance!.uuid], {
    expected_attrs: ['task_state', 'flavor_id', 'metadata'],
  })) as Instance
  assert.deepEqual([found.task_state, found.metadata, found.objIsSet('info_cache')], [null, {}, false])
})

test('a satellite of an instance that is gone is told as callers know it', async () => {
  const { call } = newConductor()
  const gone = systemRandom.uuid()
  const ofKind = (kind: string) => (err: unknown) => err instanceof NovaError && err.kind === kind
  await assert.rejects(call('InstanceNUMATopology.get_by_instance_uuid', [gone]), ofKind('NumaTopologyNotFound'))
  await assert.rejects(call('MigrationContext.get_by_instance_uuid', [gone]), ofKind('MigrationContextNotFound'))
  await assert.rejects(call('TagList.get_by_resource_id', [gone]), ofKind('InstanceNotFound'))
  await assert.rejects(call('InstanceGroup.get_by_instance_uuid', [gone]), ofKind('InstanceGroupNotFound'))
  const satellites = ['InstanceDeviceMetadata', 'VirtCPUModel', 'TrustedCerts', 'ResourceList']
  for (const name of satellites) assert.equal(await call(`${name}.get_by_instance_uuid`, [gone]), null)
  assert.equal(await call('InstanceFault.get_latest_for_instance', [gone]), null)
  const requests = (await call('InstancePCIRequests.get_by_instance_uuid', [gone])) as InstancePCIRequests
  assert.deepEqual([requests.instance_uuid, requests.requests], [gone, []])
  assert.deepEqual(((await call('PciDeviceList.get_by_instance_uuid', [gone])) as PciDeviceList).objects, [])
})

test('a service that is not there is null or an error, depending on how it is asked for', async () => {
  const { call } = newConductor()
  assert.equal(await call('Service.get_by_host_and_binary', ['compute9', 'nova-compute']), null)
  await assert.rejects(
    call('Service.get_by_args', ['compute9', 'nova-compute']),
    (err) => err instanceof NovaError && err.kind === 'HostBinaryNotFound' && err.message.includes('compute9'),
  )
})

test('a migration context is dropped without writing anything else', async () => {
  const { stores, dispatcher } = newConductor()
  const [instance] = await createInstances(stores, 1)
  instance!.vm_state = 'error'
  assert.deepEqual(await dispatcher.objectAction(ctx, instance!, 'drop_migration_context', [], {}), [
    { obj_what_changed: ['vm_state'] },
    null,
  ])
  assert.equal((await stores.instances.getByUuid(ctx, instance!.uuid)).vm_state, 'active')
})
