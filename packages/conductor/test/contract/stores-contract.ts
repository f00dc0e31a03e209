import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import {
  adminContext,
  BlockDeviceMapping,
  ComputeNode,
  ConsoleAuthToken,
  Flavor,
  HVSpec,
  Instance,
  InstanceFault,
  Migration,
  MigrationContext,
  NovaError,
  PciDevicePoolList,
  type RequestContext,
  Service,
  type Stores,
  TaskLog,
  VirtualInterface,
  VolumeUsage,
} from '@micronova/model'

export interface StoresFixture {
  readonly stores: Stores
  close(): Promise<void>
}

const uuid = () => systemRandom.uuid()
const newContext = (options: Partial<RequestContext> = {}) => adminContext({ clock: systemClock, random: systemRandom }, options)
const ctx = newContext()
const deletedToo = newContext({ readDeleted: 'yes' })

const ofKind = (kind: string) => (err: unknown) => err instanceof NovaError && err.kind === kind

function newService(host: string, values: Partial<{ topic: string; binary: string; version: number }> = {}): Service {
  return new Service({ host, binary: 'nova-compute', topic: 'compute', report_count: 0, version: 64, ...values })
}

function newNode(host: string): ComputeNode {
  return new ComputeNode({
    host,
    hypervisor_hostname: `${host}-node`,
    hypervisor_type: 'fake',
    hypervisor_version: 1000,
    host_ip: '192.0.2.1',
    memory_mb: 8192,
    memory_mb_used: 512,
    local_gb: 1028,
    local_gb_used: 0,
    vcpus: 1000,
    vcpus_used: 0,
    cpu_info: '{"vendor": "none"}',
    disk_available_least: 0,
    numa_topology: null,
    stats: { failed_builds: '0' },
    supported_hv_specs: [new HVSpec({ arch: 'x86_64', hv_type: 'fake', vm_mode: 'hvm' })],
    cpu_allocation_ratio: 4,
    ram_allocation_ratio: 1,
    disk_allocation_ratio: 1,
  })
}

function newInstance(host: string | null): Instance {
  const flavor = Flavor.objStored({
    id: 1,
    name: 'm1.tiny',
    flavorid: '1',
    memory_mb: 512,
    vcpus: 1,
    root_gb: 1,
    ephemeral_gb: 0,
    swap: 0,
    rxtx_factor: 1,
    vcpu_weight: 0,
    disabled: false,
    is_public: true,
    extra_specs: {},
    description: null,
    created_at: null,
    updated_at: null,
    deleted_at: null,
    deleted: false,
  })
  return new Instance({
    uuid: uuid(),
    host,
    node: host === null ? null : `${host}-node`,
    project_id: 'a-project',
    user_id: 'a-user',
    vm_state: 'building',
    task_state: 'scheduling',
    system_metadata: { image_base_image_ref: 'an-image' },
    metadata: { purpose: 'test' },
    flavor,
    old_flavor: null,
    new_flavor: null,
  })
}

/**
 * What every implementation of `Stores` does. `open` makes one that may hold other hosts' things already: each test uses
 * names of its own.
 */
export function storesContract(name: string, open: () => Promise<StoresFixture>): void {
  const withStores = (title: string, run: (stores: Stores, host: string) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const fixture = await open()
      try {
        await run(fixture.stores, `host-${systemRandom.hex(6)}`)
      } finally {
        await fixture.close()
      }
    })

  withStores('a service that is created has an id and a uuid, no changes, and is found', async ({ services }, host) => {
    const service = newService(host)
    await services.create(ctx, service)
    assert.ok(service.id > 0)
    assert.ok(service.created_at instanceof Date)
    assert.deepEqual([...service.objWhatChanged()], [])
    const found = await services.getByHostAndBinary(ctx, host, 'nova-compute')
    assert.deepEqual(found?.objToPrimitive(), service.objToPrimitive())
    assert.equal((await services.getByComputeHost(ctx, host)).uuid, service.uuid)
  })

  withStores(
    'a second service of the same binary or topic on a host is refused, and the object stays as it was',
    async ({ services }, host) => {
      await services.create(ctx, newService(host))
      const same = newService(host, { topic: 'other' })
      await assert.rejects(services.create(ctx, same), ofKind('ServiceBinaryExists'))
      assert.equal(same.objIsSet('id'), false)
      assert.ok(same.objWhatChanged().has('host'))
      await assert.rejects(services.create(ctx, newService(host, { binary: 'nova-other' })), ofKind('ServiceTopicExists'))
    },
  )

  withStores('a service that is not there is null, or an error where it must be there', async ({ services }, host) => {
    assert.equal(await services.getByHostAndBinary(ctx, host, 'nova-compute'), null)
    await assert.rejects(services.getByComputeHost(ctx, host), ofKind('ComputeHostNotFound'))
  })

  withStores('a heartbeat writes the count and the time it was seen', async ({ services }, host) => {
    const service = newService(host)
    await services.create(ctx, service)
    service.report_count += 1
    await services.save(ctx, service)
    assert.ok(service.last_seen_up instanceof Date)
    assert.deepEqual([...service.objWhatChanged()], [])
    const stored = await services.getByComputeHost(ctx, host)
    assert.deepEqual([stored.report_count, stored.last_seen_up], [1, service.last_seen_up])
  })

  withStores('two copies of a row write their own fields only', async ({ services }, host) => {
    await services.create(ctx, newService(host))
    const [one, other] = [await services.getByComputeHost(ctx, host), await services.getByComputeHost(ctx, host)]
    one.disabled = true
    other.report_count = 7
    await services.save(ctx, one)
    await services.save(ctx, other)
    const stored = await services.getByComputeHost(ctx, host)
    assert.deepEqual([stored.disabled, stored.report_count], [true, 7])
  })

  withStores('services are listed by binary, host and topic, and one that is destroyed is gone', async ({ services }, host) => {
    const binary = `nova-${host}`
    assert.equal(await services.getMinimumVersion(ctx, binary), 0)
    const old = newService(host, { binary, topic: binary, version: 61 })
    await services.create(ctx, old)
    await services.create(ctx, newService(`${host}-b`, { binary, topic: binary, version: 64 }))
    assert.equal(await services.getMinimumVersion(ctx, binary), 61)
    const hosts = async (filter: Parameters<typeof services.list>[1]) => (await services.list(ctx, filter)).map((service) => service.host)
    assert.deepEqual((await hosts({ binary })).sort(), [host, `${host}-b`])
    assert.deepEqual(await hosts({ host }), [host])
    assert.deepEqual(await hosts({ topic: binary, host }), [host])
    assert.ok((await hosts(undefined)).includes(host))
    await services.destroy(ctx, old)
    assert.deepEqual(await hosts({ binary }), [`${host}-b`])
    assert.equal(await services.getMinimumVersion(ctx, binary), 64)
  })

  withStores('a compute node is created, found by host and node, listed, saved and destroyed', async ({ computeNodes }, host) => {
    await assert.rejects(computeNodes.getByHostAndNode(ctx, host, `${host}-node`), ofKind('ComputeHostNotFound'))
    await assert.rejects(computeNodes.listByHost(ctx, host), ofKind('ComputeHostNotFound'))
    const node = newNode(host)
    await computeNodes.create(ctx, node)
    assert.ok(node.id > 0 && node.uuid.length === 36)
    node.vcpus_used = 3
    node.stats = { failed_builds: '1' }
    node.pci_device_pools = new PciDevicePoolList({ objects: [] })
    await computeNodes.save(ctx, node)
    assert.equal(node.objWhatChanged().has('vcpus_used'), false)
    const stored = await computeNodes.getByHostAndNode(ctx, host, `${host}-node`)
    assert.deepEqual([stored.vcpus_used, stored.stats, stored.supported_hv_specs[0]?.hv_type], [3, { failed_builds: '1' }, 'fake'])
    assert.deepEqual(
      (await computeNodes.listByHost(ctx, host)).map((listed) => listed.uuid),
      [node.uuid],
    )
    await computeNodes.destroy(ctx, node)
    await assert.rejects(computeNodes.listByHost(ctx, host), ofKind('ComputeHostNotFound'))
  })

  withStores('an instance has those satellites that were asked for', async ({ instances }, host) => {
    const instance = newInstance(host)
    await instances.create(ctx, instance)
    assert.deepEqual([...instance.objWhatChanged()], [])
    const plain = await instances.getByUuid(ctx, instance.uuid)
    assert.deepEqual([plain.objIsSet('info_cache'), plain.objIsSet('security_groups'), plain.objIsSet('flavor')], [true, true, false])
    assert.equal(plain.info_cache?.instance_uuid, instance.uuid)
    const full = await instances.getByUuid(ctx, instance.uuid, [
      'flavor',
      'metadata',
      'system_metadata',
      'numa_topology',
      'tags',
      'resources',
    ])
    assert.deepEqual([full.flavor.name, full.old_flavor, full.metadata], ['m1.tiny', null, { purpose: 'test' }])
    assert.deepEqual(full.system_metadata, { image_base_image_ref: 'an-image' })
    assert.deepEqual([full.numa_topology, full.resources, full.tags.objects], [null, null, []])
    assert.deepEqual([...full.objWhatChanged()], [])
  })

  withStores('an instance that is not there is an error', async ({ instances }) => {
    const missing = uuid()
    await assert.rejects(
      instances.getByUuid(ctx, missing),
      (err) => err instanceof NovaError && err.kind === 'InstanceNotFound' && err.message === `Instance ${missing} could not be found.`,
    )
  })

  withStores('instances are listed by host, by host and node, and by filters', async ({ instances }, host) => {
    const [here, there] = [newInstance(host), newInstance(`${host}-b`)]
    await instances.create(ctx, here)
    await instances.create(ctx, there)
    const uuids = (list: readonly Instance[]) => list.map((instance) => instance.uuid).sort()
    assert.deepEqual(uuids(await instances.listByHost(ctx, host)), [here.uuid])
    assert.deepEqual(uuids(await instances.listByHost(ctx, `${host}-c`)), [])
    assert.deepEqual(uuids(await instances.listByHostAndNode(ctx, host, `${host}-node`)), [here.uuid])
    assert.deepEqual(uuids(await instances.listByHostAndNode(ctx, host, 'another node')), [])
    assert.deepEqual(uuids(await instances.listByFilters(ctx, { uuid: [here.uuid, there.uuid] })), [here.uuid, there.uuid].sort())
    assert.deepEqual(uuids(await instances.listByFilters(ctx, { host, vm_state: 'building' })), [here.uuid])
    const [withFlavor] = await instances.listByHost(ctx, host, ['flavor'])
    assert.deepEqual([withFlavor?.flavor.name, withFlavor?.objIsSet('info_cache')], ['m1.tiny', false])
  })

  withStores('an instance is saved only while its task state is an expected one', async ({ instances }, host) => {
    const instance = newInstance(host)
    await instances.create(ctx, instance)
    instance.vm_state = 'active'
    instance.task_state = null
    await assert.rejects(instances.save(ctx, instance, { expectedTaskState: ['spawning'] }), ofKind('UnexpectedTaskStateError'))
    assert.deepEqual([...instance.objWhatChanged()].sort(), ['task_state', 'vm_state'])
    await instances.save(ctx, instance, { expectedTaskState: ['spawning', 'scheduling'] })
    assert.deepEqual([...instance.objWhatChanged()], [])
    instance.task_state = 'deleting'
    await instances.save(ctx, instance, { expectedTaskState: [null] })
    instance.task_state = 'powering-off'
    await assert.rejects(instances.save(ctx, instance, { expectedTaskState: [null] }), ofKind('UnexpectedDeletingTaskStateError'))
    await assert.rejects(instances.save(ctx, instance, { expectedVmState: ['stopped'] }), ofKind('InstanceUpdateConflict'))
  })

  withStores('an instance that was read again shows what another copy has written', async ({ instances }, host) => {
    const instance = newInstance(host)
    await instances.create(ctx, instance)
    const other = await instances.getByUuid(ctx, instance.uuid, ['system_metadata'])
    other.power_state = 4
    other.system_metadata = { ...other.system_metadata, clean_attempts: '1' }
    await instances.save(ctx, other)
    await instances.refresh(ctx, instance)
    assert.deepEqual([instance.power_state, instance.system_metadata.clean_attempts], [4, '1'])
    assert.deepEqual([...instance.objWhatChanged()], [])
  })

  withStores('attributes are loaded into an instance that is there already', async ({ instances, faults }, host) => {
    const created = newInstance(host)
    await instances.create(ctx, created)
    await faults.create(ctx, new InstanceFault({ instance_uuid: created.uuid, code: 500, message: 'boom', details: 'at x', host }))
    const instance = await instances.getByUuid(ctx, created.uuid, [])
    await instances.load(ctx, instance, [
      'flavor',
      'metadata',
      'numa_topology',
      'pci_requests',
      'migration_context',
      'resources',
      'fault',
      'tags',
      'ec2_ids',
    ])
    assert.deepEqual([instance.flavor.name, instance.metadata, instance.numa_topology], ['m1.tiny', { purpose: 'test' }, null])
    assert.deepEqual([instance.migration_context, instance.resources, instance.fault?.message], [null, null, 'boom'])
    assert.deepEqual([instance.pci_requests?.requests, instance.tags.objects], [[], []])
    assert.match(instance.ec2_ids.instance_id ?? '', /^i-[0-9a-f]{8}$/)
  })

  withStores('the context of a move is dropped without writing anything else', async ({ instances }, host) => {
    const instance = newInstance(host)
    await instances.create(ctx, instance)
    await instances.dropMigrationContext(ctx, instance)
    instance.migration_context = new MigrationContext({ instance_uuid: instance.uuid, migration_id: 7 })
    await instances.save(ctx, instance)
    instance.vm_state = 'resized'
    await instances.dropMigrationContext(ctx, instance)
    assert.equal(instance.migration_context, null)
    const stored = await instances.getByUuid(ctx, instance.uuid, ['migration_context'])
    assert.deepEqual([stored.migration_context, stored.vm_state], [null, 'building'])
    await instances.save(ctx, instance)
    assert.equal((await instances.getByUuid(ctx, instance.uuid)).vm_state, 'resized')
  })

  withStores('a resize waits for its confirmation from the moment when it finished', async ({ instances, migrations }, host) => {
    const instance = newInstance(host)
    await instances.create(ctx, instance)
    const values = { instance_uuid: instance.uuid, source_compute: 'elsewhere', dest_compute: host, migration_type: 'resize' } as const
    const migration = new Migration({ ...values, status: 'migrating' })
    await migrations.create(ctx, migration)
    const waiting = async (seconds: number) => (await migrations.listUnconfirmed(ctx, seconds, host)).map(({ id }) => id)
    assert.deepEqual(await waiting(0), [])
    migration.status = 'finished'
    await migrations.save(ctx, migration)
    assert.deepEqual(await waiting(0), [migration.id])
    assert.deepEqual(await waiting(3600), [])
    assert.equal((await migrations.getByIdAndInstance(ctx, migration.id, values.instance_uuid)).status, 'finished')
    await assert.rejects(migrations.getByIdAndInstance(ctx, migration.id, uuid()), ofKind('MigrationNotFoundForInstance'))
  })

  withStores('an instance that is destroyed is seen by who asks for deleted ones', async ({ instances }, host) => {
    const instance = newInstance(host)
    await instances.create(ctx, instance)
    await instances.destroy(ctx, instance)
    assert.deepEqual([instance.deleted, instance.deleted_at instanceof Date], [true, true])
    await assert.rejects(instances.getByUuid(ctx, instance.uuid), ofKind('InstanceNotFound'))
    assert.deepEqual(await instances.listByHost(ctx, host), [])
    assert.equal((await instances.getByUuid(deletedToo, instance.uuid)).deleted, true)
    const [listed] = await instances.listByFilters(deletedToo, { deleted: true, soft_deleted: false, uuid: [instance.uuid] })
    assert.equal(listed?.uuid, instance.uuid)
  })

  withStores('an instance that was destroyed is not found by who writes it', async ({ instances }, host) => {
    const instance = newInstance(host)
    await instances.create(ctx, instance)
    const held = await instances.getByUuid(ctx, instance.uuid)
    await instances.destroy(ctx, instance)
    held.task_state = 'rebooting'
    await assert.rejects(instances.save(ctx, held), ofKind('InstanceNotFound'))
    await instances.save(ctx, await instances.getByUuid(deletedToo, instance.uuid))
  })

  withStores('an instance without a host is destroyed only while it has none', async ({ instances }, host) => {
    const instance = newInstance(null)
    await instances.create(ctx, instance)
    const scheduled = await instances.getByUuid(ctx, instance.uuid)
    scheduled.host = host
    await instances.save(ctx, scheduled)
    await assert.rejects(instances.destroy(ctx, instance), ofKind('ObjectActionError'))
  })

  withStores('the info cache of an instance is saved, read and read again', async ({ instances, infoCaches }, host) => {
    const instance = newInstance(host)
    await instances.create(ctx, instance)
    const cache = await infoCaches.getByInstanceUuid(ctx, instance.uuid)
    const old = await infoCaches.getByInstanceUuid(ctx, instance.uuid)
    cache.network_info = [{ id: 'a-port', address: 'fa:16:3e:00:00:01' }] as unknown as typeof cache.network_info
    await infoCaches.save(ctx, cache)
    assert.deepEqual([...cache.objWhatChanged()], [])
    await infoCaches.refresh(ctx, old)
    assert.equal(old.network_info?.[0]?.id, 'a-port')
    assert.equal((await instances.getByUuid(ctx, instance.uuid)).info_cache?.network_info?.[0]?.id, 'a-port')
    await assert.rejects(infoCaches.getByInstanceUuid(ctx, uuid()), ofKind('InstanceInfoCacheNotFound'))
  })

  withStores('block device mappings are kept by instance', async ({ instances, blockDeviceMappings }, host) => {
    const [one, other] = [newInstance(host), newInstance(host)]
    for (const instance of [one, other]) await instances.create(ctx, instance)
    const mapping = new BlockDeviceMapping({
      instance_uuid: one.uuid,
      source_type: 'image',
      destination_type: 'local',
      device_type: 'disk',
      boot_index: 0,
      delete_on_termination: true,
      image_id: 'an-image',
    })
    await blockDeviceMappings.create(ctx, mapping)
    mapping.device_name = '/dev/vda'
    await blockDeviceMappings.save(ctx, mapping)
    const [stored] = await blockDeviceMappings.listByInstanceUuid(ctx, one.uuid)
    assert.deepEqual([stored?.device_name, stored?.id, stored?.uuid], ['/dev/vda', mapping.id, mapping.uuid])
    const byInstance = await blockDeviceMappings.mapByInstanceUuids(ctx, [one.uuid, other.uuid])
    assert.deepEqual(
      [...byInstance].map(([key, list]) => [key, list.length]),
      [
        [one.uuid, 1],
        [other.uuid, 0],
      ],
    )
    assert.equal((await blockDeviceMappings.mapByInstanceUuids(ctx, [])).size, 0)
    await assert.rejects(blockDeviceMappings.getByVolumeAndInstance(ctx, uuid(), one.uuid), ofKind('VolumeBDMNotFound'))
    mapping.volume_id = uuid()
    await blockDeviceMappings.save(ctx, mapping)
    assert.equal((await blockDeviceMappings.getByVolumeAndInstance(ctx, mapping.volume_id, one.uuid)).id, mapping.id)
    await assert.rejects(blockDeviceMappings.getByVolumeAndInstance(ctx, mapping.volume_id, other.uuid), ofKind('VolumeBDMNotFound'))
    await blockDeviceMappings.destroy(ctx, mapping)
    assert.deepEqual(await blockDeviceMappings.listByInstanceUuid(ctx, one.uuid), [])
  })

  withStores('an action has events, which end well or not; without an action nothing is kept', async ({ instances, actions }, host) => {
    const instance = newInstance(host)
    await instances.create(ctx, instance)
    const request = newContext()
    await actions.start(request, instance.uuid, 'stop')
    await actions.startEvent(request, instance.uuid, 'compute_stop_instance', host)
    await actions.finishEvent(request, instance.uuid, 'compute_stop_instance')
    await actions.startEvent(request, instance.uuid, 'compute_stop_instance', host)
    await actions.finishEvent(request, instance.uuid, 'compute_stop_instance', { message: 'boom', traceback: 'at x' })
  })

  withStores('migrations are found by filters and while they are in progress', async ({ instances, migrations }, host) => {
    const instance = newInstance(host)
    await instances.create(ctx, instance)
    const migration = new Migration({
      instance_uuid: instance.uuid,
      source_compute: host,
      source_node: `${host}-node`,
      dest_compute: `${host}-b`,
      dest_node: `${host}-b-node`,
      migration_type: 'evacuation',
      status: 'accepted',
    })
    await migrations.create(ctx, migration)
    const filters = { source_compute: host, status: ['accepted', 'pre-migrating', 'done'], migration_type: 'evacuation' }
    assert.deepEqual(
      (await migrations.listByFilters(ctx, filters)).map((found) => found.id),
      [migration.id],
    )
    assert.deepEqual(
      (await migrations.listInProgressAndError(ctx, host, `${host}-node`)).map((found) => found.id),
      [migration.id],
    )
    migration.status = 'completed'
    await migrations.save(ctx, migration)
    assert.deepEqual(await migrations.listByFilters(ctx, filters), [])
    assert.deepEqual(await migrations.listInProgressAndError(ctx, host, `${host}-node`), [])
  })

  withStores(
    'virtual interfaces are kept by instance, and deleted one by one or together',
    async ({ instances, virtualInterfaces }, host) => {
      const instance = newInstance(host)
      await instances.create(ctx, instance)
      const newVif = (address: string) => new VirtualInterface({ address, instance_uuid: instance.uuid, uuid: uuid(), tag: null })
      const address = () => `fa:16:3e:${systemRandom.hex(3).replace(/..(?=.)/g, '$&:')}`
      const [mac, second] = [address(), newVif(address())]
      const vif = newVif(`${mac}/${uuid()}`)
      for (const one of [vif, second]) await virtualInterfaces.create(ctx, one)
      assert.equal(vif.address, mac) // what makes it unique in the table is not shown
      assert.equal((await virtualInterfaces.listByInstanceUuid(ctx, instance.uuid)).length, 2)
      await virtualInterfaces.destroy(ctx, vif)
      assert.deepEqual(
        (await virtualInterfaces.listByInstanceUuid(ctx, instance.uuid)).map((one) => one.uuid),
        [second.uuid],
      )
      await virtualInterfaces.deleteByInstanceUuid(ctx, instance.uuid)
      assert.deepEqual(await virtualInterfaces.listByInstanceUuid(ctx, instance.uuid), [])
    },
  )

  withStores('a console token has a secret once it is authorized, which happens once', async ({ instances, consoleAuthTokens }, host) => {
    const instance = newInstance(host)
    await instances.create(ctx, instance)
    const newToken = (instance_uuid: string) =>
      new ConsoleAuthToken({
        console_type: 'novnc',
        host,
        port: 6969,
        internal_access_path: 'path',
        access_url_base: 'http://proxy',
        instance_uuid,
      })
    const token = newToken(instance.uuid)
    const secret = await consoleAuthTokens.authorize(ctx, token, 600)
    assert.deepEqual([token.token, token.objIsSet('id'), [...token.objWhatChanged()]], [secret, true, []])
    await assert.rejects(consoleAuthTokens.authorize(ctx, token, 600), ofKind('ObjectActionError'))
    await assert.rejects(consoleAuthTokens.authorize(ctx, newToken(uuid()), 600), ofKind('InstanceNotFound'))
  })

  withStores('the usage of a volume is counted, and joins its totals when the guest restarts or lets it go', async ({ volumeUsages }) => {
    const volume_id = uuid()
    const report = async (curr_reads: number, ends = false) => {
      const counts = { curr_reads, curr_read_bytes: curr_reads * 512, curr_writes: 0, curr_write_bytes: 0 }
      const usage = new VolumeUsage({ volume_id, instance_uuid: uuid(), project_id: 'p', user_id: 'u', availability_zone: null, ...counts })
      await volumeUsages.save(ctx, usage, { ends })
      assert.deepEqual([...usage.objWhatChanged()], [])
      return [usage.curr_reads, usage.tot_reads, usage.tot_read_bytes]
    }
    assert.deepEqual(await report(3), [3, 0, 0])
    assert.deepEqual(await report(5), [5, 0, 0])
    assert.deepEqual(await report(1), [1, 5, 2560])
    assert.deepEqual(await report(2, true), [0, 7, 3584])
    assert.deepEqual(await report(4), [4, 7, 3584])
  })

  withStores('a usage audit of a period begins once, and ends', async ({ taskLogs }, host) => {
    const period = { begin: new Date('2026-11-01T00:00:00Z'), end: new Date('2026-12-01T00:00:00Z') }
    const key = { taskName: 'instance_usage_audit', ...period, host }
    const task = () => {
      const times = { period_beginning: period.begin, period_ending: period.end }
      return new TaskLog({ task_name: key.taskName, host, ...times, message: 'begun', task_items: 2, errors: 0 })
    }
    assert.equal(await taskLogs.get(ctx, key), null)
    await assert.rejects(taskLogs.end(ctx, task()), ofKind('TaskNotRunning'))
    await taskLogs.begin(ctx, task())
    await assert.rejects(taskLogs.begin(ctx, task()), ofKind('TaskAlreadyRunning'))
    assert.equal((await taskLogs.get(ctx, key))?.state, 'RUNNING')
    assert.equal(await taskLogs.get(ctx, key, 'DONE'), null)
    await taskLogs.end(ctx, task())
    assert.equal((await taskLogs.get(ctx, key))?.state, 'DONE')
    assert.equal(await taskLogs.get(ctx, { ...key, end: new Date('2026-11-02T00:00:00Z') }), null)
  })

  withStores('the instances of a window lived in it, deleted or not', async ({ instances }, host) => {
    const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour))
    const lived = async (launched_at: Date, terminated_at: Date | null) => {
      const instance = newInstance(host)
      instance.launched_at = launched_at
      instance.terminated_at = terminated_at
      await instances.create(ctx, instance)
      return instance.uuid
    }
    await lived(at(1), at(2))
    const inIt = [await lived(at(1), at(5)), await lived(at(3), null)]
    await lived(at(7), null)
    const found = await instances.listActiveByWindow(ctx, { begin: at(3), end: at(6), host }, ['flavor', 'system_metadata'])
    assert.deepEqual(found.map(({ uuid }) => uuid).sort(), inIt.sort())
    for (const instance of found) assert.ok(instance.objIsSet('flavor') && instance.objIsSet('system_metadata'))
    const open = await instances.listActiveByWindow(ctx, { begin: at(6), host })
    assert.equal(open.length, 2)
  })

  withStores('a node without PCI devices has none, and tokens that are not there are cleaned without a word', async (stores, host) => {
    assert.deepEqual(await stores.pciDevices.listByComputeNode(ctx, 4711), [])
    await stores.consoleAuthTokens.cleanForInstance(ctx, uuid())
    await stores.consoleAuthTokens.cleanExpiredForHost(ctx, host)
  })
}
