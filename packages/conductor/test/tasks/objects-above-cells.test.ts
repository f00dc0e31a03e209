import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AggregateList,
  type CellMappingList,
  InstanceGroup,
  type InstanceMapping,
  KeyPair,
  novaRegistry,
  type RequestSpec,
  TaskLog,
} from '@micronova/model'
import { createConductorApi, createNovaSerializer } from '@micronova/rpcapi'
import { cell1Uuid, type TestDeployment, testDeployment } from './deployment.js'
import { newServers, runningInstance } from './orders.js'

/** Objects as a service without databases calls them. */
function remote({ transport, ctx }: TestDeployment) {
  const registry = novaRegistry()
  const api = createConductorApi({ transport, serializer: createNovaSerializer({ registry }) })
  return {
    onClass: <T>(objname: string, objmethod: string, args: readonly unknown[], kwargs = {}) =>
      api.objectClassActionVersions(ctx, {
        objname,
        objmethod,
        objectVersions: registry.treeVersions(objname),
        args,
        kwargs,
      }) as Promise<T>,
    onObject: (objinst: Parameters<typeof api.objectAction>[1]['objinst'], objmethod: string, args: readonly unknown[] = []) =>
      api.objectAction(ctx, { objinst, objmethod, args, kwargs: {} }),
  }
}

test('a service without databases sees cells, mappings and requests through the conductor', async (t) => {
  const deployment = await testDeployment(t)
  const { onClass } = remote(deployment)
  const cells = await onClass<CellMappingList>('CellMappingList', 'get_all', [])
  assert.deepEqual(
    cells.objects.map(({ name }) => name),
    ['cell0', 'cell1'],
  )
  const { instance } = await runningInstance(deployment, 'compute1')
  const mapping = await onClass<InstanceMapping>('InstanceMapping', 'get_by_instance_uuid', [instance.uuid])
  assert.equal(mapping.cell_mapping?.uuid, cell1Uuid)
  const spec = await onClass<RequestSpec>('RequestSpec', 'get_by_instance_uuid', [instance.uuid])
  assert.deepEqual([spec.flavor.name, spec.num_instances], ['m1.tiny', 1])
  await assert.rejects(onClass('RequestSpec', 'get_by_instance_uuid', [cell1Uuid]), { kind: 'RequestSpecNotFound' })
  assert.deepEqual(await onClass('InstanceMappingList', 'get_counts', ['p1']), { project: { instances: 1 } })
})

test('what a service makes above the cells is there for others', async (t) => {
  const deployment = await testDeployment(t)
  const { onClass, onObject } = remote(deployment)
  const { api, ctx } = deployment
  const { buildRequests } = await newServers(deployment)
  await onObject(await api.buildRequests.getByInstanceUuid(ctx, buildRequests[0]!.instance_uuid), 'destroy')
  assert.equal((await api.buildRequests.list(ctx)).length, 0)

  await onObject(new KeyPair({ user_id: 'u1', name: 'mine', type: 'ssh' }), 'create')
  assert.equal((await api.keyPairs.getByName(ctx, 'u1', 'mine')).type, 'ssh')
  const found = await onClass('AggregateList', 'get_by_host', ['compute1'], { key: 'availability_zone' })
  assert.ok(found instanceof AggregateList)
  assert.deepEqual(found.objects, [])
})

test('the hosts of a server group are those of its members in the cell that is asked', async (t) => {
  const deployment = await testDeployment(t)
  const { onClass, onObject } = remote(deployment)
  const { api, ctx } = deployment
  const members = [await runningInstance(deployment, 'compute1'), await runningInstance(deployment, 'compute2')].map(
    ({ instance }) => instance.uuid,
  )
  const group = new InstanceGroup({ name: 'g', policy: 'affinity', project_id: 'p1', user_id: 'u1' })
  await api.instanceGroups.create(ctx, group)
  assert.deepEqual(await onClass('InstanceGroup', 'add_members', [group.uuid, members]), members)
  const stored = await api.instanceGroups.getByUuid(ctx, group.uuid)
  const [, hosts] = (await onObject(stored, 'get_hosts', [[members[0]]])) as readonly [unknown, readonly string[]]
  assert.deepEqual(hosts, ['compute2'])
})

test('the usage audit of a Python compute begins once for a period, and ends', async (t) => {
  const { onClass, onObject } = remote(await testDeployment(t))
  const period = { period_beginning: new Date('2026-11-01T00:00:00Z'), period_ending: new Date('2026-12-01T00:00:00Z') }
  const task = () =>
    new TaskLog({ task_name: 'instance_usage_audit', host: 'compute1', ...period, message: 'begun', task_items: 2, errors: 0 })
  const lookUp = () =>
    onClass<TaskLog | null>('TaskLog', 'get', ['instance_usage_audit', '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z', 'compute1'])
  assert.equal(await lookUp(), null)
  await onObject(task(), 'begin_task')
  await assert.rejects(onObject(task(), 'begin_task'), { kind: 'TaskAlreadyRunning' })
  assert.equal((await lookUp())?.state, 'RUNNING')
  await onObject(task(), 'end_task')
  const done = await lookUp()
  assert.deepEqual([done?.state, done?.task_items], ['DONE', 2])
})
