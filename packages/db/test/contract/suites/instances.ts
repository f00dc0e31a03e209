import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import {
  type Instance,
  InstanceFault,
  InstanceInfoCache,
  InstanceNUMACell,
  InstanceNUMATopology,
  InstancePCIRequest,
  InstancePCIRequests,
  instanceAttributes,
  isNovaError,
  MigrationContext,
  Service,
} from '@micronova/model'
import { aFlavor, aNetworkInfo, anInstance, aUuid } from '../../builders.js'
import type { TestCell } from '../../databases.js'
import { linesOf } from '../../sql-script.js'

export async function instanceTests(t: TestContext, { database, stores, ctx, clock, statementsOf }: TestCell): Promise<void> {
  const { instances } = stores

  /** An instance that is stored, and nothing else of which the test's host has anything. */
  async function stored(values: Parameters<typeof anInstance>[0] = {}): Promise<Instance> {
    const instance = anInstance({ host: 'compute1', node: 'compute1', ...values })
    await instances.create(ctx, instance)
    return instance
  }

  await t.test('a created instance is as it is read again, with every satellite', async () => {
    const instance = anInstance({ info_cache: new InstanceInfoCache({ network_info: aNetworkInfo('fa:16:3e:00:00:01') }) })
    await instances.create(ctx, instance)
    assert.equal(instance.objHasChanges(), false)
    assert.deepEqual(instance.created_at, new Date(clock.time))
    const found = await instances.getByUuid(ctx, instance.uuid, instanceAttributes)
    for (const name of Object.keys(instance.objGetSet()) as (keyof typeof instance.objFields)[])
      assert.deepEqual(primitive(found, name), primitive(instance, name), name)
    assert.deepEqual(found.metadata, { role: 'db' })
    assert.deepEqual(found.system_metadata, { boot_roles: 'admin', image_min_disk: '1' })
    assert.equal(found.info_cache?.network_info?.[0]?.address, 'fa:16:3e:00:00:01')
    assert.equal(found.flavor.name, 'm1.tiny')
    assert.deepEqual([found.old_flavor, found.new_flavor, found.numa_topology, found.fault], [null, null, null, null])
    assert.deepEqual(found.pci_requests?.requests, [])
    assert.match(found.ec2_ids.instance_id, /^i-[0-9a-f]{8}$/)
    assert.match(found.ec2_ids.ami_id ?? '', /^ami-[0-9a-f]{8}$/)
    assert.equal(found.objHasChanges(), false)
  })

  await t.test('only what is asked for is read', async () => {
    const { uuid } = await stored()
    const standard = await instances.getByUuid(ctx, uuid)
    assert.deepEqual([standard.objIsSet('info_cache'), standard.objIsSet('flavor'), standard.objIsSet('metadata')], [true, false, false])
    await instances.load(ctx, standard, ['flavor', 'metadata'])
    assert.deepEqual([standard.flavor.name, standard.metadata, standard.objHasChanges()], ['m1.tiny', { role: 'db' }, false])
  })

  await t.test('a uuid is stored once', async () => {
    const first = await stored()
    const second = anInstance({ uuid: first.uuid })
    await assert.rejects(instances.create(ctx, second), { kind: 'InstanceExists', kwargs: { name: first.uuid } })
    assert.equal(second.objIsSet('id'), false)
    await assert.rejects(instances.create(ctx, first), { kind: 'ObjectActionError' })
  })

  await t.test('an instance that is not there is InstanceNotFound', async () => {
    const uuid = aUuid()
    const notFound = { kind: 'InstanceNotFound', kwargs: { instance_id: uuid } }
    await assert.rejects(instances.getByUuid(ctx, uuid), notFound)
    await assert.rejects(instances.save(ctx, changed(uuid)), notFound)
    await assert.rejects(instances.destroy(ctx, changed(uuid)), notFound)
  })

  await t.test('a user sees the instances of the project alone', async () => {
    const { uuid } = await stored({ project_id: 'mine' })
    const user = { ...ctx, isAdmin: false, userId: 'u', projectId: 'mine' }
    assert.equal((await instances.getByUuid(user, uuid)).uuid, uuid)
    await assert.rejects(instances.getByUuid({ ...user, projectId: 'other' }, uuid), { kind: 'InstanceNotFound' })
    assert.deepEqual(await instances.listByFilters({ ...user, projectId: 'other' }, { uuid: [uuid] }), [])
  })

  await t.test('a save writes the changed columns and moves updated_at', async () => {
    const instance = await stored()
    const other = await instances.getByUuid(ctx, instance.uuid)
    other.display_name = 'renamed elsewhere'
    await instances.save(ctx, other)
    clock.time += 5000
    instance.vm_state = 'active'
    instance.task_state = null
    instance.launched_at = new Date(clock.time)
    instance.cleaned = true
    await instances.save(ctx, instance)
    assert.equal(instance.objHasChanges(), false)
    assert.deepEqual(instance.updated_at, new Date(clock.time))
    assert.equal(instance.display_name, 'renamed elsewhere', 'what others wrote is seen')
    const found = await instances.getByUuid(ctx, instance.uuid)
    assert.deepEqual([found.vm_state, found.task_state, found.launched_at, found.cleaned], ['active', null, new Date(clock.time), true])
  })

  await t.test('a save is refused if the stored states are not the expected ones, and leaves no trace', async () => {
    const instance = await stored({ vm_state: 'active', task_state: null })
    const refused = async (options: Parameters<typeof instances.save>[2], kind: string, kwargs: object) => {
      const copy = await instances.getByUuid(ctx, instance.uuid, ['metadata'])
      copy.task_state = 'powering-off'
      copy.metadata = { written: 'no' }
      await assert.rejects(instances.save(ctx, copy, options), { kind, kwargs: { instance_uuid: instance.uuid, ...kwargs } })
      assert.ok(copy.objWhatChanged().has('task_state'))
    }
    const tasks = { expected: { task_state: ['spawning'] }, actual: { task_state: null } }
    await refused({ expectedTaskState: ['spawning'] }, 'UnexpectedTaskStateError', tasks)
    const states = { expected: { vm_state: ['stopped', 'error'] }, actual: { vm_state: 'active' } }
    await refused({ expectedVmState: ['stopped', 'error'], expectedTaskState: [null] }, 'InstanceUpdateConflict', states)
    const found = await instances.getByUuid(ctx, instance.uuid, ['metadata'])
    assert.deepEqual([found.task_state, found.metadata], [null, { role: 'db' }])
  })

  await t.test('an instance that is being deleted says so to who expected another task', async () => {
    const instance = await stored({ vm_state: 'active', task_state: 'deleting' })
    instance.task_state = 'rebooting'
    await assert.rejects(instances.save(ctx, instance, { expectedTaskState: [null, 'reboot_pending'] }), {
      kind: 'UnexpectedDeletingTaskStateError',
    })
  })

  await t.test('expected states may have null among them', async () => {
    const instance = await stored({ task_state: null })
    instance.task_state = 'pausing'
    await instances.save(ctx, instance, { expectedTaskState: ['x', null] })
    instance.task_state = null
    await instances.save(ctx, instance, { expectedTaskState: ['pausing'], expectedVmState: ['building'] })
    assert.equal((await instances.getByUuid(ctx, instance.uuid)).task_state, null)
  })

  await t.test('of many that want to begin at once one alone succeeds', async () => {
    const { uuid } = await stored({ task_state: null })
    const begin = async (task: string) => {
      const mine = await instances.getByUuid(ctx, uuid)
      mine.task_state = task
      await instances.save(ctx, mine, { expectedTaskState: [null] })
      return task
    }
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map(begin))
    const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value)
    assert.equal(winners.length, 1)
    assert.equal((await instances.getByUuid(ctx, uuid)).task_state, winners[0])
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') assert.ok(isNovaError(outcome.reason, 'UnexpectedTaskStateError'), String(outcome.reason))
  })

  await t.test('metadata are written by difference; removed keys do not come back', async () => {
    const instance = await stored({ metadata: { a: '1', b: '2' }, system_metadata: { x: '1', y: '2' } })
    instance.metadata = { b: '3', c: '4' }
    instance.system_metadata.z = null
    delete instance.system_metadata.x
    await instances.save(ctx, instance)
    for (const readDeleted of ['no', 'yes'] as const) {
      const found = await instances.getByUuid({ ...ctx, readDeleted }, instance.uuid, ['metadata', 'system_metadata'])
      assert.deepEqual(
        [found.metadata, found.system_metadata],
        [
          { b: '3', c: '4' },
          { y: '2', z: null },
        ],
      )
    }
  })

  await t.test('what is kept as objects is written as Nova’s wire form and read again', async () => {
    const instance = await stored()
    const cells = [
      new InstanceNUMACell({
        id: 0,
        cpuset: new Set([0, 1]),
        pcpuset: new Set(),
        memory: 512,
        pagesize: 4,
        cpu_pinning_raw: null,
        cpuset_reserved: null,
      }),
    ]
    instance.numa_topology = new InstanceNUMATopology({ instance_uuid: instance.uuid, cells, emulator_threads_policy: null })
    instance.migration_context = new MigrationContext({ instance_uuid: instance.uuid, migration_id: 7 })
    const request = new InstancePCIRequest({
      count: 1,
      spec: [{ vendor_id: '8086' }],
      alias_name: 'nic',
      is_new: false,
      numa_policy: 'legacy',
      request_id: null,
      requester_id: null,
    })
    instance.pci_requests = new InstancePCIRequests({ instance_uuid: instance.uuid, requests: [request] })
    instance.new_flavor = aFlavor({ id: 2, name: 'm1.small', flavorid: '2' })
    await instances.save(ctx, instance)
    const found = await instances.getByUuid(ctx, instance.uuid, ['numa_topology', 'migration_context', 'pci_requests', 'flavor'])
    assert.deepEqual(found.numa_topology?.cells[0]?.cpuset, new Set([0, 1]))
    assert.equal(found.migration_context?.migration_id, 7)
    assert.deepEqual(found.pci_requests?.requests[0]?.spec, [{ vendor_id: '8086' }])
    assert.deepEqual([found.flavor.name, found.old_flavor, found.new_flavor?.name], ['m1.tiny', null, 'm1.small'])
    assert.equal(found.objHasChanges(), false)
    const [text] = await linesOf(database, `select pci_requests from instance_extra where instance_uuid = '${instance.uuid}'`)
    assert.equal(
      text,
      '[{"count": 1, "spec": [{"vendor_id": "8086"}], "alias_name": "nic", "is_new": false, "numa_policy": "legacy", "request_id": null, "requester_id": null}]',
    )
    found.migration_context = null
    found.new_flavor = null
    await instances.save(ctx, found)
    const cleared = await instances.getByUuid(ctx, instance.uuid, ['migration_context', 'flavor'])
    assert.deepEqual([cleared.migration_context, cleared.new_flavor, cleared.flavor.name], [null, null, 'm1.tiny'])
  })

  await t.test('of three flavors the one that is not loaded stays', async () => {
    const { uuid } = await stored({ new_flavor: aFlavor({ name: 'm1.huge' }) })
    const partial = await instances.getByUuid(ctx, uuid, [])
    partial.old_flavor = aFlavor({ name: 'm1.old' })
    await instances.save(ctx, partial)
    const found = await instances.getByUuid(ctx, uuid, ['flavor'])
    assert.deepEqual([found.flavor.name, found.old_flavor?.name, found.new_flavor?.name], ['m1.tiny', 'm1.old', 'm1.huge'])
    assert.equal(found.flavor.description, null, 'descriptions are not kept')
  })

  await t.test('the info cache is saved with its instance, and by itself', async () => {
    const instance = await stored()
    const cache = instance.objIsSet('info_cache') ? instance.info_cache : await stores.infoCaches.getByInstanceUuid(ctx, instance.uuid)
    assert.ok(cache)
    assert.equal(cache.network_info, null)
    cache.network_info = aNetworkInfo('fa:16:3e:00:00:02')
    await stores.infoCaches.save(ctx, cache)
    const found = await instances.getByUuid(ctx, instance.uuid, ['info_cache'])
    assert.equal(found.info_cache?.network_info?.[0]?.address, 'fa:16:3e:00:00:02')
    found.info_cache!.network_info = []
    await instances.save(ctx, found)
    await stores.infoCaches.refresh(ctx, cache)
    assert.deepEqual(cache.network_info, [])
    await assert.rejects(stores.infoCaches.getByInstanceUuid(ctx, aUuid()), { kind: 'InstanceInfoCacheNotFound' })
  })

  await t.test('a refresh reads what was loaded, and nothing else', async () => {
    const instance = await stored()
    const copy = await instances.getByUuid(ctx, instance.uuid, ['metadata'])
    instance.metadata = { role: 'web' }
    instance.task_state = 'networking'
    await instances.save(ctx, instance)
    copy.display_name = 'forgotten'
    await instances.refresh(ctx, copy)
    assert.deepEqual(
      [copy.metadata, copy.task_state, copy.display_name, copy.objIsSet('flavor')],
      [{ role: 'web' }, 'networking', 'vm1', false],
    )
    assert.equal(copy.objHasChanges(), false)
  })

  await t.test('lists by host and node, with satellites, in a number of queries that does not grow', async () => {
    await stores.services.create(
      ctx,
      new Service({
        host: 'busy',
        binary: 'nova-compute',
        topic: 'compute',
        report_count: 0,
        disabled: false,
        forced_down: false,
        version: 64,
      }),
    )
    const uuids: string[] = []
    for (let i = 0; i < 5; i++)
      uuids.push((await stored({ host: 'busy', node: i === 0 ? 'other' : 'busy', metadata: { i: String(i) } })).uuid)
    await stores.faults.create(
      ctx,
      new InstanceFault({ instance_uuid: uuids[1]!, code: 500, message: 'first', details: null, host: 'busy' }),
    )
    await stores.faults.create(
      ctx,
      new InstanceFault({ instance_uuid: uuids[1]!, code: 500, message: 'latest', details: '', host: 'busy' }),
    )
    const found = await instances.listByHost(ctx, 'busy', instanceAttributes)
    assert.deepEqual(
      found.map(({ uuid }) => uuid),
      uuids,
    )
    assert.deepEqual(
      found.map(({ metadata }) => metadata.i),
      ['0', '1', '2', '3', '4'],
    )
    assert.deepEqual(
      found.map(({ fault }) => fault?.message),
      [undefined, 'latest', undefined, undefined, undefined],
    )
    assert.deepEqual(
      found.map(({ services }) => services.objects[0]?.host),
      Array(5).fill('busy'),
    )
    assert.deepEqual(
      (await instances.listByHostAndNode(ctx, 'busy', 'busy')).map(({ uuid }) => uuid),
      uuids.slice(1),
    )
    assert.equal((await instances.listByHost(ctx, 'busy'))[0]?.objIsSet('metadata'), false)
    assert.deepEqual(await instances.listByHost(ctx, 'nowhere', instanceAttributes), [])
    await stored({ host: 'quiet' })
    const one = await statementsOf(() => instances.listByHost(ctx, 'quiet', instanceAttributes))
    const five = await statementsOf(() => instances.listByHost(ctx, 'busy', instanceAttributes))
    assert.equal(five.length, one.length)
    assert.equal(one.length, 12, 'the instances, one for all that instance_extra holds, one for each other attribute, two for ec2_ids')
    assert.deepEqual(
      (await stores.faults.listByInstanceUuids(ctx, uuids)).map(({ message }) => message),
      ['latest', 'first'],
    )
  })

  await t.test('a destroyed instance is seen by those alone who want deleted ones', async () => {
    const instance = await stored({ host: 'gone' })
    await stores.faults.create(
      ctx,
      new InstanceFault({ instance_uuid: instance.uuid, code: 500, message: 'm', details: null, host: 'gone' }),
    )
    await database.write(({ db }) => db.insertInto('tags').values({ resource_id: instance.uuid, tag: 'blue' }).execute())
    assert.deepEqual(
      (await instances.getByUuid(ctx, instance.uuid, ['tags'])).tags.objects.map(({ tag }) => tag),
      ['blue'],
    )
    clock.time += 1000
    await instances.destroy(ctx, instance)
    assert.deepEqual([instance.deleted, instance.deleted_at], [true, new Date(clock.time)])
    await assert.rejects(instances.getByUuid(ctx, instance.uuid), { kind: 'InstanceNotFound' })
    assert.deepEqual(await instances.listByHost(ctx, 'gone'), [])
    const found = await instances.getByUuid({ ...ctx, readDeleted: 'yes' }, instance.uuid, instanceAttributes)
    assert.deepEqual([found.metadata, found.system_metadata.boot_roles, found.flavor.name], [{ role: 'db' }, 'admin', 'm1.tiny'])
    assert.deepEqual([found.tags.objects, found.services.objects, found.fault], [[], [], null])
    const satellites = ['instance_info_caches', 'instance_extra', 'instance_metadata', 'instance_system_metadata', 'instance_faults']
    for (const table of satellites)
      assert.deepEqual(
        await linesOf(database, `select id from ${table} where instance_uuid = '${instance.uuid}' and deleted <> id`),
        [],
        table,
      )
    await assert.rejects(instances.destroy(ctx, instance), { kind: 'InstanceNotFound' })
  })

  await t.test('an instance that got a host meanwhile is not destroyed by who believes it has none', async () => {
    const instance = await stored({ host: null, node: null })
    const placed = await instances.getByUuid(ctx, instance.uuid)
    placed.host = 'compute1'
    await instances.save(ctx, placed)
    await assert.rejects(instances.destroy(ctx, instance), {
      kind: 'ObjectActionError',
      kwargs: { action: 'destroy', reason: 'host changed' },
    })
    assert.equal((await instances.getByUuid(ctx, instance.uuid)).deleted, false)
  })

  await t.test('filters', async () => {
    const [active, soft, gone, hidden] = [
      await stored({ host: 'f', vm_state: 'active', task_state: null, display_name: 'web-1' }),
      await stored({ host: 'f', vm_state: 'soft-delete', task_state: null, display_name: 'web-2' }),
      await stored({ host: 'f', vm_state: 'deleted', task_state: null, display_name: 'db-1' }),
      await stored({ host: 'f', vm_state: 'active', hidden: true }),
    ] as const
    await instances.destroy(ctx, gone)
    await database.write(({ db }) =>
      db
        .insertInto('tags')
        .values([
          { resource_id: active.uuid, tag: 'a' },
          { resource_id: active.uuid, tag: 'b' },
        ])
        .execute(),
    )
    const names = new Map([active, soft, gone, hidden].map(({ uuid }, at) => [uuid, ['active', 'soft', 'gone', 'hidden'][at]]))
    const found = async (filters: Readonly<Record<string, unknown>>) =>
      (await instances.listByFilters(ctx, { host: 'f', ...filters })).map(({ uuid }) => names.get(uuid)).sort()
    assert.deepEqual(await found({}), ['active', 'gone', 'soft'])
    assert.deepEqual(await found({ deleted: false }), ['active'])
    assert.deepEqual(await found({ deleted: false, soft_deleted: true }), ['active', 'soft'])
    assert.deepEqual(await found({ deleted: true }), ['gone', 'soft'])
    assert.deepEqual(await found({ deleted: true, soft_deleted: false }), ['gone'])
    assert.deepEqual(await found({ deleted: true, soft_deleted: false, cleaned: true }), [])
    assert.deepEqual(await found({ hidden: true }), ['hidden'])
    assert.deepEqual(await found({ vm_state: ['active', 'deleted'], task_state: null }), ['active', 'gone'])
    assert.deepEqual(await found({ uuid: [] }), [])
    assert.deepEqual(await found({ uuid: [soft.uuid, gone.uuid], metadata: { role: 'db' } }), ['soft'])
    assert.deepEqual(await found({ system_metadata: [{ boot_roles: 'admin' }, { image_min_disk: '1' }], deleted: false }), ['active'])
    assert.deepEqual(await found({ display_name: '^web-[0-9]+$' }), ['active', 'soft'])
    assert.deepEqual(await found({ tags: ['a', 'b'] }), ['active'])
    assert.deepEqual(await found({ 'tags-any': ['b', 'c'] }), ['active'])
    assert.deepEqual(await found({ 'not-tags': ['a', 'c'] }), ['active', 'gone', 'soft'])
    assert.deepEqual(await found({ 'not-tags-any': ['a', 'c'] }), ['gone', 'soft'])
    assert.deepEqual(await found({ tags: [], 'not-tags-any': [], 'tags-any': ['a'] }), ['active'])
    assert.deepEqual(await found({ 'tags-any': [] }), [])
    const now = new Date(clock.time).toISOString()
    assert.deepEqual(await found({ 'changes-since': now.slice(0, 19), deleted: false }), [], 'none of them was changed since it was made')
    await instances.save(ctx, Object.assign(active, { progress: 50 }))
    assert.deepEqual(await found({ 'changes-since': now.slice(0, 19) }), ['active'], 'without a zone it is UTC')
    assert.deepEqual(await found({ 'changes-since': now, 'changes-before': now }), ['active'])
    assert.deepEqual(await found({ 'changes-before': '2001-01-01T00:00:00+00:00' }), [])
  })
}

function primitive(instance: Instance, name: string): unknown {
  return (instance.objToPrimitive()['nova_object.data'] as Record<string, unknown>)[name]
}

function changed(uuid: string): Instance {
  const instance = anInstance({ uuid })
  instance.objResetChanges()
  instance.task_state = 'x'
  return instance
}
