import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import { Aggregate, Destination, Selection } from '@micronova/model'
import { aGroup, aSpec, schedulingCloud } from './scheduling-cloud.js'

const hostsOf = (lists: readonly unknown[]) => (lists as readonly (readonly Selection[])[]).map((list) => list.map(hostOf))

function hostOf(selection: unknown): string {
  assert.ok(selection instanceof Selection)
  return selection.service_host
}

const noValidHost = (reason: string) => ({ kind: 'NoValidHost', message: `No valid host was found. ${reason}` })

test('an instance gets the host with the most room, which is claimed in Placement, and alternates of its cell', async (t) => {
  const cloud = await schedulingCloud(t)
  const [cell, other] = [await cloud.cell('cell1'), await cloud.cell('cell2')]
  const best = await cell.host('best')
  await cell.host('worse', { free_ram_mb: 4096 })
  await cell.host('worst', { free_ram_mb: 1024 })
  await cell.host('fourth', { free_ram_mb: 600 })
  await other.host('elsewhere', { free_ram_mb: 7000 })
  const spec = aSpec()
  const [[selection, ...alternates] = []] = (await cloud.schedule(spec)) as Selection[][]
  assert.deepEqual([selection!.service_host, ...alternates.map(({ service_host }) => service_host)], ['best', 'worse', 'worst'])
  const { allocation_request: claim, allocation_request_version, cell_uuid, compute_node_uuid, nodename, availability_zone } = selection!
  assert.equal(
    claim,
    `{"allocations": {"${best.uuid}": {"resources": {"DISK_GB": 1, "MEMORY_MB": 512, "VCPU": 1}}}, "mappings": {"": ["${best.uuid}"]}}`,
  )
  assert.deepEqual(
    [allocation_request_version, cell_uuid, compute_node_uuid, nodename, availability_zone],
    ['1.36', cell.mapping.uuid, best.uuid, 'best', 'nova'],
  )
  const { allocations, project_id, user_id } = await cloud.placement.getAllocations(cloud.ctx, spec.instance_uuid)
  assert.deepEqual([allocations[best.uuid]?.resources, project_id, user_id], [{ DISK_GB: 1, MEMORY_MB: 512, VCPU: 1 }, 'p', 'u'])
})

test('the instances of one request are spread, because each takes from its host before the next is placed', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  for (const name of ['a', 'b', 'c']) await cell.host(name)
  const uuids = [1, 2, 3].map(() => systemRandom.uuid())
  const chosen = hostsOf(await cloud.schedule(aSpec({ num_instances: 3 }), uuids)).map(([host]) => host)
  assert.deepEqual(chosen.sort(), ['a', 'b', 'c'])
})

test('if not all instances of a request can be placed, none keeps what it has claimed', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  await cell.host('a')
  const uuids = [systemRandom.uuid(), systemRandom.uuid()]
  const group = aGroup('anti-affinity', uuids)
  await assert.rejects(
    cloud.schedule(aSpec({ num_instances: 2, instance_group: group }), uuids),
    noValidHost('There are not enough hosts available.'),
  )
  for (const uuid of uuids) assert.deepEqual((await cloud.placement.getAllocations(cloud.ctx, uuid)).allocations, {})
})

test('without any candidate, and with a Placement that does not answer, no host is valid and the reason is empty', async (t) => {
  const cloud = await schedulingCloud(t)
  await (await cloud.cell('cell1')).host('a')
  const spec = aSpec()
  spec.flavor.memory_mb = 1_000_000
  await assert.rejects(cloud.schedule(spec), noValidHost(''))
  cloud.placement.calls.fail('getAllocationCandidates', 503)
  await assert.rejects(cloud.schedule(aSpec()), noValidHost(''))
})

test('a host that another scheduler has filled meanwhile is passed over', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  await cell.host('a')
  await cell.host('b', { free_ram_mb: 4096 })
  cloud.placement.calls.fail('putAllocations', 409, 'placement.undefined_code')
  assert.deepEqual(hostsOf(await cloud.schedule(aSpec())), [['b', 'a']])
})

test('a conflict of providers is tried again; one of the consumer ends the request', async (t) => {
  const cloud = await schedulingCloud(t)
  await (await cloud.cell('cell1')).host('a')
  const { calls } = cloud.placement
  const conflict = (detail: string) =>
    calls.before('putAllocations', () => {
      throw calls.refusal(409, detail, 'placement.concurrent_update')
    })
  conflict('resource provider generation conflict')
  const scheduled = cloud.schedule(aSpec())
  while (cloud.clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve))
  await cloud.clock.advance(2000)
  assert.deepEqual(hostsOf(await scheduled), [['a']])
  conflict('consumer generation conflict - expected null but got 1')
  await assert.rejects(cloud.schedule(aSpec()), { kind: 'AllocationUpdateFailed' })
})

test('a request that ends in an error half way gives back what it has claimed so far', async (t) => {
  const cloud = await schedulingCloud(t)
  await (await cloud.cell('cell1')).host('a')
  const { calls } = cloud.placement
  const uuids = [systemRandom.uuid(), systemRandom.uuid()]
  calls.before('putAllocations', () => {})
  calls.before('putAllocations', () => {
    throw calls.refusal(409, 'consumer generation conflict', 'placement.concurrent_update')
  })
  await assert.rejects(cloud.schedule(aSpec({ num_instances: 2 }), uuids), { kind: 'AllocationUpdateFailed' })
  assert.deepEqual((await cloud.placement.getAllocations(cloud.ctx, uuids[0]!)).allocations, {})
})

test('an instance that has allocations already, as when it is evacuated, has those of both hosts then', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  const [from, to] = [await cell.host('from'), await cell.host('to', { free_ram_mb: 4096 })]
  const spec = aSpec({ ignore_hosts: ['FROM'] })
  const before = { allocations: { [from.uuid]: { resources: { VCPU: 1 } } }, project_id: 'p', user_id: 'u', consumer_generation: null }
  await cloud.placement.putAllocations(cloud.ctx, spec.instance_uuid, before)
  assert.deepEqual(hostsOf(await cloud.schedule(spec)), [['to']])
  const { allocations } = await cloud.placement.getAllocations(cloud.ctx, spec.instance_uuid)
  assert.deepEqual(Object.keys(allocations).sort(), [from.uuid, to.uuid].sort())
})

test('hosts that are disabled, down or without a service get nothing, from the request on that follows the change', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  await cell.host('a')
  await cell.host('b', { free_ram_mb: 4096 })
  assert.deepEqual(hostsOf(await cloud.schedule(aSpec())), [['a', 'b']])
  const service = await cell.stores.services.getByComputeHost(cloud.ctx, 'a')
  service.disabled = true
  await cell.stores.services.save(cloud.ctx, service)
  assert.deepEqual(hostsOf(await cloud.schedule(aSpec())), [['b']])
  await cloud.clock.advance(61_000)
  await assert.rejects(cloud.schedule(aSpec()), noValidHost('There are not enough hosts available.'))
})

test('what a compute writes into its record counts for the next request, and unchanged records are not read again', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  await cell.host('a')
  const node = await cell.host('b', { free_ram_mb: 4096 })
  await cloud.clock.advance(6000)
  assert.deepEqual(hostsOf(await cloud.schedule(aSpec())), [['a', 'b']])
  await cloud.clock.advance(6000)
  await cloud.schedule(aSpec())
  cloud.statements.length = 0
  await cloud.schedule(aSpec())
  assert.equal(cloud.statements.filter((statement) => statement.includes('compute_nodes')).length, 1, 'the survey alone')
  node.free_ram_mb = 9000
  await cell.stores.computeNodes.save(cloud.ctx, node)
  assert.deepEqual(hostsOf(await cloud.schedule(aSpec())), [['b', 'a']])
  node.free_ram_mb = 100
  await cell.stores.computeNodes.save(cloud.ctx, node) // within the same millisecond of its time
  assert.deepEqual(hostsOf(await cloud.schedule(aSpec())), [['a', 'b']])
})

test('members of an anti-affinity group stay apart: those that computes tell of, those in the database, those being placed', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  for (const name of ['a', 'b', 'c']) await cell.host(name)
  const inDatabase = await cell.instance('a')
  const [told, mine] = [systemRandom.uuid(), systemRandom.uuid()]
  await cloud.scheduler.updateInstanceInfo(cloud.ctx, 'b', [told, systemRandom.uuid()])
  const group = () => aGroup('anti-affinity', [inDatabase, told, mine])
  assert.deepEqual(hostsOf(await cloud.schedule(aSpec({ instance_group: group() }), [mine])), [['c']])
  await cloud.scheduler.deleteInstanceInfo(cloud.ctx, 'b', told)
  assert.deepEqual(
    hostsOf(await cloud.schedule(aSpec({ instance_group: group() }), [systemRandom.uuid()]))
      .flat()
      .sort(),
    ['b', 'c'],
  )
})

test('what a host tells is not believed before it is complete, and read anew when it does not match', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  await cell.host('a')
  const here = await cell.instance('a')
  const tracked = () => cloud.scheduler.hosts.instances.tracked('a')
  await cloud.scheduler.updateInstanceInfo(cloud.ctx, 'a', [])
  assert.equal(tracked(), undefined)
  await cloud.scheduler.syncInstanceInfo(cloud.ctx, 'a', [here])
  assert.deepEqual([...(tracked() ?? [])], [here])
  await cloud.scheduler.syncInstanceInfo(cloud.ctx, 'a', [])
  assert.equal(tracked(), undefined)
  await cloud.scheduler.hosts.loadInstances(cloud.ctx, new AbortController().signal)
  await cloud.scheduler.updateInstanceInfo(cloud.ctx, 'a', [])
  assert.deepEqual([...(tracked() ?? [])], [here])
})

test('a zone is looked for by its aggregates, whose changes are heard of', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  const [a, b] = [await cell.host('a'), await cell.host('b', { free_ram_mb: 4096 })]
  const aggregate = new Aggregate({ name: 'east', metadata: { availability_zone: 'east' } })
  await cloud.api.aggregates.create(cloud.ctx, aggregate)
  await cloud.api.aggregates.addHost(cloud.ctx, aggregate, 'b')
  await cloud.placement.putAggregates(cloud.ctx, b.uuid, { resource_provider_generation: 1, aggregates: [aggregate.uuid] })
  await cloud.scheduler.hosts.loadAggregates(cloud.ctx)
  const [[selection] = []] = (await cloud.schedule(aSpec({ availability_zone: 'east' }))) as Selection[][]
  assert.deepEqual([selection?.service_host, selection?.availability_zone], ['b', 'east'])
  cloud.scheduler.deleteAggregate(aggregate)
  const [[again] = []] = (await cloud.schedule(aSpec({ availability_zone: 'east' }))) as Selection[][]
  assert.equal(again?.availability_zone, 'nova')
  assert.ok(a.uuid)
})

test('a destination that does not exist is named in the refusal; one that exists is the only one asked for', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  await cell.host('a')
  const node = await cell.host('b', { free_ram_mb: 600 })
  await assert.rejects(cloud.schedule(aSpec({ force_hosts: ['nowhere'] })), noValidHost('No such host - host: nowhere node: None '))
  const spec = aSpec({ requested_destination: new Destination({ host: 'b' }) })
  assert.deepEqual(hostsOf(await cloud.schedule(spec)), [['b']])
  assert.equal(spec.requested_destination?.node, 'b')
  const asked = cloud.placement.calls.log.findLast(({ method }) => method === 'getAllocationCandidates')
  assert.ok(JSON.stringify(asked).includes(node.uuid))
})

test('an instance stays in its cell; one that may leave it goes to another cell where its own has no room, and not before', async (t) => {
  const cloud = await schedulingCloud(t)
  const [cell, other] = [await cloud.cell('cell1'), await cloud.cell('cell2')]
  await cell.host('here', { free_ram_mb: 600 })
  await other.host('there', { free_ram_mb: 7000 })
  const from = (allow_cross_cell_move: boolean, more: object = {}) =>
    aSpec({ requested_destination: new Destination({ cell: cell.mapping, allow_cross_cell_move }), ...more })
  const placed = async (spec: ReturnType<typeof aSpec>) => hostsOf(await cloud.schedule(spec))[0]![0]
  assert.equal(await placed(from(true)), 'here')
  const busy = { ignore_hosts: ['here'] }
  await assert.rejects(cloud.schedule(from(false, busy)), noValidHost('There are not enough hosts available.'))
  assert.equal(await placed(from(true, busy)), 'there')
})

test('a forced host is taken without asking the filters', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  await cell.host('a')
  const service = await cell.stores.services.getByComputeHost(cloud.ctx, 'a')
  service.disabled = true
  await cell.stores.services.save(cloud.ctx, service)
  assert.deepEqual(hostsOf(await cloud.schedule(aSpec({ force_hosts: ['a'] }))), [['a']])
})

test('a disabled cell gets nothing once the cells are read again', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  await cell.host('a')
  assert.deepEqual(hostsOf(await cloud.schedule(aSpec())), [['a']])
  cell.mapping.disabled = true
  await cloud.api.cellMappings.save(cloud.ctx, cell.mapping)
  assert.deepEqual(hostsOf(await cloud.schedule(aSpec())), [['a']])
  cloud.scheduler.hosts.directory.refresh()
  await assert.rejects(cloud.schedule(aSpec()), noValidHost('There are not enough hosts available.'))
})

test('a rebuild stays where it is: Placement is not asked, and only filters of images are', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  await cell.host('a')
  await cell.host('b')
  const spec = aSpec({
    requested_destination: new Destination({ host: 'b', node: 'b' }),
    scheduler_hints: { _nova_check_type: ['rebuild'] },
  })
  const before = cloud.placement.calls.log.length
  const [[selection] = []] = (await cloud.schedule(spec)) as Selection[][]
  assert.deepEqual([selection?.service_host, selection?.allocation_request, selection?.allocation_request_version], ['b', 'null', null])
  assert.equal(cloud.placement.calls.log.length, before)
})

test('a caller that knows no objects gets dicts, and no alternates', async (t) => {
  const cloud = await schedulingCloud(t)
  await (await cloud.cell('cell1')).host('a')
  const spec = aSpec()
  const request = { spec, instanceUuids: [spec.instance_uuid], returnObjects: false, returnAlternates: true }
  const answer = await cloud.scheduler.selectDestinations(cloud.ctx, request, new AbortController().signal)
  assert.deepEqual(answer, [{ host: 'a', nodename: 'a', limits: {} }])
})

test('soft policies of a group prefer hosts and refuse none', async (t) => {
  const cloud = await schedulingCloud(t)
  const cell = await cloud.cell('cell1')
  await cell.host('a')
  await cell.host('b', { free_ram_mb: 4096 })
  const member = await cell.instance('b')
  const soft = (policy: string) => aSpec({ instance_group: aGroup(policy, [member]) })
  assert.deepEqual(hostsOf(await cloud.schedule(soft('soft-anti-affinity'))), [['a', 'b']])
  assert.deepEqual(hostsOf(await cloud.schedule(soft('soft-affinity'))), [['b', 'a']])
})
