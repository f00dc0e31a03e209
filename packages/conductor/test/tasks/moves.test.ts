import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Aggregate,
  Aggregate as AggregateObject,
  LibvirtLiveMigrateData,
  Migration,
  novaError,
  type Selection,
} from '@micronova/model'
import { type TestDeployment, testDeployment } from './deployment.js'
import { aFlavor, aSelection, runningInstance } from './orders.js'

function answering(hosts: () => readonly Selection[]) {
  return { select_destinations: () => [hosts().map((selection) => selection.objToPrimitive())] }
}

const noHost = {
  select_destinations: () => {
    throw novaError('NoValidHost', { reason: 'none' })
  },
}

/** What the consumer holds, by host. */
async function held({ cell1, clients, ctx }: TestDeployment, consumer: string): Promise<string[]> {
  const nodes = await cell1.computeNodes.listAll(ctx)
  const providers = Object.keys(clients.placement.state.consumers.get(consumer)?.allocations ?? {})
  return nodes.flatMap(({ uuid, host }) => (providers.includes(uuid) ? [host ?? ''] : [])).sort()
}

const resize = (instance: unknown, spec: unknown, more: object = {}) => ({
  instance,
  scheduler_hint: { filter_properties: {} },
  live: false,
  rebuild: false,
  flavor: aFlavor({ id: 2, name: 'm1.small', memory_mb: 1024 }),
  request_spec: spec,
  clean_shutdown: true,
  ...more,
})

test('a resize hands what the instance holds to its migration, and the new flavor is in the stored request', async (t) => {
  let hosts: Selection[] = []
  const deployment = await testDeployment(t, { scheduler: answering(() => hosts) })
  const { api, cell1, ctx } = deployment
  const { instance, spec } = await runningInstance(deployment, 'compute1')
  hosts = [await aSelection(deployment, 'compute2'), await aSelection(deployment, 'compute1')]
  await deployment.run('migrate_server', resize(instance, spec))
  const sent = await deployment.next('prep_resize')
  assert.deepEqual([sent.to, sent.args.node, (sent.args.host_list as unknown[]).length], ['compute2', 'compute2', 1])
  const [migration] = await cell1.migrations.listByFilters(ctx, { instance_uuid: instance.uuid })
  assert.deepEqual([migration?.migration_type, migration?.status, migration?.source_compute], ['resize', 'pre-migrating', 'compute1'])
  assert.deepEqual(await held(deployment, migration!.uuid), ['compute1'])
  assert.deepEqual(await held(deployment, instance.uuid), [])
  assert.equal((await api.requestSpecs.getByInstanceUuid(ctx, instance.uuid)).flavor.name, 'm1.small')
})

test('a resize that finds no host leaves the instance as it was, with a fault and what it held', async (t) => {
  const deployment = await testDeployment(t, { scheduler: noHost })
  const { api, cell1, ctx, failures } = deployment
  const { instance, spec } = await runningInstance(deployment, 'compute1', { task_state: 'resize_prep' })
  await assert.rejects(deployment.run('migrate_server', resize(instance, spec)), {
    kind: 'NoValidHost',
    message: 'No valid host was found. No valid host found for resize',
  })
  const stored = await cell1.instances.getByUuid(ctx, instance.uuid, ['fault'])
  assert.deepEqual([stored.vm_state, stored.task_state, stored.fault?.message], ['active', null, 'No valid host was found. none'])
  const [migration] = await cell1.migrations.listByFilters(ctx, { instance_uuid: instance.uuid })
  assert.equal(migration?.status, 'error')
  assert.deepEqual(await held(deployment, instance.uuid), ['compute1'])
  assert.deepEqual(await held(deployment, migration.uuid), [])
  assert.equal((await api.requestSpecs.getByInstanceUuid(ctx, instance.uuid)).flavor.name, 'm1.tiny')
  assert.deepEqual(
    failures.map(({ method, vmState }) => [method, vmState]),
    [['migrate_server', 'active']],
  )
})

test('a resize that a destination gives back goes on with its migration, on the next host with room', async (t) => {
  const deployment = await testDeployment(t, { hosts: ['compute1', 'compute2', 'compute3'] })
  const { cell1, ctx } = deployment
  const { instance, spec } = await runningInstance(deployment, 'compute1')
  const full = await aSelection(deployment, 'compute2', { VCPU: 9 })
  const hostList = [full, await aSelection(deployment, 'compute3')]
  await deployment.run('migrate_server', resize(instance, spec, { host_list: hostList }))
  assert.equal((await deployment.next('prep_resize')).to, 'compute3')
  assert.deepEqual(await held(deployment, instance.uuid), ['compute3'])
  await assert.rejects(deployment.run('migrate_server', resize(instance, spec, { host_list: [full] })), { kind: 'NoValidHost' })
  const migrations = await cell1.migrations.listByFilters(ctx, { instance_uuid: instance.uuid })
  assert.deepEqual(
    migrations.map(({ status }) => status),
    ['error'],
  )
})

const live = (instance: unknown, spec: unknown, host: string | null = null) => ({
  instance,
  scheduler_hint: { host },
  block_migration: null,
  disk_over_commit: null,
  request_spec: spec,
})

const agrees = () => new LibvirtLiveMigrateData({ is_volume_backed: false, vifs: [] }).objToPrimitive()

test('a live migration goes to the first host that the computes agree upon; what was claimed elsewhere is given back', async (t) => {
  const asked: string[] = []
  let selections: Record<string, Selection> = {}
  const scheduler = {
    select_destinations: ({ spec_obj: spec }: { spec_obj: { 'nova_object.data': { ignore_hosts: string[] } } }) => {
      const ignored = spec['nova_object.data'].ignore_hosts
      const name = ['compute2', 'compute3'].find((host) => !ignored.includes(host))!
      return [[selections[name]!.objToPrimitive()]]
    },
  }
  const check = () => {
    asked.push('asked')
    if (asked.length === 1) throw novaError('MigrationPreCheckError', { reason: 'no' })
    return agrees()
  }
  const hosts = ['compute1', 'compute2', 'compute3']
  const deployment = await testDeployment(t, { hosts, scheduler, compute: { check_can_live_migrate_destination: check } })
  const { cell1, ctx } = deployment
  const { instance, spec } = await runningInstance(deployment, 'compute1', { task_state: 'migrating' })
  selections = { compute2: await aSelection(deployment, 'compute2'), compute3: await aSelection(deployment, 'compute3') }
  await deployment.run('live_migrate_instance', live(instance, spec))
  const sent = await deployment.next('live_migration')
  assert.deepEqual([sent.to, sent.args.dest], ['compute1', 'compute3'])
  const [migration] = await cell1.migrations.listByFilters(ctx, { instance_uuid: instance.uuid })
  assert.deepEqual([migration?.dest_compute, migration?.dest_node, migration?.status], ['compute3', 'compute3', 'accepted'])
  assert.deepEqual(await held(deployment, migration!.uuid), ['compute1'])
})

test('a forced live migration claims its destination without the scheduler', async (t) => {
  const deployment = await testDeployment(t, { compute: { check_can_live_migrate_destination: agrees } })
  const { instance, spec } = await runningInstance(deployment, 'compute1', { task_state: 'migrating' })
  await deployment.run('live_migrate_instance', live(instance, spec, 'compute2'))
  assert.equal((await deployment.next('live_migration')).args.dest, 'compute2')
  assert.deepEqual(await held(deployment, instance.uuid), ['compute2'])
  assert.equal(
    deployment.received.some(({ method }) => method === 'select_destinations'),
    false,
  )
})

test('a live migration that cannot be leaves the instance running where it is, with what it held', async (t) => {
  const refuses = () => {
    throw novaError('MigrationPreCheckError', { reason: 'other CPU' })
  }
  const deployment = await testDeployment(t, { compute: { check_can_live_migrate_destination: refuses } })
  const { cell1, ctx } = deployment
  const { instance, spec } = await runningInstance(deployment, 'compute1', { task_state: 'migrating' })
  await assert.rejects(deployment.run('live_migrate_instance', live(instance, spec, 'compute2')), { kind: 'MigrationPreCheckError' })
  const stored = await cell1.instances.getByUuid(ctx, instance.uuid)
  assert.deepEqual([stored.vm_state, stored.task_state], ['active', null])
  const [migration] = await cell1.migrations.listByFilters(ctx, { instance_uuid: instance.uuid })
  assert.equal(migration?.status, 'error')
  assert.deepEqual(await held(deployment, instance.uuid), ['compute1'])
  await assert.rejects(deployment.run('live_migrate_instance', live(instance, spec, 'compute1')), { kind: 'UnableToMigrateToSelf' })
  const shutDown = await runningInstance(deployment, 'compute1', { power_state: 4 })
  await assert.rejects(deployment.run('live_migrate_instance', live(shutDown.instance, shutDown.spec)), { kind: 'InstanceInvalidState' })
})

const rebuild = (instance: unknown, spec: unknown, more: object = {}) => ({
  instance,
  orig_image_ref: 'an-image',
  image_ref: 'an-image',
  injected_files: [],
  new_pass: null,
  orig_sys_metadata: {},
  bdms: null,
  recreate: false,
  on_shared_storage: null,
  request_spec: spec,
  ...more,
})

test('an evacuation avoids the failed host and takes its migration along', async (t) => {
  let hosts: Selection[] = []
  const deployment = await testDeployment(t, { scheduler: answering(() => hosts) })
  const { cell1, ctx } = deployment
  const { instance, spec } = await runningInstance(deployment, 'compute1', { task_state: 'rebuilding' })
  const values = { instance_uuid: instance.uuid, source_compute: 'compute1', status: 'accepted', migration_type: 'evacuation' } as const
  await cell1.migrations.create(ctx, new Migration(values))
  hosts = [await aSelection(deployment, 'compute2')]
  await deployment.run('rebuild_instance', rebuild(instance, spec, { recreate: true }))
  const sent = await deployment.next('rebuild_instance')
  const asked = (await deployment.next('select_destinations')).args.spec_obj as { 'nova_object.data': { ignore_hosts: string[] } }
  assert.deepEqual(asked['nova_object.data'].ignore_hosts, ['compute1'])
  assert.deepEqual([sent.to, sent.args.recreate, sent.args.scheduled_node], ['compute2', true, 'compute2'])
  assert.equal((sent.args.migration as { 'nova_object.data': { status: string } })['nova_object.data'].status, 'accepted')
})

test('an evacuation to a named host claims it beside the failed one; a full one is refused and the migration ends', async (t) => {
  const deployment = await testDeployment(t)
  const { cell1, clients, ctx } = deployment
  const { instance, spec } = await runningInstance(deployment, 'compute1', { task_state: 'rebuilding' })
  await deployment.run('rebuild_instance', rebuild(instance, spec, { recreate: true, host: 'compute2' }))
  assert.equal((await deployment.next('rebuild_instance')).to, 'compute2')
  assert.deepEqual(await held(deployment, instance.uuid), ['compute1', 'compute2'])

  const other = await runningInstance(deployment, 'compute1', { task_state: 'rebuilding' })
  const migration = new Migration({
    instance_uuid: other.instance.uuid,
    source_compute: 'compute1',
    status: 'accepted',
    migration_type: 'evacuation',
  })
  await cell1.migrations.create(ctx, migration)
  const node = await cell1.computeNodes.getByHostAndNode(ctx, 'compute2', 'compute2')
  const { generation } = await clients.placement.getResourceProvider(ctx, node.uuid)
  const inventories = { VCPU: { total: 1 }, MEMORY_MB: { total: 8192 } }
  await clients.placement.putInventories(ctx, node.uuid, { resource_provider_generation: generation, inventories })
  await assert.rejects(deployment.run('rebuild_instance', rebuild(other.instance, other.spec, { recreate: true, host: 'compute2' })), {
    kind: 'NoValidHost',
  })
  assert.equal((await cell1.migrations.getByUuid(ctx, migration.uuid)).status, 'error')
})

test('a rebuild that the scheduler refuses goes back to its image and ends in ERROR', async (t) => {
  const deployment = await testDeployment(t, { scheduler: noHost })
  const { cell1, clients, ctx } = deployment
  const { instance, spec } = await runningInstance(deployment, 'compute1', { image_ref: 'new-image', task_state: 'rebuilding' })
  const image = await clients.glance.createImage(ctx, { name: 'other', disk_format: 'raw', container_format: 'bare' })
  await assert.rejects(deployment.run('rebuild_instance', rebuild(instance, spec, { image_ref: image.id })), { kind: 'NoValidHost' })
  const stored = await cell1.instances.getByUuid(ctx, instance.uuid)
  assert.deepEqual([stored.vm_state, stored.image_ref], ['error', 'an-image'])
})

test('unshelving starts what still has its host, and gives a host to what has none', async (t) => {
  let hosts: Selection[] = []
  const deployment = await testDeployment(t, { scheduler: answering(() => hosts) })
  const { cell1, ctx } = deployment
  const shelved = await runningInstance(deployment, 'compute1', { vm_state: 'shelved', task_state: 'unshelving' })
  await deployment.run('unshelve_instance', { instance: shelved.instance, request_spec: shelved.spec })
  assert.equal((await deployment.next('start_instance')).to, 'compute1')
  assert.equal((await cell1.instances.getByUuid(ctx, shelved.instance.uuid)).task_state, 'powering-on')

  const offloaded = await runningInstance(deployment, 'compute1', { vm_state: 'shelved_offloaded', task_state: 'unshelving' })
  hosts = [await aSelection(deployment, 'compute2')]
  await deployment.run('unshelve_instance', { instance: offloaded.instance, request_spec: offloaded.spec })
  assert.equal((await deployment.next('unshelve_instance')).to, 'compute2')
})

test('unshelving without a host ends its task, and without its image ends in ERROR', async (t) => {
  const deployment = await testDeployment(t, { scheduler: noHost })
  const { cell1, ctx } = deployment
  const offloaded = { vm_state: 'shelved_offloaded', task_state: 'unshelving' }
  const { instance, spec } = await runningInstance(deployment, 'compute1', offloaded)
  await deployment.run('unshelve_instance', { instance, request_spec: spec })
  const stored = await cell1.instances.getByUuid(ctx, instance.uuid)
  assert.deepEqual([stored.vm_state, stored.task_state], ['shelved_offloaded', null])

  const lost = await runningInstance(deployment, 'compute1', { ...offloaded, system_metadata: { shelved_image_id: 'gone' } })
  await assert.rejects(deployment.run('unshelve_instance', { instance: lost.instance, request_spec: lost.spec }), {
    kind: 'UnshelveException',
  })
  assert.equal((await cell1.instances.getByUuid(ctx, lost.instance.uuid)).vm_state, 'error')
})

test('images are cached on the hosts of an aggregate that are up', async (t) => {
  const deployment = await testDeployment(t, { compute: { cache_images: () => ({ 'image-1': 'cached' }) } })
  const { api, cell1, ctx, received } = deployment
  const aggregate: Aggregate = new AggregateObject({ name: 'a' })
  await api.aggregates.create(ctx, aggregate)
  for (const host of ['compute1', 'compute2']) await api.aggregates.addHost(ctx, aggregate, host)
  const down = await cell1.services.getByComputeHost(ctx, 'compute2')
  down.forced_down = true
  await cell1.services.save(ctx, down)
  await deployment.run('cache_images', { aggregate, image_ids: ['image-1'] })
  assert.deepEqual(
    received.map(({ to, method }) => [to, method]),
    [['compute1', 'cache_images']],
  )
  const [begin, ...rest] = deployment.caching
  const end = rest.pop()
  assert.deepEqual([begin, end], ['start', 'end'])
  const byHost = (rest as { readonly host: string; readonly index: number }[]).sort((a, b) => a.host.localeCompare(b.host))
  assert.deepEqual(
    byHost.map(({ index: _, ...step }) => step),
    [
      { host: 'compute1', results: { 'image-1': 'cached' }, total: 2 },
      { host: 'compute2', results: { 'image-1': 'skipped' }, total: 2 },
    ],
  )
  assert.deepEqual(byHost.map(({ index }) => index).sort(), [1, 2])
})
