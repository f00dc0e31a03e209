import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import {
  adminContext,
  BlockDeviceMapping,
  ConsoleAuthToken,
  Instance,
  InstanceFault,
  Migration,
  NovaError,
  novaRegistry,
  Service,
  VirtualInterface,
} from '@micronova/model'
import type { VersionedObject } from '@micronova/versionedobjects'
import { startConductor } from './over-memory.js'
import { openSqliteStores } from './sqlite-stores.js'

const registry = novaRegistry()

test('a Python peer may look things up in ways that our compute does not need', async (t) => {
  const { stores, close } = await openSqliteStores()
  t.after(close)
  const conductor = await startConductor(stores)
  t.after(() => conductor.stop())
  const ctx = adminContext({ clock: systemClock, random: systemRandom })
  const call = (objname: string, objmethod: string, ...args: readonly unknown[]) =>
    conductor.api.objectClassActionVersions(ctx, { objname, objmethod, objectVersions: registry.treeVersions(objname), args, kwargs: {} })
  const uuidOf = async (...request: Parameters<typeof call>) => ((await call(...request)) as Service).uuid
  const countOf = async (...request: Parameters<typeof call>) =>
    ((await call(...request)) as { readonly objects: VersionedObject[] }).objects.length

  const service = new Service({ host: 'compute1', binary: 'nova-compute', topic: 'compute', report_count: 0, version: 64 })
  await stores.services.create(ctx, service)
  assert.equal(await uuidOf('Service', 'get_by_id', service.id), service.uuid)
  assert.equal(await uuidOf('Service', 'get_by_uuid', service.uuid), service.uuid)
  assert.equal(await countOf('ComputeNodeList', 'get_all'), 0)

  const instance_uuid = systemRandom.uuid()
  await stores.instances.create(ctx, new Instance({ uuid: instance_uuid, host: 'compute1' }))
  const volume_id = systemRandom.uuid()
  const mapping = new BlockDeviceMapping({ instance_uuid, volume_id, source_type: 'volume', destination_type: 'volume' })
  await stores.blockDeviceMappings.create(ctx, mapping)
  assert.equal(await countOf('BlockDeviceMappingList', 'get_by_volume', volume_id), 1)
  assert.equal(await uuidOf('BlockDeviceMapping', 'get_by_volume_and_instance', volume_id, instance_uuid), mapping.uuid)
  await assert.rejects(
    call('BlockDeviceMapping', 'get_by_volume_and_instance', volume_id, systemRandom.uuid()),
    (err) => err instanceof NovaError && err.kind === 'VolumeBDMNotFound',
  )

  await stores.actions.start(ctx, instance_uuid, 'stop')
  await stores.actions.startEvent(ctx, instance_uuid, 'compute_stop_instance', 'compute1')
  const actions = (await call('InstanceActionList', 'get_by_instance_uuid', instance_uuid)) as {
    readonly objects: { readonly id: number }[]
  }
  assert.equal(await countOf('InstanceActionEventList', 'get_by_action', actions.objects[0]!.id), 1)

  await stores.faults.create(ctx, new InstanceFault({ instance_uuid, code: 500, message: 'boom', details: '', host: 'compute1' }))
  assert.equal(await countOf('InstanceFaultList', 'get_by_instance_uuids', [instance_uuid]), 1)

  const migration = new Migration({ instance_uuid, source_compute: 'compute1', status: 'accepted', migration_type: 'migration' })
  await stores.migrations.create(ctx, migration)
  assert.equal(await uuidOf('Migration', 'get_by_id', migration.id), migration.uuid)
  assert.equal(await uuidOf('Migration', 'get_by_uuid', migration.uuid), migration.uuid)

  assert.equal(await uuidOf('Migration', 'get_by_id_and_instance', migration.id, instance_uuid), migration.uuid)
  assert.equal(await uuidOf('Migration', 'get_by_instance_and_status', instance_uuid, 'accepted'), migration.uuid)
  const isKind = (kind: string) => (err: unknown) => err instanceof NovaError && err.kind === kind
  await assert.rejects(
    call('Migration', 'get_by_id_and_instance', migration.id, systemRandom.uuid()),
    isKind('MigrationNotFoundForInstance'),
  )
  await assert.rejects(call('Migration', 'get_by_instance_and_status', instance_uuid, 'finished'), isKind('MigrationNotFoundByStatus'))
  migration.source_node = 'compute1'
  await stores.migrations.save(ctx, migration)
  assert.equal(await countOf('MigrationList', 'get_in_progress_by_host_and_node', 'compute1', 'compute1'), 1)
  migration.status = 'error'
  await stores.migrations.save(ctx, migration)
  assert.equal(await countOf('MigrationList', 'get_in_progress_by_host_and_node', 'compute1', 'compute1'), 0)
  migration.status = 'finished'
  migration.dest_compute = 'compute2'
  await stores.migrations.save(ctx, migration)
  assert.equal(await countOf('MigrationList', 'get_unconfirmed_by_dest_compute', 0, 'compute2'), 1)
  assert.equal(await countOf('MigrationList', 'get_unconfirmed_by_dest_compute', 3600, 'compute2'), 0)

  const vif = new VirtualInterface({ instance_uuid, uuid: systemRandom.uuid(), address: 'fa:16:3e:00:00:01', tag: null })
  await stores.virtualInterfaces.create(ctx, vif)
  assert.equal(await uuidOf('VirtualInterface', 'get_by_uuid', vif.uuid), vif.uuid)
  assert.equal(await call('VirtualInterface', 'get_by_uuid', systemRandom.uuid()), null)

  const groupUuid = systemRandom.uuid()
  for (const [method, named] of [
    ['get_by_uuid', groupUuid],
    ['get_by_name', 'web'],
  ] as const)
    await assert.rejects(
      call('InstanceGroup', method, named),
      (err) => err instanceof NovaError && err.kind === 'InstanceGroupNotFound' && err.kwargs.group_uuid === named,
    )
})

test('a Python nova-compute gets a secret for a console, and cleans up those of all hosts', async (t) => {
  const { stores, close } = await openSqliteStores()
  t.after(close)
  const conductor = await startConductor(stores)
  t.after(() => conductor.stop())
  const ctx = adminContext({ clock: systemClock, random: systemRandom })
  const instance_uuid = systemRandom.uuid()
  await stores.instances.create(ctx, new Instance({ uuid: instance_uuid, host: 'compute1' }))
  const token = new ConsoleAuthToken({ instance_uuid, console_type: 'novnc', host: 'compute1', port: 5900 })
  const [updates, secret] = await conductor.api.objectAction(ctx, { objinst: token, objmethod: 'authorize', args: [600], kwargs: {} })
  assert.match(String(secret), /^[0-9a-f-]{36}$/)
  assert.deepEqual([updates.token, updates.port, updates.obj_what_changed], [secret, undefined, []])
  const request = { objname: 'ConsoleAuthToken', objmethod: 'clean_expired_console_auths', args: [], kwargs: {} }
  const objectVersions = registry.treeVersions('ConsoleAuthToken')
  assert.equal(await conductor.api.objectClassActionVersions(ctx, { ...request, objectVersions }), null)
})
