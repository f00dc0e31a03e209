import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { BlockDeviceMapping, InstanceFault, Migration, SecurityGroup, SecurityGroupList, VirtualInterface } from '@micronova/model'
import { aNetworkInfo, anInstance, aUuid } from '../../builders.js'
import type { TestCell } from '../../databases.js'

const attributes = ['info_cache', 'metadata', 'system_metadata', 'flavor', 'tags', 'security_groups', 'pci_requests'] as const

/** Out of a cell, and back into it: the database of another one is made alike. */
export async function instanceRecordTests(t: TestContext, { stores, ctx: admin }: TestCell): Promise<void> {
  const ctx = { ...admin, projectId: 'project', userId: 'user' }
  const { instances, instanceRecords, blockDeviceMappings, migrations, virtualInterfaces, actions } = stores

  async function anInstanceWithEverything(): Promise<string> {
    const instance = anInstance({ host: 'compute1', node: 'compute1', vm_state: 'active', task_state: null })
    instance.security_groups = new SecurityGroupList({ objects: [new SecurityGroup({ name: 'default' })] })
    await instances.create(ctx, instance)
    const { uuid: instance_uuid } = instance
    const cache = (await instances.getByUuid(ctx, instance_uuid, ['info_cache'])).info_cache!
    cache.network_info = aNetworkInfo('fa:16:3e:00:00:11')
    await stores.infoCaches.save(ctx, cache)
    await stores.tags.replace(ctx, instance_uuid, ['blue', 'red'])
    const disk = { source_type: 'volume', destination_type: 'volume', volume_id: aUuid(), connection_info: '{}' } as const
    await blockDeviceMappings.create(ctx, new BlockDeviceMapping({ ...disk, instance_uuid, device_name: '/dev/vda' }))
    await virtualInterfaces.create(ctx, new VirtualInterface({ instance_uuid, uuid: aUuid(), address: `fa:16:3e:00:00:22/${aUuid()}` }))
    await migrations.create(ctx, new Migration({ instance_uuid, migration_type: 'resize', status: 'pre-migrating' }))
    await stores.faults.create(ctx, new InstanceFault({ instance_uuid, code: 500, message: 'x', details: '', host: 'compute1' }))
    await actions.start(ctx, instance_uuid, 'resize')
    await actions.startEvent(ctx, instance_uuid, 'conductor_migrate_server', 'controller1')
    return instance_uuid
  }

  const seen = async (uuid: string) => {
    const instance = await instances.getByUuid(ctx, uuid, attributes)
    const { id: _, hidden: __, updated_at: ___, info_cache, tags, security_groups, ...values } = instance.objGetSet()
    const mappings = await blockDeviceMappings.listByInstanceUuid(ctx, uuid)
    const vifs = await virtualInterfaces.listByInstanceUuid(ctx, uuid)
    const [action] = await actions.listByInstanceUuid(ctx, uuid)
    return {
      instance: { ...values, flavor: instance.flavor.name, pci_requests: instance.pci_requests?.requests.length },
      network: info_cache?.network_info?.map(({ id }) => id),
      tags: tags!.objects.map(({ tag }) => tag),
      groups: security_groups!.objects.map(({ name }) => name),
      mappings: mappings.map(({ uuid: of, volume_id, device_name }) => [of, volume_id, device_name]),
      vifs: vifs.map(({ uuid: of, address }) => [of, address]),
      migrations: (await migrations.listByFilters(ctx, { instance_uuid: uuid })).map(({ uuid: of, status }) => [of, status]),
      action: [action?.action, action?.request_id, action?.start_time],
      events: (await actions.listEvents(ctx, action?.id ?? 0)).map(({ event, host }) => [event, host]),
    }
  }

  await t.test('what was read of an instance comes back as it was, hidden, after not a row of it was left', async () => {
    const uuid = await anInstanceWithEverything()
    const before = await seen(uuid)
    const records = await instanceRecords.read(ctx, uuid)
    await assert.rejects(instanceRecords.createHidden(ctx, records), { kind: 'InstanceExists' })
    assert.deepEqual(await seen(uuid), before)
    await instanceRecords.erase(ctx, uuid)
    await instanceRecords.erase(ctx, uuid)
    const everything = { ...ctx, readDeleted: 'yes' as const }
    await assert.rejects(instances.getByUuid(everything, uuid), { kind: 'InstanceNotFound' })
    await assert.rejects(instanceRecords.read(ctx, uuid), { kind: 'InstanceNotFound' })
    assert.deepEqual(await blockDeviceMappings.listByInstanceUuid(everything, uuid), [])
    assert.deepEqual(await actions.listByInstanceUuid(everything, uuid), [])
    await instanceRecords.createHidden(ctx, records)
    assert.deepEqual(await seen(uuid), before)
    const copy = await instances.getByUuid(ctx, uuid, ['fault'])
    assert.deepEqual([copy.hidden, copy.fault], [true, null])
    assert.equal((await instances.listByFilters(ctx, { uuid })).length, 0)
  })

  await t.test('a copy that cannot be written leaves nothing', async () => {
    const uuid = await anInstanceWithEverything()
    const records = await instanceRecords.read(ctx, uuid)
    await instanceRecords.erase(ctx, uuid)
    const other = await anInstanceWithEverything()
    const [migration] = await migrations.listByFilters(ctx, { instance_uuid: uuid })
    assert.equal(migration, undefined)
    // The uuid of a migration is unique: another instance has taken that of the copy.
    const [taken] = (records as unknown as { satellites: ReadonlyMap<string, { uuid: string }[]> }).satellites.get('migrations')!
    await migrations.create(ctx, new Migration({ instance_uuid: other, migration_type: 'resize', uuid: taken!.uuid }))
    await assert.rejects(instanceRecords.createHidden(ctx, records))
    await assert.rejects(instances.getByUuid({ ...ctx, readDeleted: 'yes' }, uuid), { kind: 'InstanceNotFound' })
  })

  await t.test('actions are added whose request is not yet known, with their events', async () => {
    const uuid = await anInstanceWithEverything()
    const earlier = await instanceRecords.read(ctx, uuid)
    const revert = { ...ctx, requestId: `req-${aUuid()}` }
    await actions.start(revert, uuid, 'revertResize')
    await actions.startEvent(revert, uuid, 'conductor_revert', 'controller1')
    const later = await instanceRecords.read(ctx, uuid)
    await instanceRecords.erase(ctx, uuid)
    await instanceRecords.createHidden(ctx, earlier)
    for (const _ of ['once', 'and no more']) await instanceRecords.addActions(ctx, later)
    const all = await actions.listByInstanceUuid(ctx, uuid)
    assert.deepEqual(all.map(({ action }) => action).sort(), ['resize', 'revertResize'])
    const added = all.find(({ action }) => action === 'revertResize')!
    assert.deepEqual(
      (await actions.listEvents(ctx, added.id)).map(({ event }) => event),
      ['conductor_revert'],
    )
  })
}
