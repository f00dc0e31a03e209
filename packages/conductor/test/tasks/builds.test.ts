import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PythonError } from '@micronova/messaging'
import { NetworkRequest, NetworkRequestList, novaError, type Selection } from '@micronova/model'
import { defaultComputeTaskSettings } from '../../src/index.js'
import { type TestDeployment, testDeployment } from './deployment.js'
import { aSelection, buildOrder, claimed, newServers, runningInstance, schedulerFor } from './orders.js'

async function consumersOf({ clients }: TestDeployment): Promise<string[]> {
  return [...clients.placement.state.consumers.keys()]
}

test('several servers of one request are each built on their own host, with their disks, tags and an action', async (t) => {
  let hosts: Selection[][] = []
  const deployment = await testDeployment(t, { scheduler: schedulerFor(() => hosts) })
  const { api, cell1, ctx, received } = deployment
  const servers = await newServers(deployment, 5)
  const two = [await aSelection(deployment, 'compute1'), await aSelection(deployment, 'compute2')]
  hosts = servers.buildRequests.map((_, at) => [two[at % 2]!, two[(at + 1) % 2]!])
  await deployment.run('schedule_and_build_instances', buildOrder(servers))
  const built = await deployment.all('build_and_run_instance', 5)
  assert.deepEqual(built.map(({ to }) => to).sort(), ['compute1', 'compute1', 'compute1', 'compute2', 'compute2'])
  assert.equal(received.filter(({ method }) => method === 'select_destinations').length, 1)
  for (const { instance_uuid: uuid } of servers.buildRequests) {
    const instance = await cell1.instances.getByUuid(ctx, uuid, ['tags'])
    assert.deepEqual(
      instance.tags.objects.map(({ tag }) => tag),
      ['red'],
    )
    assert.equal((await cell1.blockDeviceMappings.listByInstanceUuid(ctx, uuid)).length, 1)
    assert.equal((await api.instanceMappings.getByInstanceUuid(ctx, uuid)).cell_mapping?.name, 'cell1')
  }
  assert.equal((await api.buildRequests.list(ctx)).length, 0)
})

test('servers that nobody has room for are in cell0, in ERROR with a fault, and their requests are gone', async (t) => {
  const failing = () => {
    throw novaError('NoValidHost', { reason: 'There are not enough hosts available.' })
  }
  const deployment = await testDeployment(t, { scheduler: { select_destinations: failing } })
  const { api, cell0, cell1, ctx, failures } = deployment
  const servers = await newServers(deployment, 2)
  await deployment.run('schedule_and_build_instances', buildOrder(servers))
  for (const { instance_uuid: uuid } of servers.buildRequests) {
    const buried = await cell0.instances.getByUuid(ctx, uuid, ['fault', 'tags'])
    assert.deepEqual([buried.vm_state, buried.task_state, buried.fault?.code], ['error', null, 500])
    assert.equal(buried.fault?.message, 'No valid host was found. There are not enough hosts available.')
    assert.equal(buried.tags.objects.length, 1)
    assert.equal((await api.instanceMappings.getByInstanceUuid(ctx, uuid)).cell_mapping?.name, 'cell0')
    await assert.rejects(cell1.instances.getByUuid(ctx, uuid), { kind: 'InstanceNotFound' })
  }
  assert.equal((await api.buildRequests.list(ctx)).length, 0)
  assert.deepEqual(
    failures.map(({ method, vmState }) => [method, vmState]),
    [
      ['build_instances', 'error'],
      ['build_instances', 'error'],
    ],
  )
})

test('a host that is in no cell buries its server, and the other one is built', async (t) => {
  let hosts: Selection[][] = []
  const deployment = await testDeployment(t, { scheduler: schedulerFor(() => hosts) })
  const { api, cell0, ctx } = deployment
  const servers = await newServers(deployment, 2)
  hosts = [[await aSelection(deployment, 'compute1')], [await aSelection(deployment, 'compute2')]]
  await api.hostMappings.destroy(ctx, await api.hostMappings.getByHost(ctx, 'compute2'))
  await deployment.run('schedule_and_build_instances', buildOrder(servers))
  assert.equal((await deployment.next('build_and_run_instance')).to, 'compute1')
  assert.equal((await cell0.instances.getByUuid(ctx, servers.buildRequests[1]!.instance_uuid)).vm_state, 'error')
})

test('a server that its user has deleted meanwhile leaves nothing: no instance, no mapping, no claim', async (t) => {
  let hosts: Selection[][] = []
  const deployment = await testDeployment(t, { scheduler: schedulerFor(() => hosts) })
  const { api, cell1, clients, ctx } = deployment
  const servers = await newServers(deployment)
  const uuid = servers.buildRequests[0]!.instance_uuid
  const selection = await aSelection(deployment, 'compute1')
  hosts = [[selection]]
  await claimed(deployment, uuid, selection)
  assert.deepEqual(await consumersOf(deployment), [uuid])
  await api.buildRequests.destroy(ctx, uuid)
  await deployment.run('schedule_and_build_instances', buildOrder(servers))
  await assert.rejects(cell1.instances.getByUuid(ctx, uuid), { kind: 'InstanceNotFound' })
  await assert.rejects(api.instanceMappings.getByInstanceUuid(ctx, uuid), { kind: 'InstanceMappingNotFound' })
  assert.deepEqual([...clients.placement.state.consumers.keys()], [])
})

test('a server that its user deletes while it is written to its cell is not built, and its end is told', async (t) => {
  let hosts: Selection[][] = []
  let uuid = ''
  const deployment = await testDeployment(t, {
    scheduler: schedulerFor(() => hosts),
    before: async (request) => {
      if (request === 'cell1.actions.start') await deployment.api.buildRequests.destroy(deployment.ctx, uuid)
    },
  })
  const { cell1, ctx, received, steps } = deployment
  const servers = await newServers(deployment)
  uuid = servers.buildRequests[0]!.instance_uuid
  hosts = [[await aSelection(deployment, 'compute1')]]
  await deployment.run('schedule_and_build_instances', buildOrder(servers))
  await assert.rejects(cell1.instances.getByUuid(ctx, uuid), { kind: 'InstanceNotFound' })
  assert.deepEqual(steps, ['delete.start cell1', 'delete.end cell1'])
  assert.equal(
    received.some(({ method }) => method === 'build_and_run_instance'),
    false,
  )
})

test('two requests that were granted the same rest of a quota: the later one ends in ERROR and builds nothing', async (t) => {
  let hosts: Selection[][] = []
  const quota = { ...defaultComputeTaskSettings.quota, instances: 1, cores: -1, ramMb: -1 }
  const deployment = await testDeployment(t, { scheduler: schedulerFor(() => hosts), settings: { quota } })
  const { api, cell1, ctx, received } = deployment
  await runningInstance(deployment, 'compute1')
  const servers = await newServers(deployment)
  const uuid = servers.buildRequests[0]!.instance_uuid
  hosts = [[await aSelection(deployment, 'compute2')]]
  await assert.rejects(deployment.run('schedule_and_build_instances', buildOrder(servers)), { kind: 'TooManyInstances' })
  const stored = await cell1.instances.getByUuid(ctx, uuid, ['fault'])
  assert.deepEqual([stored.vm_state, stored.fault?.code], ['error', 413])
  assert.equal(stored.fault?.message, 'Quota exceeded for instances: Requested 1, but already used 2 of 1 instances')
  assert.equal(
    received.some(({ method }) => method === 'build_and_run_instance'),
    false,
  )
  await assert.rejects(api.requestSpecs.getByInstanceUuid(ctx, uuid), { kind: 'RequestSpecNotFound' })
})

test('a build that a compute gives back goes to the next host with room, whose resources are claimed', async (t) => {
  const deployment = await testDeployment(t, { hosts: ['compute1', 'compute2', 'compute3'] })
  const { clients, ctx } = deployment
  const { instance, spec } = await runningInstance(deployment, 'compute1', {
    vm_state: 'building',
    host: null,
    node: null,
    task_state: 'scheduling',
  })
  await clients.placement.deleteAllocations(ctx, instance.uuid)
  const full = await aSelection(deployment, 'compute2', { VCPU: 9 })
  const free = await aSelection(deployment, 'compute3')
  const retry = { num_attempts: 1, hosts: [['compute1', 'compute1']], exc_reason: 'no disk' }
  await deployment.run('build_instances', {
    instances: [instance],
    image: {},
    filter_properties: { limits: {}, retry },
    security_groups: ['default'],
    request_spec: spec,
    host_lists: [[full, free]],
  })
  const built = await deployment.next('build_and_run_instance')
  assert.equal(built.to, 'compute3')
  assert.deepEqual(built.args.filter_properties, {
    limits: {},
    retry: {
      num_attempts: 2,
      hosts: [
        ['compute1', 'compute1'],
        ['compute3', 'compute3'],
      ],
    },
  })
  assert.deepEqual(Object.values(clients.placement.state.consumers.get(instance.uuid)!.allocations), [{ VCPU: 1, MEMORY_MB: 512 }])
})

test('a build that no host is left for ends in ERROR, and its ports are freed: deleted, or unbound where the user brought them', async (t) => {
  const deployment = await testDeployment(t)
  const { cell1, clients, ctx } = deployment
  const { instance, spec } = await runningInstance(deployment, 'compute1', {
    vm_state: 'building',
    host: null,
    node: null,
    task_state: 'scheduling',
  })
  const network = clients.neutron.addNetwork()
  await clients.neutron.createPort(ctx, { network_id: network.id, device_id: instance.uuid, tenant_id: 'p1' }, { auth: 'admin' })
  const brought = await clients.neutron.createPort(
    ctx,
    { network_id: network.id, device_id: instance.uuid, tenant_id: 'p1' },
    { auth: 'admin' },
  )
  const ofAnother = await clients.neutron.createPort(
    ctx,
    { network_id: network.id, device_id: 'another', tenant_id: 'p1' },
    { auth: 'admin' },
  )
  const requests = [brought, ofAnother].map(({ id }) => new NetworkRequest({ port_id: id }))
  const retry = { num_attempts: 1, hosts: [['compute1', 'compute1']] }
  await deployment.run('build_instances', {
    instances: [instance],
    image: {},
    filter_properties: { retry },
    requested_networks: new NetworkRequestList({ objects: requests }),
    request_spec: spec,
    host_lists: [[]],
  })
  const left = [...clients.neutron.ports.values()].map(({ id, device_id }) => [id, device_id])
  assert.deepEqual(left, [
    [brought.id, ''],
    [ofAnother.id, 'another'],
  ])
  const stored = await cell1.instances.getByUuid(ctx, instance.uuid, ['fault'])
  assert.deepEqual([stored.vm_state, stored.task_state], ['error', null])
  assert.match(stored.fault?.message ?? '', /^Exceeded maximum number of retries\. Exhausted all hosts/)
})

test('arguments of another kind than the task needs are refused in Python’s words', async (t) => {
  const deployment = await testDeployment(t)
  const wrong = deployment.tasks.migrateServer(deployment.ctx, {
    instance: {} as never,
    schedulerHint: {},
    live: false,
    rebuild: false,
    flavor: null,
    blockMigration: null,
    diskOverCommit: null,
  })
  await assert.rejects(
    wrong,
    (err) => err instanceof Error && !(err instanceof PythonError) && /argument 'instance' must be Instance/.test(err.message),
  )
})
