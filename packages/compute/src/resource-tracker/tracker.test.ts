import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  BlockDeviceMapping,
  type ComputeNode,
  Flavor,
  type Instance,
  InstancePCIRequest,
  InstancePCIRequests,
  isNovaError,
  Migration,
  MigrationContext,
  novaError,
  PciDevicePoolList,
} from '@micronova/model'
import { currentInstance, forever, host, runningInstance, smallFlavor, storedInstance } from '../../test/support/compute-fixture.js'
import type { StoreCall } from '../../test/support/recording-stores.js'
import {
  recordedObject,
  type TrackerFixture,
  type TrackerFixtureOptions,
  takeCalls,
  trackerFixture,
  withoutChanges,
} from '../../test/support/tracker-fixture.js'

const audit = ['instances.listByHostAndNode', 'migrations.listInProgressAndError']
const recordedProject = 'cd66de3907554966b0d88d4f599f3e41'

/** A fixture whose node has been measured. */
async function measured(options: TrackerFixtureOptions = {}): Promise<TrackerFixture> {
  const fixture = await trackerFixture(options)
  await fixture.tracker.updateAvailableResource(fixture.parts.adminContext(), host)
  fixture.calls.length = 0
  return fixture
}

function record({ stores, ctx }: TrackerFixture): Promise<ComputeNode> {
  return stores.computeNodes.getByHostAndNode(ctx, host, host)
}

async function usage(fixture: TrackerFixture) {
  const { memory_mb_used, local_gb_used, vcpus_used, running_vms } = await record(fixture)
  return { memory_mb_used, local_gb_used, vcpus_used, running_vms }
}

const unused = { memory_mb_used: 512, local_gb_used: 0, vcpus_used: 0, running_vms: 0 }
const oneSmall = { memory_mb_used: 1024, local_gb_used: 1, vcpus_used: 1, running_vms: 1 }

/** What a record says of host and usage; what a store decides is left out. */
function plain(node: ComputeNode): unknown {
  const { 'nova_object.data': data } = node.objToPrimitive() as { 'nova_object.data': Record<string, unknown> }
  return comparable(data)
}

/** The processor's description is JSON text: how it is spaced says nothing. */
function comparable(fields: Readonly<Record<string, unknown>>): unknown {
  const { id, uuid, created_at, updated_at, mapped, service_id, cpu_info: cpuInfo, ...others } = fields
  return withoutChanges({ ...others, cpu_info: JSON.parse(String(cpuInfo)) })
}

const failing = (name: string, err: unknown) => {
  let isOn = false
  return {
    fail: ({ method }: StoreCall) => (isOn && method === name ? err : undefined),
    begin: () => {
      isOn = true
    },
    end: () => {
      isOn = false
    },
  }
}

test('a new node is created with the fields that a Python nova-compute sends', async () => {
  const fixture = await trackerFixture()
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  const created = fixture.calls.find(({ method }) => method === 'computeNodes.create')
  const { fields, changes } = recordedObject('wire/01-compute-startup.jsonl', 'ComputeNode', 'create')
  assert.deepEqual(Object.keys(created?.changes ?? {}).sort(), [...changes].sort())
  assert.deepEqual(comparable(created?.changes ?? {}), comparable(fields))
})

test('after the first count the record is what it is with a Python nova-compute', async () => {
  const fixture = await trackerFixture()
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  const { fields, changes } = recordedObject('wire/01-compute-startup.jsonl', 'ComputeNode', 'save')
  assert.deepEqual(plain(await record(fixture)), comparable(fields))
  const saved = fixture.calls.find(({ method }) => method === 'computeNodes.save')
  for (const name of Object.keys(saved?.changes ?? {})) assert.ok(changes.includes(name), name)
  assert.deepEqual(takeCalls(fixture), ['computeNodes.getByHostAndNode', 'computeNodes.create', ...audit, 'computeNodes.save'])
})

test('a claim leaves the record that a Python nova-compute leaves', async () => {
  const fixture = await measured()
  const instance = await storedInstance(fixture, { project_id: recordedProject, task_state: null })
  await fixture.tracker.instanceClaim(fixture.ctx, instance, host)
  const { fields } = recordedObject('wire/03-boot.jsonl', 'ComputeNode', 'save')
  assert.deepEqual(plain(await record(fixture)), comparable(fields))
})

test('a restart with an instance leaves the record that a Python nova-compute leaves', async () => {
  const fixture = await measured()
  await runningInstance(fixture, { project_id: recordedProject })
  await fixture.restarted().updateAvailableResource(fixture.ctx, host)
  const { fields } = recordedObject('wire/02-compute-restart.jsonl', 'ComputeNode', 'save')
  assert.deepEqual(plain(await record(fixture)), comparable(fields))
})

test('a delete leaves the record that a Python nova-compute leaves, with the counts that fell to 0', async () => {
  const fixture = await trackerFixture()
  const instance = await runningInstance(fixture, { project_id: recordedProject })
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  // The recorded instance was shelved and came back before.
  const states = [
    ['shelved_offloaded', 'spawning'],
    ['active', null],
    ['deleted', null],
  ] as const
  for (const [vmState, taskState] of states) {
    instance.vm_state = vmState
    instance.task_state = taskState
    await fixture.tracker.updateUsage(fixture.ctx, instance, host)
  }
  const { fields } = recordedObject('wire/08-delete.jsonl', 'ComputeNode', 'save')
  assert.deepEqual(plain(await record(fixture)), comparable(fields))
})

test('a restart finds the record and writes nothing if it is right', async () => {
  const fixture = await measured()
  await fixture.restarted().updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(takeCalls(fixture), ['computeNodes.getByHostAndNode', ...audit])
})

test('an audit writes nothing if nothing changed', async () => {
  const fixture = await measured()
  await runningInstance(fixture)
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  fixture.calls.length = 0
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(takeCalls(fixture), audit)
})

test('objects that come back from the conductor marked as changed make no audit write', async () => {
  const fixture = await trackerFixture()
  const { computeNodes } = fixture.stores
  const marked = (node: ComputeNode) => node.objSetStored({ pci_device_pools: new PciDevicePoolList({ objects: [] }) })
  const { save, getByHostAndNode } = computeNodes
  computeNodes.save = async (ctx, node) => {
    await save.call(computeNodes, ctx, node)
    marked(node)
  }
  computeNodes.getByHostAndNode = async (ctx, ...name) => {
    const node = await getByHostAndNode.call(computeNodes, ctx, ...name)
    marked(node)
    return node
  }
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  fixture.calls.length = 0
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  await fixture.restarted().updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(takeCalls(fixture), [...audit, 'computeNodes.getByHostAndNode', ...audit])
})

test('the audit of 1,000 instances asks as often as that of one', async () => {
  const counts = []
  for (const total of [1, 1000]) {
    const fixture = await trackerFixture()
    for (let i = 0; i < total; i++) await storedInstance(fixture, { vm_state: 'active', task_state: null, host, node: host })
    fixture.calls.length = 0
    await fixture.tracker.updateAvailableResource(fixture.ctx, host)
    counts.push(fixture.calls.length)
    assert.deepEqual(await usage(fixture), {
      memory_mb_used: 512 + 512 * total,
      local_gb_used: total,
      vcpus_used: total,
      running_vms: total,
    })
  }
  assert.equal(counts[0], counts[1])
})

test('an audit counts the instances of its node that hold something, and no others', async () => {
  const fixture = await measured()
  await runningInstance(fixture)
  await runningInstance(fixture, { vm_state: 'deleted' })
  await runningInstance(fixture, { vm_state: 'shelved_offloaded' })
  await runningInstance(fixture, { node: 'another' })
  await runningInstance(fixture, { host: 'elsewhere' })
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(await usage(fixture), oneSmall)
})

test('an instance that left the node is not counted any more, and is asked about anew when it comes back', async () => {
  const fixture = await measured()
  const instance = await runningInstance(fixture)
  const auditWith = async (at: string) => {
    instance.host = at
    await fixture.stores.instances.save(fixture.ctx, instance)
    fixture.calls.length = 0
    await fixture.tracker.updateAvailableResource(fixture.ctx, host)
    return [await usage(fixture), takeCalls(fixture).includes('blockDeviceMappings.mapByInstanceUuids')]
  }
  assert.deepEqual(await auditWith(host), [oneSmall, true])
  assert.deepEqual(await auditWith(host), [oneSmall, false])
  assert.deepEqual(await auditWith('elsewhere'), [unused, false])
  assert.deepEqual(await auditWith(host), [oneSmall, true])
})

test('what the host keeps for itself is used from the beginning', async () => {
  const resources = { reserved_host_memory_mb: 2048, reserved_host_cpus: 2, reserved_host_disk_mb: 3000 }
  assert.deepEqual(await usage(await measured({ resources })), { memory_mb_used: 2048, local_gb_used: 2, vcpus_used: 2, running_vms: 0 })
})

test('the root disk of an instance that boots from a volume does not count, neither in a claim nor in an audit', async () => {
  const fixture = await measured()
  const instance = await storedInstance(fixture)
  const root = { instance_uuid: instance.uuid, source_type: 'volume', destination_type: 'volume', boot_index: 0 } as const
  await fixture.stores.blockDeviceMappings.create(fixture.ctx, new BlockDeviceMapping(root))
  await fixture.tracker.instanceClaim(fixture.ctx, instance, host)
  assert.equal((await usage(fixture)).local_gb_used, 0)
  await fixture.restarted().updateAvailableResource(fixture.ctx, host)
  assert.equal((await usage(fixture)).local_gb_used, 0)
})

test('a claim sets host, node and launched_on, and saves the instance and the node once each', async () => {
  const fixture = await measured()
  const instance = await storedInstance(fixture)
  fixture.calls.length = 0
  instance.display_name = 'changed by the caller'
  await fixture.tracker.instanceClaim(fixture.ctx, instance, host)
  assert.deepEqual(fixture.calls[0]?.changes, { display_name: 'changed by the caller', host, launched_on: host, node: host })
  assert.deepEqual(takeCalls(fixture), ['instances.save', 'blockDeviceMappings.mapByInstanceUuids', 'computeNodes.save'])
  const stored = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([stored.host, stored.node, stored.launched_on], [host, host, host])
  assert.deepEqual(await usage(fixture), oneSmall)
})

test('an aborted claim is undone in memory and in both records, and once only', async () => {
  const fixture = await measured()
  const instance = await storedInstance(fixture)
  const claim = await fixture.tracker.instanceClaim(fixture.ctx, instance, host)
  fixture.calls.length = 0
  await Promise.all([claim.abort(fixture.ctx), claim.abort(fixture.ctx)])
  await claim.abort(fixture.ctx)
  assert.deepEqual(takeCalls(fixture).sort(), ['computeNodes.save', 'instances.save'])
  const stored = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([instance.host, instance.node, stored.host, stored.node], [null, null, null, null])
  assert.deepEqual(await usage(fixture), unused)
})

test('the abort of a claim whose instance is deleted meanwhile gives the resources back', async () => {
  const gone = failing('instances.save', novaError('InstanceNotFound', { instance_id: 'x' }))
  const fixture = await measured({ fail: gone.fail })
  const claim = await fixture.tracker.instanceClaim(fixture.ctx, await storedInstance(fixture), host)
  gone.begin()
  await claim.abort(fixture.ctx)
  assert.deepEqual(await usage(fixture), unused)
})

test('the abort of a claim on a node that is forgotten meanwhile takes the instance off the host', async () => {
  const fixture = await measured()
  const instance = await storedInstance(fixture)
  const claim = await fixture.tracker.instanceClaim(fixture.ctx, instance, host)
  fixture.tracker.removeNode(host)
  fixture.calls.length = 0
  await claim.abort(fixture.ctx)
  assert.deepEqual(takeCalls(fixture), ['instances.save'])
  assert.equal((await currentInstance(fixture, instance.uuid)).host, null)
})

test('an abort that failed half way may be repeated', async () => {
  const broken = failing('instances.save', new Error('no conductor'))
  const fixture = await measured({ fail: broken.fail })
  const instance = await storedInstance(fixture)
  const claim = await fixture.tracker.instanceClaim(fixture.ctx, instance, host)
  broken.begin()
  await assert.rejects(claim.abort(fixture.ctx), /no conductor/)
  assert.deepEqual(await usage(fixture), unused, 'the node was written all the same')
  broken.end()
  await claim.abort(fixture.ctx)
  assert.equal((await currentInstance(fixture, instance.uuid)).host, null)
})

test('a claim whose node cannot be saved is unwound, and the next one counts right', async () => {
  const broken = failing('computeNodes.save', new Error('no conductor'))
  const fixture = await measured({ fail: broken.fail })
  const instance = await storedInstance(fixture)
  broken.begin()
  await assert.rejects(fixture.tracker.instanceClaim(fixture.ctx, instance, host), /no conductor/)
  assert.equal(instance.host, null)
  assert.equal((await currentInstance(fixture, instance.uuid)).host, null)
  assert.deepEqual(fixture.log.messages('ERROR'), ['A failed claim could not be taken back'])
  broken.end()
  await fixture.tracker.instanceClaim(fixture.ctx, instance, host)
  assert.deepEqual(await usage(fixture), oneSmall)
})

test('a claim of an instance that cannot be saved holds nothing and says why', async () => {
  const gone = failing('instances.save', novaError('InstanceNotFound', { instance_id: 'x' }))
  const fixture = await measured({ fail: gone.fail })
  const instance = await storedInstance(fixture)
  gone.begin()
  await assert.rejects(fixture.tracker.instanceClaim(fixture.ctx, instance, host), (err) => isNovaError(err, 'InstanceNotFound'))
  assert.deepEqual([instance.host, instance.node], [null, null])
  assert.deepEqual(await usage(fixture), unused)
  assert.deepEqual(fixture.log.messages('ERROR'), [])
})

test('a claim of PCI devices is refused, as no host has any', async () => {
  const fixture = await measured()
  const instance = await storedInstance(fixture)
  fixture.calls.length = 0
  const requests = [new InstancePCIRequest({ count: 1 })]
  instance.objSetStored({ pci_requests: new InstancePCIRequests({ instance_uuid: instance.uuid, requests }) })
  await assert.rejects(
    fixture.tracker.instanceClaim(fixture.ctx, instance, host),
    (err) => isNovaError(err, 'ComputeResourcesUnavailable') && err.message === 'Insufficient compute resources: Claim pci failed.',
  )
  assert.deepEqual(takeCalls(fixture), [])
  instance.objSetStored({ pci_requests: new InstancePCIRequests({ instance_uuid: instance.uuid, requests: [] }) })
  await fixture.tracker.instanceClaim(fixture.ctx, instance, host)
})

test('a claim on a node that was not measured is refused', async () => {
  const fixture = await trackerFixture()
  const instance = await storedInstance(fixture)
  const isRefused = (err: unknown) => isNovaError(err, 'ComputeResourcesUnavailable')
  await assert.rejects(fixture.tracker.instanceClaim(fixture.ctx, instance, host), isRefused)
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  fixture.tracker.removeNode(host)
  await assert.rejects(fixture.tracker.instanceClaim(fixture.ctx, instance, host), isRefused)
  assert.equal(instance.host, null)
})

test('claims, audits and updates run one after the other, in the order in which they were asked for', async () => {
  let isOn = false
  const nextTurn = () => new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))
  const fixture = await measured({ fail: () => (isOn ? nextTurn() : undefined) })
  const [one, two] = [await storedInstance(fixture), await storedInstance(fixture)]
  const { tracker, ctx } = fixture
  isOn = true
  fixture.calls.length = 0
  const claims = [tracker.instanceClaim(ctx, one, host), tracker.instanceClaim(ctx, two, host)]
  const audited = tracker.updateAvailableResource(ctx, host)
  const [first] = await Promise.all(claims)
  const aborted = first?.abort(ctx)
  const updated = tracker.updateUsage(ctx, two, host)
  await Promise.all([audited, aborted, updated])

  const claim = ['instances.save', 'blockDeviceMappings.mapByInstanceUuids', 'computeNodes.save']
  assert.deepEqual(takeCalls(fixture), [...claim, ...claim, ...audit, 'instances.save', 'computeNodes.save'])
  assert.deepEqual(await usage(fixture), oneSmall)
})

test('many claims at once add up', async () => {
  const fixture = await measured()
  const instances = await Promise.all(Array.from({ length: 20 }, () => storedInstance(fixture)))
  await Promise.all(instances.map((instance) => fixture.tracker.instanceClaim(fixture.ctx, instance, host)))
  assert.deepEqual(await usage(fixture), { memory_mb_used: 512 * 21, local_gb_used: 20, vcpus_used: 20, running_vms: 20 })
})

test('an instance that is deleted is released, and only once', async () => {
  const fixture = await measured()
  const instance = await storedInstance(fixture)
  await fixture.tracker.instanceClaim(fixture.ctx, instance, host)
  instance.vm_state = 'deleted'
  await fixture.tracker.updateUsage(fixture.ctx, instance, host)
  assert.deepEqual(await usage(fixture), unused)
  fixture.calls.length = 0
  await fixture.tracker.updateUsage(fixture.ctx, instance, host)
  assert.deepEqual(takeCalls(fixture), [])
})

test('a new state is counted, and an instance that is not on the node is not', async () => {
  const fixture = await measured()
  const instance = await storedInstance(fixture, { task_state: null })
  await fixture.tracker.updateUsage(fixture.ctx, instance, host)
  assert.deepEqual(takeCalls(fixture), [])
  await fixture.tracker.instanceClaim(fixture.ctx, instance, host)
  instance.vm_state = 'active'
  instance.task_state = 'rebooting'
  await fixture.tracker.updateUsage(fixture.ctx, instance, host)
  const { stats, current_workload, memory_mb_used } = await record(fixture)
  assert.deepEqual([stats?.num_vm_building, stats?.num_vm_active, current_workload, memory_mb_used], ['0', '1', 1, 1024])
})

test('failed builds are counted until one succeeds, over audits', async () => {
  const fixture = await measured()
  const failedBuilds = async () => {
    await fixture.tracker.updateAvailableResource(fixture.ctx, host)
    return (await record(fixture)).stats?.failed_builds
  }
  fixture.tracker.buildFailed(host)
  fixture.tracker.buildFailed(host)
  fixture.tracker.buildFailed('no such node')
  assert.equal(await failedBuilds(), '2')
  assert.equal(await failedBuilds(), '2')
  fixture.tracker.buildSucceeded(host)
  assert.equal(await failedBuilds(), '0')
})

test('a count that cannot be read leaves the count as it was', async () => {
  const broken = failing('migrations.listInProgressAndError', new Error('no conductor'))
  const fixture = await measured({ fail: broken.fail })
  const instance = await storedInstance(fixture)
  await fixture.tracker.instanceClaim(fixture.ctx, instance, host)
  broken.begin()
  await assert.rejects(fixture.tracker.updateAvailableResource(fixture.ctx, host), /no conductor/)
  instance.vm_state = 'active'
  await fixture.tracker.updateUsage(fixture.ctx, instance, host)
  assert.deepEqual(await usage(fixture), oneSmall)
})

test('a node that could not be created is created the next time', async () => {
  const lost = failing('computeNodes.create', new Error('timeout'))
  const fixture = await trackerFixture({ fail: lost.fail })
  lost.begin()
  await assert.rejects(fixture.tracker.updateAvailableResource(fixture.ctx, host), /timeout/)
  assert.equal(fixture.tracker.nodes.size, 0)
  lost.end()
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual([...fixture.tracker.nodes.keys()], [host])
})

const large = Flavor.objStored({ ...smallFlavor.objGetSet(), id: 2, name: 'm1.large', memory_mb: 4096, vcpus: 4, root_gb: 40 })

type MigrationValues = ConstructorParameters<typeof Migration>[0]

async function migrating({ stores, ctx }: TrackerFixture, { uuid }: Instance, values: MigrationValues): Promise<Migration> {
  const migration = new Migration({
    instance_uuid: uuid,
    migration_type: 'resize',
    status: 'migrating',
    old_instance_type_id: smallFlavor.id,
    new_instance_type_id: large.id,
    source_compute: 'elsewhere',
    source_node: 'elsewhere',
    dest_compute: 'elsewhere',
    dest_node: 'elsewhere',
    ...values,
  })
  await stores.migrations.create(ctx, migration)
  return migration
}

const flavors = () => ({ old_flavor: smallFlavor.objClone(), new_flavor: large.objClone(), instance_type_id: smallFlavor.id })

test('an audit holds the new flavor for a guest that is to come', async () => {
  const fixture = await measured()
  const away = { host: 'elsewhere', node: 'elsewhere', vm_state: 'active', task_state: 'resize_migrating', ...flavors() } as const
  await migrating(fixture, await storedInstance(fixture, away), { dest_compute: host, dest_node: host })
  fixture.calls.length = 0
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(await usage(fixture), { memory_mb_used: 512 + 4096, local_gb_used: 40, vcpus_used: 4, running_vms: 0 })
  assert.deepEqual(takeCalls(fixture), [...audit, 'instances.listByFilters', 'blockDeviceMappings.mapByInstanceUuids', 'computeNodes.save'])
})

test('an audit holds the old flavor for a guest that may come back, until the migration is confirmed', async () => {
  const fixture = await measured()
  const away = { host: 'elsewhere', node: 'elsewhere', vm_state: 'resized', task_state: null, ...flavors() } as const
  const instance = await storedInstance(fixture, away)
  const migration = await migrating(fixture, instance, { source_compute: host, source_node: host, status: 'finished' })
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(await usage(fixture), { ...oneSmall, running_vms: 0 })
  migration.status = 'confirmed'
  await fixture.stores.migrations.save(fixture.ctx, migration)
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(await usage(fixture), unused)
})

test('an audit holds both flavors for a guest that is resized within its node', async () => {
  const fixture = await measured()
  const instance = await runningInstance(fixture, { task_state: 'resize_prep', ...flavors() })
  await migrating(fixture, instance, { source_compute: host, source_node: host, dest_compute: host, dest_node: host })
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  const both = { memory_mb_used: 512 + 512 + 4096, local_gb_used: 41, vcpus_used: 5, running_vms: 1 }
  assert.deepEqual(await usage(fixture), both)
  instance.instance_type_id = large.id
  instance.flavor = large.objClone()
  instance.vm_state = 'resized'
  instance.task_state = null
  await fixture.stores.instances.save(fixture.ctx, instance)
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(await usage(fixture), both)
})

test('a live migration holds the flavor where the guest goes, and counts it once where it is', async () => {
  const fixture = await measured()
  const states = { vm_state: 'active', task_state: 'migrating' } as const
  const here = { compute: host, node: host }
  const leaving = await runningInstance(fixture, states)
  await migrating(fixture, leaving, { migration_type: 'live-migration', source_compute: here.compute, source_node: here.node })
  const coming = await storedInstance(fixture, { ...states, host: 'elsewhere', node: 'elsewhere' })
  await migrating(fixture, coming, { migration_type: 'live-migration', dest_compute: here.compute, dest_node: here.node })
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(await usage(fixture), { memory_mb_used: 512 * 3, local_gb_used: 2, vcpus_used: 2, running_vms: 1 })
})

test('a migration that never ended, of an instance that is in another one, is set to error once and holds nothing', async () => {
  const fixture = await measured()
  const away = { host: 'elsewhere', node: 'elsewhere', vm_state: 'resized', task_state: null, ...flavors() } as const
  const instance = await storedInstance(fixture, away)
  instance.migration_context = new MigrationContext({ instance_uuid: instance.uuid, migration_id: 999 })
  await fixture.stores.instances.save(fixture.ctx, instance)
  const migration = await migrating(fixture, instance, { source_compute: host, source_node: host })
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(await usage(fixture), unused)
  const [stored] = await fixture.stores.migrations.listByFilters(fixture.ctx, { uuid: migration.uuid })
  assert.equal(stored?.status, 'error')
  fixture.calls.length = 0
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(takeCalls(fixture), [...audit, 'instances.listByFilters'])
})

test('a guest whose instance was deleted while its resize waited is held for as long as it is there', async () => {
  const fixture = await measured()
  const away = { host: 'elsewhere', node: 'elsewhere', vm_state: 'resized', task_state: null, ...flavors() } as const
  const instance = await storedInstance(fixture, away)
  await migrating(fixture, instance, { source_compute: host, source_node: host, status: 'finished' })
  const guest = { instance, network: [], blockDevices: [] }
  await fixture.parts.driver.spawn(fixture.ctx, { ...guest, image: {}, injectedFiles: [], adminPassword: null }, forever)
  await fixture.stores.instances.destroy(fixture.ctx, instance)
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(await usage(fixture), { ...oneSmall, running_vms: 0 })
  await fixture.parts.driver.destroy(fixture.ctx, guest)
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(await usage(fixture), unused)
})

test('migrations of instances that are deleted or idle hold nothing', async () => {
  const fixture = await measured()
  const idle = await storedInstance(fixture, { host: 'elsewhere', node: 'elsewhere', vm_state: 'active', task_state: null, ...flavors() })
  await migrating(fixture, idle, { dest_compute: host, dest_node: host, status: 'error' })
  const gone = await storedInstance(fixture)
  await migrating(fixture, gone, { dest_compute: host, dest_node: host })
  await fixture.stores.instances.destroy(fixture.ctx, gone)
  await fixture.tracker.updateAvailableResource(fixture.ctx, host)
  assert.deepEqual(await usage(fixture), unused)
})
