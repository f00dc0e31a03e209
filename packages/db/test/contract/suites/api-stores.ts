import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import {
  Aggregate,
  type ApiStores,
  BlockDeviceMappingList,
  BuildRequest,
  CELL0_UUID,
  CellMapping,
  Destination,
  Flavor,
  HostMapping,
  Instance,
  InstanceGroup,
  InstanceMapping,
  KeyPair,
  type RequestContext,
  RequestSpec,
  SchedulerRetries,
  Tag,
  TagList,
} from '@micronova/model'

export interface TestApi {
  readonly stores: ApiStores
  readonly ctx: RequestContext
}

const uuid = () => systemRandom.uuid()

export async function apiStoresTests(t: TestContext, api: TestApi): Promise<void> {
  await cellTests(t, api)
  await instanceMappingTests(t, api)
  await requestTests(t, api)
  await groupTests(t, api)
  await flavorTests(t, api)
  await aggregateTests(t, api)
  await keyAndQuotaTests(t, api)
}

async function cellTests(t: TestContext, { stores: { cellMappings, hostMappings }, ctx }: TestApi): Promise<void> {
  await t.test('cells are listed in their order, with complete URLs', async () => {
    const cell0 = new CellMapping({
      uuid: CELL0_UUID,
      name: 'cell0',
      transport_url: 'none:///',
      database_connection: 'mysql://x/nova_cell0',
    })
    const cell1 = new CellMapping({
      uuid: uuid(),
      name: 'cell1',
      transport_url: '{scheme}://{username}:{password}@{hostname}:{port}/cell1',
      database_connection: '{scheme}://{username}:{password}@{hostname}/{path}_cell1',
    })
    for (const cell of [cell0, cell1]) await cellMappings.create(ctx, cell)
    const listed = await cellMappings.list(ctx)
    assert.deepEqual(
      listed.map(({ name }) => name),
      ['cell0', 'cell1'],
    )
    assert.equal(listed[1]!.transport_url, 'rabbit://nova:secret@mq1:5672/cell1')
    assert.equal(listed[1]!.database_connection, 'mysql+pymysql://nova:secret@db1/nova_cell1')
    assert.ok((await cellMappings.getByUuid(ctx, cell1.uuid)).objEquals(cell1))
    await assert.rejects(cellMappings.getByUuid(ctx, uuid()), { kind: 'CellMappingNotFound' })
  })

  await t.test('a disabled cell is found by that', async () => {
    const [cell0, cell1] = await cellMappings.list(ctx)
    cell0!.disabled = true
    await cellMappings.save(ctx, cell0!)
    assert.deepEqual(
      (await cellMappings.list(ctx, { disabled: true })).map(({ uuid }) => uuid),
      [CELL0_UUID],
    )
    assert.deepEqual(
      (await cellMappings.list(ctx, { disabled: false })).map(({ uuid }) => uuid),
      [cell1!.uuid],
    )
    cell0!.disabled = false
    await cellMappings.save(ctx, cell0!)
  })

  await t.test('hosts are in a cell; unknown ones are left out of a list, and an error alone', async () => {
    const cell = (await cellMappings.list(ctx))[1]!
    for (const host of ['compute1', 'compute2']) await hostMappings.create(ctx, new HostMapping({ host, cell_mapping: cell }))
    assert.ok((await hostMappings.getByHost(ctx, 'compute1')).cell_mapping.objEquals(cell))
    assert.deepEqual(
      (await hostMappings.listByHosts(ctx, ['compute2', 'nowhere'])).map(({ host }) => host),
      ['compute2'],
    )
    assert.equal((await hostMappings.list(ctx, { cellId: cell.id })).length, 2)
    await assert.rejects(hostMappings.getByHost(ctx, 'nowhere'), { kind: 'HostMappingNotFound', kwargs: { name: 'nowhere' } })
    await hostMappings.destroy(ctx, await hostMappings.getByHost(ctx, 'compute2'))
    await assert.rejects(hostMappings.getByHost(ctx, 'compute2'), { kind: 'HostMappingNotFound' })
  })
}

async function instanceMappingTests(t: TestContext, { stores: { cellMappings, instanceMappings }, ctx }: TestApi): Promise<void> {
  await t.test('instances cannot be counted while one is mapped that does not say whose it is', async () => {
    const old = new InstanceMapping({ instance_uuid: uuid(), project_id: 'p0' })
    await instanceMappings.create(ctx, old)
    assert.equal(await instanceMappings.isCountable(ctx), false)
    old.user_id = 'u1'
    await instanceMappings.save(ctx, old)
    assert.equal(await instanceMappings.isCountable(ctx), true)
    await instanceMappings.destroy(ctx, old.instance_uuid)
  })

  await t.test('an instance is in no cell at first, then in one, and counts until it is deleted', async () => {
    const cell = (await cellMappings.list(ctx))[1]!
    const mapping = new InstanceMapping({ instance_uuid: uuid(), project_id: 'p1', user_id: 'u1' })
    await instanceMappings.create(ctx, mapping)
    const stored = await instanceMappings.getByInstanceUuid(ctx, mapping.instance_uuid)
    assert.deepEqual([stored.cell_mapping, stored.queued_for_delete], [null, false])
    stored.cell_mapping = cell
    await instanceMappings.save(ctx, stored)
    const again = await instanceMappings.getByInstanceUuid(ctx, mapping.instance_uuid)
    assert.equal(again.cell_mapping?.uuid, cell.uuid)
    assert.equal((await instanceMappings.listByCellId(ctx, cell.id)).length, 1)
    assert.equal((await instanceMappings.listByInstanceUuids(ctx, [uuid(), mapping.instance_uuid])).length, 1)
    assert.deepEqual(await instanceMappings.counts(ctx, 'p1', 'u2'), { project: { instances: 1 }, user: { instances: 0 } })
    again.queued_for_delete = true
    await instanceMappings.save(ctx, again)
    assert.deepEqual(await instanceMappings.counts(ctx, 'p1'), { project: { instances: 0 } })
    await instanceMappings.destroy(ctx, mapping.instance_uuid)
    await assert.rejects(instanceMappings.destroy(ctx, mapping.instance_uuid), { kind: 'InstanceMappingNotFound' })
    await assert.rejects(instanceMappings.save(ctx, again), { kind: 'InstanceMappingNotFound' })
  })
}

async function requestTests(t: TestContext, { stores: { requestSpecs, buildRequests, instanceGroups }, ctx }: TestApi): Promise<void> {
  await t.test('a request spec keeps what every scheduling needs, and reads its group anew', async () => {
    const group = new InstanceGroup({ name: 'g', policy: 'anti-affinity', project_id: 'p1', user_id: 'u1', members: [] })
    await instanceGroups.create(ctx, group)
    const spec = new RequestSpec({
      instance_uuid: uuid(),
      num_instances: 1,
      ignore_hosts: ['compute1'],
      retry: new SchedulerRetries({ num_attempts: 1 }),
      requested_destination: new Destination({ host: 'compute1' }),
      scheduler_hints: { group: [group.uuid] },
      instance_group: group,
    })
    await requestSpecs.create(ctx, spec)
    await instanceGroups.addMembers(ctx, group.uuid, [spec.instance_uuid])
    const stored = await requestSpecs.getByInstanceUuid(ctx, spec.instance_uuid)
    assert.deepEqual([stored.num_instances, stored.ignore_hosts, stored.retry], [1, null, null])
    assert.equal(stored.objIsSet('requested_destination'), false)
    assert.deepEqual(stored.instance_group?.members, [spec.instance_uuid])
    assert.equal(stored.objHasChanges(), false)
    stored.num_instances = 3
    await requestSpecs.save(ctx, stored)
    await instanceGroups.destroy(ctx, group)
    const after = await requestSpecs.getByInstanceUuid(ctx, spec.instance_uuid)
    assert.deepEqual([after.num_instances, after.instance_group, after.scheduler_hints], [3, null, {}])
    await requestSpecs.destroy(ctx, spec.instance_uuid)
    await assert.rejects(requestSpecs.getByInstanceUuid(ctx, spec.instance_uuid), { kind: 'RequestSpecNotFound' })
  })

  await t.test('a build request holds the instance, its disks and its tags until it is taken', async () => {
    const instance = new Instance({ uuid: uuid(), display_name: 'vm1', vm_state: 'building', task_state: 'scheduling' })
    const request = new BuildRequest({
      instance_uuid: instance.uuid,
      project_id: 'p1',
      instance,
      block_device_mappings: new BlockDeviceMappingList(),
      tags: new TagList({ objects: [new Tag({ tag: 'red' })] }),
    })
    await buildRequests.create(ctx, request)
    const stored = await buildRequests.getByInstanceUuid(ctx, instance.uuid)
    assert.deepEqual([stored.instance.display_name, stored.instance.host, stored.tags.objects[0]!.tag], ['vm1', null, 'red'])
    assert.equal(stored.objHasChanges(), false)
    assert.deepEqual(await buildRequests.presentUuids(ctx, [instance.uuid, uuid()]), new Set([instance.uuid]))
    assert.equal((await buildRequests.list(ctx)).length, 1)
    stored.instance.locked_by = 'owner'
    await buildRequests.save(ctx, stored)
    assert.equal((await buildRequests.getByInstanceUuid(ctx, instance.uuid)).instance.locked_by, 'owner')
    await buildRequests.destroy(ctx, instance.uuid)
    await assert.rejects(buildRequests.destroy(ctx, instance.uuid), { kind: 'BuildRequestNotFound', kwargs: { uuid: instance.uuid } })
  })
}

async function groupTests(t: TestContext, { stores: { instanceGroups }, ctx }: TestApi): Promise<void> {
  await t.test('a server group has one policy with rules, and members once', async () => {
    const group = new InstanceGroup({
      name: 'g2',
      policy: 'anti-affinity',
      _rules: { max_server_per_host: '3' },
      project_id: 'p1',
      user_id: 'u1',
    })
    await instanceGroups.create(ctx, group)
    const [a, b] = [uuid(), uuid()]
    await instanceGroups.addMembers(ctx, group.uuid, [a])
    assert.deepEqual(await instanceGroups.addMembers(ctx, group.uuid, [a, b]), [a, b])
    const stored = await instanceGroups.getByInstanceUuid(ctx, b)
    assert.deepEqual([stored.members, stored.policies, stored.rules], [[a, b], ['anti-affinity'], { max_server_per_host: 3 }])
    assert.equal((await instanceGroups.getByName(ctx, 'g2')).uuid, group.uuid)
    assert.deepEqual(await instanceGroups.counts(ctx, 'p1', 'u1'), { project: { server_groups: 1 }, user: { server_groups: 1 } })
    await instanceGroups.removeMembers(ctx, [a])
    assert.deepEqual((await instanceGroups.getByUuid(ctx, group.uuid)).members, [b])
  })

  await t.test('a user does not see the group of another project', async () => {
    const { uuid: groupUuid } = await instanceGroups.getByName(ctx, 'g2')
    const user = (projectId: string) => ({ ...ctx, isAdmin: false, projectId })
    assert.equal((await instanceGroups.list(user('p1'))).length, 1)
    await assert.rejects(instanceGroups.getByUuid(user('p2'), groupUuid), { kind: 'InstanceGroupNotFound' })
    await assert.rejects(instanceGroups.getByInstanceUuid(ctx, uuid()), { kind: 'InstanceGroupNotFound', kwargs: { group_uuid: '' } })
  })
}

async function flavorTests(t: TestContext, { stores: { flavors }, ctx }: TestApi): Promise<void> {
  await t.test('a flavor has its extra specs, and only its project sees a private one', async () => {
    const values = { memory_mb: 512, vcpus: 1, root_gb: 1, ephemeral_gb: 0, swap: 0, rxtx_factor: 1, disabled: false }
    const flavor = new Flavor({
      ...values,
      name: 'm1.own',
      flavorid: '77',
      is_public: false,
      extra_specs: { 'a:b': 'c' },
      projects: ['p1'],
    })
    await flavors.create(ctx, flavor)
    const stored = await flavors.getByFlavorId(ctx, '77')
    assert.deepEqual([stored.extra_specs, stored.vcpu_weight, stored.objIsSet('projects')], [{ 'a:b': 'c' }, 0, false])
    assert.ok((await flavors.getById(ctx, stored.id)).objEquals(stored))
    assert.equal((await flavors.getByName({ ...ctx, isAdmin: false, projectId: 'p1' }, 'm1.own')).id, stored.id)
    await assert.rejects(flavors.getByName({ ...ctx, isAdmin: false, projectId: 'p2' }, 'm1.own'), { kind: 'FlavorNotFoundByName' })
    await flavors.loadProjects(ctx, stored)
    assert.deepEqual(stored.projects, ['p1'])
    await assert.rejects(flavors.create(ctx, new Flavor({ ...values, name: 'other', flavorid: '77', is_public: true })), {
      kind: 'FlavorIdExists',
    })
    await assert.rejects(flavors.create(ctx, new Flavor({ ...values, name: 'm1.own', flavorid: '78', is_public: true })), {
      kind: 'FlavorExists',
    })
    await flavors.destroy(ctx, stored)
    await assert.rejects(flavors.getById(ctx, stored.id), { kind: 'FlavorNotFound' })
  })
}

async function aggregateTests(t: TestContext, { stores: { aggregates }, ctx }: TestApi): Promise<void> {
  await t.test('an aggregate has hosts and metadata and is found by each', async () => {
    const zone = new Aggregate({ name: 'zone-a', metadata: { availability_zone: 'az1', ssd: 'true' } })
    const plain = new Aggregate({ name: 'plain' })
    for (const aggregate of [zone, plain]) {
      await aggregates.create(ctx, aggregate)
      await aggregates.addHost(ctx, aggregate, 'compute1')
    }
    assert.equal(zone.availability_zone, 'az1')
    assert.deepEqual(
      (await aggregates.listByHost(ctx, 'compute1')).map(({ name }) => name),
      ['zone-a', 'plain'],
    )
    assert.deepEqual(
      (await aggregates.listByHost(ctx, 'compute1', 'availability_zone')).map(({ name }) => name),
      ['zone-a'],
    )
    assert.deepEqual(await aggregates.listByMetadataKey(ctx, 'ssd', ['compute2']), [])
    assert.equal((await aggregates.listByMetadataKey(ctx, 'ssd', ['compute1'])).length, 1)
    assert.equal((await aggregates.listByMetadata(ctx, null, 'true')).length, 1)
    await aggregates.updateMetadata(ctx, zone, { ssd: null, gpu: '1' })
    assert.deepEqual((await aggregates.getByUuid(ctx, zone.uuid)).metadata, { availability_zone: 'az1', gpu: '1' })
    await assert.rejects(aggregates.addHost(ctx, zone, 'compute1'), { kind: 'AggregateHostExists' })
    await assert.rejects(aggregates.create(ctx, new Aggregate({ name: 'plain' })), { kind: 'AggregateNameExists' })
    await aggregates.deleteHost(ctx, zone, 'compute1')
    assert.deepEqual((await aggregates.getById(ctx, zone.id)).hosts, [])
    await aggregates.destroy(ctx, zone)
    assert.deepEqual(
      (await aggregates.list(ctx)).map(({ name }) => name),
      ['plain'],
    )
  })
}

async function keyAndQuotaTests(t: TestContext, { stores: { keyPairs, quotas }, ctx }: TestApi): Promise<void> {
  await t.test('key pairs are pages in the order of their names', async () => {
    for (const name of ['c', 'a', 'b'])
      await keyPairs.create(ctx, new KeyPair({ user_id: 'u1', name, type: 'ssh', public_key: `ssh-rsa ${name}`, fingerprint: 'f' }))
    assert.deepEqual(
      (await keyPairs.listByUser(ctx, 'u1', { limit: 1, marker: 'a' })).map(({ name }) => name),
      ['b'],
    )
    assert.equal(await keyPairs.countByUser(ctx, 'u1'), 3)
    assert.equal((await keyPairs.getByName(ctx, 'u1', 'c')).public_key, 'ssh-rsa c')
    await assert.rejects(keyPairs.create(ctx, new KeyPair({ user_id: 'u1', name: 'a', type: 'ssh' })), { kind: 'KeyPairExists' })
    await assert.rejects(keyPairs.listByUser(ctx, 'u1', { marker: 'z' }), { kind: 'MarkerNotFound' })
    await keyPairs.destroy(ctx, 'u1', 'a')
    await assert.rejects(keyPairs.getByName(ctx, 'u1', 'a'), { kind: 'KeypairNotFound' })
  })

  await t.test('limits are those that were set, of a project and of a user', async () => {
    await quotas.createLimit(ctx, 'p1', 'instances', 10)
    await quotas.createLimit(ctx, 'p1', 'instances', 2, 'u1')
    await quotas.updateLimit(ctx, 'p1', 'instances', 20)
    assert.deepEqual(await quotas.limitsOfProject(ctx, 'p1'), { instances: 20 })
    assert.deepEqual(await quotas.limitsOfUser(ctx, 'p1', 'u1'), { instances: 2 })
    assert.deepEqual(await quotas.limitsOfClass(ctx, 'default'), {})
    await assert.rejects(quotas.createLimit(ctx, 'p1', 'instances', 1), { kind: 'QuotaExists' })
    await assert.rejects(quotas.updateLimit(ctx, 'p1', 'cores', 1, 'u1'), { kind: 'ProjectUserQuotaNotFound' })
  })
}
