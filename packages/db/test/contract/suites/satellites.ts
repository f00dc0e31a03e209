import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { TestContext } from 'node:test'
import { BlockDeviceMapping, ConsoleAuthToken, Migration, VirtualInterface, VolumeUsage } from '@micronova/model'
import { blockDeviceMapping, computeNodes, consoleAuthTokens, migrations, pciDevices } from '../../../src/schema/cell-tables.js'
import { anInstance, aUuid } from '../../builders.js'
import type { TestCell } from '../../databases.js'
import { linesOf } from '../../sql-script.js'

export async function satelliteTests(t: TestContext, { database, stores, ctx, clock }: TestCell): Promise<void> {
  async function anInstanceUuid(): Promise<string> {
    const instance = anInstance({ host: 'compute1', node: 'compute1' })
    await stores.instances.create(ctx, instance)
    return instance.uuid
  }

  await t.test('block device mappings are created, saved, listed for many instances at once, and destroyed', async () => {
    const { blockDeviceMappings } = stores
    const [first, second, none] = [await anInstanceUuid(), await anInstanceUuid(), await anInstanceUuid()]
    const disk = (instance_uuid: string, device_name: string) =>
      new BlockDeviceMapping({ instance_uuid, device_name, source_type: 'image', destination_type: 'local', boot_index: 0 })
    const mappings = [disk(first, '/dev/vda'), disk(first, '/dev/vdb'), disk(second, '/dev/vda')]
    for (const mapping of mappings) await blockDeviceMappings.create(ctx, mapping)
    const [vda, vdb] = mappings as [BlockDeviceMapping, BlockDeviceMapping]
    assert.deepEqual([vda.delete_on_termination, vda.encrypted, vda.no_device, vda.objHasChanges()], [false, false, false, false])
    assert.match(vda.uuid, /^[0-9a-f-]{36}$/)
    vda.connection_info = '{"driver_volume_type": "iscsi"}'
    vda.delete_on_termination = true
    await blockDeviceMappings.save(ctx, vda)
    await blockDeviceMappings.destroy(ctx, vdb)
    const map = await blockDeviceMappings.mapByInstanceUuids(ctx, [first, second, none])
    assert.deepEqual(
      [...map].map(([uuid, found]) => [uuid, found.length]),
      [
        [first, 1],
        [second, 1],
        [none, 0],
      ],
    )
    const [found] = await blockDeviceMappings.listByInstanceUuid(ctx, first)
    assert.ok(found?.objEquals(vda))
    await assert.rejects(blockDeviceMappings.save(ctx, vdb), { kind: 'BDMNotFound', kwargs: { id: vdb.id } })
    await assert.rejects(blockDeviceMappings.create(ctx, vda), { kind: 'ObjectActionError' })
  })

  await t.test('a mapping or migration from before there were uuids gets one that stays', async () => {
    const instance_uuid = await anInstanceUuid()
    await database.write((rows) => rows.insert(blockDeviceMapping, { instance_uuid, source_type: 'image', destination_type: 'local' }))
    const [once] = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance_uuid)
    const [again] = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance_uuid)
    assert.ok(once?.uuid)
    assert.equal(again?.uuid, once.uuid)
    await database.write((rows) => rows.insert(migrations, { instance_uuid, old_instance_type_id: 1, new_instance_type_id: 2 }))
    const [migration] = await stores.migrations.listByFilters(ctx, { instance_uuid })
    assert.ok(migration?.uuid)
    assert.equal(migration.migration_type, 'resize')
  })

  await t.test('an action with its events, found by the request', async () => {
    const uuid = await anInstanceUuid()
    const request = { ...ctx, requestId: 'req-1', userId: 'u', projectId: 'p', timestamp: '2023-05-06T07:00:00.250000' }
    await stores.actions.start(request, uuid, 'create')
    clock.time += 1000
    await stores.actions.startEvent(request, uuid, 'compute__do_build_and_run_instance', 'compute1')
    clock.time += 2000
    await stores.actions.finishEvent(request, uuid, 'compute__do_build_and_run_instance')
    const [action] = await stores.actions.listByInstanceUuid(ctx, uuid)
    assert.ok(action)
    assert.deepEqual(
      [action.action, action.request_id, action.user_id, action.project_id, action.message],
      ['create', 'req-1', 'u', 'p', null],
    )
    assert.equal(Math.floor(action.start_time!.getTime() / 1000), Date.UTC(2023, 4, 6, 7) / 1000)
    assert.deepEqual([action.updated_at, action.finish_time], [new Date(clock.time), null])
    const [event] = await stores.actions.listEvents(ctx, action.id)
    assert.ok(event)
    assert.deepEqual([event.result, event.host, event.traceback, event.details], ['Success', 'compute1', null, null])
    assert.deepEqual([event.start_time, event.finish_time], [new Date(clock.time - 2000), new Date(clock.time)])
  })

  await t.test('a failed event keeps details and traceback and marks its action', async () => {
    const uuid = await anInstanceUuid()
    const request = { ...ctx, requestId: 'req-2', projectId: 'p' }
    await stores.actions.start(request, uuid, 'stop')
    await stores.actions.startEvent(request, uuid, 'compute_stop_instance', 'compute1')
    await stores.actions.finishEvent(request, uuid, 'compute_stop_instance', { message: 'x'.repeat(300), traceback: 'Traceback' })
    const [action] = await stores.actions.listByInstanceUuid(ctx, uuid)
    const [event] = await stores.actions.listEvents(ctx, action!.id)
    assert.deepEqual([action?.message, event?.result, event?.details?.length, event?.traceback], ['Error', 'Error', 255, 'Traceback'])
  })

  await t.test('an event without an action is not recorded, unless a service acts by itself: then the last action has it', async () => {
    const uuid = await anInstanceUuid()
    const request = { ...ctx, requestId: 'req-3', projectId: 'p' }
    await stores.actions.start(request, uuid, 'reboot')
    const [before] = await stores.actions.listByInstanceUuid(ctx, uuid)
    clock.time += 5000
    await stores.actions.startEvent({ ...request, requestId: 'req-unknown' }, uuid, 'e1', 'h')
    await stores.actions.finishEvent({ ...request, requestId: 'req-unknown' }, uuid, 'e1')
    await stores.actions.startEvent({ ...ctx, requestId: 'req-restart', projectId: null }, uuid, 'e2', 'h')
    await stores.actions.finishEvent({ ...ctx, requestId: 'req-restart', projectId: null }, uuid, 'e2', { message: 'm', traceback: 't' })
    const events = await stores.actions.listEvents(ctx, before!.id)
    assert.deepEqual(
      events.map(({ event, result }) => [event, result]),
      [['e2', 'Error']],
    )
    const [after] = await stores.actions.listByInstanceUuid(ctx, uuid)
    assert.deepEqual([after?.message, after?.updated_at], ['Error', before?.updated_at])
  })

  await t.test('migrations are filtered by either side of the move; finished ones are not in progress', async () => {
    const instance_uuid = await anInstanceUuid()
    const request = { ...ctx, userId: 'mover', projectId: 'p' }
    const move = async (values: NonNullable<ConstructorParameters<typeof Migration>[0]>) => {
      const migration = new Migration({
        instance_uuid,
        source_compute: 'a',
        source_node: 'a',
        dest_compute: 'b',
        dest_node: 'b',
        migration_type: 'resize',
        ...values,
      })
      await stores.migrations.create(request, migration)
      return migration
    }
    const [running, failed, done] = [
      await move({ status: 'migrating' }),
      await move({ status: 'error' }),
      await move({ status: 'confirmed', migration_type: 'migration' }),
    ]
    assert.deepEqual([running.user_id, running.project_id, running.hidden, running.cross_cell_move], ['mover', 'p', false, false])
    const ids = async (filters: Readonly<Record<string, unknown>>) =>
      (await stores.migrations.listByFilters(ctx, filters)).map(({ id }) => id)
    assert.deepEqual(await ids({ host: 'b' }), [running.id, failed.id, done.id])
    assert.deepEqual(await ids({ source_compute: 'b' }), [])
    assert.deepEqual(await ids({ node: 'a', status: ['error', 'confirmed'] }), [failed.id, done.id])
    assert.deepEqual(await ids({ migration_type: 'migration', instance_uuid }), [done.id])
    assert.deepEqual(await ids({ uuid: running.uuid, hidden: false }), [running.id])
    for (const side of ['a', 'b']) {
      const found = await stores.migrations.listInProgressAndError(ctx, side, side)
      assert.deepEqual(
        found.map(({ id }) => id),
        [running.id, failed.id],
      )
    }
    running.status = 'finished'
    assert.deepEqual(await stores.migrations.listUnconfirmed(ctx, 0, 'b'), [])
    running.memory_total = 5_000_000_000
    await stores.migrations.save(ctx, running)
    const stored = await stores.migrations.getById(ctx, running.id)
    assert.ok(stored.objEquals(running))
    assert.equal(stored.memory_total, 5_000_000_000)
    assert.ok((await stores.migrations.getByUuid(ctx, running.uuid)).objEquals(running))
    assert.deepEqual(
      (await stores.migrations.listUnconfirmed(ctx, 0, 'b')).map(({ id }) => id),
      [running.id],
    )
    assert.deepEqual(await stores.migrations.listUnconfirmed(ctx, 1, 'b'), [])
    assert.deepEqual(await stores.migrations.listUnconfirmed(ctx, 0, 'a'), [])
    await assert.rejects(stores.migrations.getById(ctx, 4711), { kind: 'MigrationNotFound', kwargs: { migration_id: 4711 } })
    await assert.rejects(stores.migrations.create(ctx, new Migration({ instance_uuid })), { kind: 'ObjectActionError' })
  })

  await t.test('virtual interfaces keep the port behind the address, which nobody else sees', async () => {
    const instance_uuid = await anInstanceUuid()
    const port = aUuid()
    const vif = new VirtualInterface({ instance_uuid, uuid: port, address: `fa:16:3e:00:00:03/${port}`, tag: 'nic1' })
    await stores.virtualInterfaces.create(ctx, vif)
    assert.equal(vif.address, 'fa:16:3e:00:00:03')
    assert.deepEqual(await linesOf(database, `select address from virtual_interfaces where uuid = '${port}'`), [
      `fa:16:3e:00:00:03/${port}`,
    ])
    vif.tag = null
    await stores.virtualInterfaces.save(ctx, vif)
    assert.equal((await stores.virtualInterfaces.getByUuid(ctx, port))?.tag, null)
    const twin = new VirtualInterface({ instance_uuid, uuid: aUuid(), address: `fa:16:3e:00:00:03/${port}` })
    await assert.rejects(stores.virtualInterfaces.create(ctx, twin), { kind: 'VirtualInterfaceCreateException' })
    await stores.virtualInterfaces.create(ctx, new VirtualInterface({ instance_uuid, uuid: aUuid(), address: 'fa:16:3e:00:00:04' }))
    assert.equal((await stores.virtualInterfaces.listByInstanceUuid(ctx, instance_uuid)).length, 2)
    await stores.virtualInterfaces.destroy(ctx, vif)
    assert.equal((await stores.virtualInterfaces.listByInstanceUuid(ctx, instance_uuid)).length, 1)
    await stores.virtualInterfaces.deleteByInstanceUuid(ctx, instance_uuid)
    assert.deepEqual(await stores.virtualInterfaces.listByInstanceUuid(ctx, instance_uuid), [])
  })

  await t.test('PCI devices of a compute node, and those that an instance has', async () => {
    const instance_uuid = await anInstanceUuid()
    const zero = { vcpus: 0, memory_mb: 0, local_gb: 0, vcpus_used: 0, memory_mb_used: 0, local_gb_used: 0 }
    const node = { host: 'pci', hypervisor_hostname: 'pci', hypervisor_type: 'fake', hypervisor_version: 1, cpu_info: '', ...zero }
    const compute_node_id = await database.write((rows) => rows.insert(computeNodes, node))
    const device = {
      compute_node_id,
      product_id: '1521',
      vendor_id: '8086',
      dev_type: 'type-PCI',
      label: 'l',
      extra_info: '{"capabilities": "x"}',
    }
    await database.write(async (rows) => {
      await rows.insert(pciDevices, { ...device, address: '0000:01:00.0', status: 'available' })
      await rows.insert(pciDevices, { ...device, address: '0000:01:00.1', status: 'allocated', instance_uuid })
    })
    const devices = await stores.pciDevices.listByComputeNode(ctx, compute_node_id)
    assert.deepEqual(
      devices.map(({ address, extra_info }) => [address, extra_info.capabilities]),
      [
        ['0000:01:00.0', 'x'],
        ['0000:01:00.1', 'x'],
      ],
    )
    const instance = await stores.instances.getByUuid(ctx, instance_uuid, ['pci_devices'])
    assert.deepEqual(
      instance.pci_devices?.objects.map(({ address }) => address),
      ['0000:01:00.1'],
    )
  })

  await t.test('the usage of a volume has one row, with numbers beyond 32 bits', async () => {
    const volume_id = aUuid()
    const report = async (bytes: number, ends: boolean) => {
      const counts = { curr_reads: 1, curr_read_bytes: bytes, curr_writes: 0, curr_write_bytes: 0 }
      const usage = new VolumeUsage({
        volume_id,
        instance_uuid: aUuid(),
        project_id: 'p',
        user_id: 'u',
        availability_zone: 'nova',
        ...counts,
      })
      await stores.volumeUsages.save(ctx, usage, { ends })
      return usage
    }
    await report(2 ** 40, false)
    const ended = await report(2 ** 40 + 1, true)
    assert.deepEqual([ended.tot_read_bytes, ended.curr_read_bytes, ended.curr_last_refreshed?.getTime()], [2 ** 40 + 1, 0, clock.time])
    assert.deepEqual(await linesOf(database, 'select tot_reads, tot_read_bytes, availability_zone from volume_usage_cache'), [
      `1 | ${2 ** 40 + 1} | nova`,
    ])
  })

  await t.test('console tokens go with their instance, and when they have expired', async () => {
    const [first, second] = [await anInstanceUuid(), await anInstanceUuid()]
    const token = (instance_uuid: string, expires: number, host = 'compute1') => ({
      token_hash: aUuid(),
      console_type: 'novnc',
      host,
      port: 5900,
      instance_uuid,
      expires,
    })
    const now = clock.time / 1000
    const tokens = [token(first, now + 60), token(second, now - 1), token(second, now + 60), token(second, now - 1, 'compute2')]
    await database.write((rows) => rows.insertAll(consoleAuthTokens, tokens))
    await stores.consoleAuthTokens.cleanForInstance(ctx, first)
    await stores.consoleAuthTokens.cleanExpiredForHost(ctx, 'compute1')
    const kept = () => linesOf(database, 'select host, expires from console_auth_tokens')
    assert.deepEqual(await kept(), [`compute1 | ${now + 60}`, `compute2 | ${now - 1}`])
    await stores.consoleAuthTokens.cleanExpired(ctx)
    assert.deepEqual(await kept(), [`compute1 | ${now + 60}`])
  })

  await t.test('a console token is kept by the hash of its secret, for a time and for an instance of the project', async () => {
    const instance_uuid = await anInstanceUuid()
    const newToken = () =>
      new ConsoleAuthToken({ instance_uuid, console_type: 'novnc', host: 'h', port: 5900, access_url_base: 'http://proxy/vnc.html' })
    const token = newToken()
    const secret = await stores.consoleAuthTokens.authorize(ctx, token, 600)
    assert.deepEqual([token.token, token.port, token.objHasChanges()], [secret, 5900, false])
    const hash = createHash('sha256').update(secret).digest('hex')
    assert.deepEqual(await linesOf(database, "select token_hash, expires, port from console_auth_tokens where host = 'h'"), [
      `${hash} | ${clock.time / 1000 + 600} | 5900`,
    ])
    await assert.rejects(stores.consoleAuthTokens.authorize(ctx, token, 600), { kind: 'ObjectActionError' })
    const stranger = { ...ctx, isAdmin: false, userId: 'u', projectId: 'another' }
    await assert.rejects(stores.consoleAuthTokens.authorize(stranger, newToken(), 600), { kind: 'InstanceNotFound' })
  })
}
