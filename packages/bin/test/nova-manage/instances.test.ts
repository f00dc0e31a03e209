import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BlockDeviceMapping } from '@micronova/model'
import { ctx, dialects, readyDeployment } from './deployment.js'
import { anInstance } from './records.js'

for (const dialect of dialects)
  test(`${dialect.name}: image properties and volumes of an instance are shown and set`, { skip: dialect.skip }, async (t) => {
    const { ok, main, cellUuid } = await readyDeployment(t, dialect)
    const { stores } = await main()
    const instance = await anInstance(stores)
    const { uuid } = instance
    await ok(2, 'image_property', 'show', uuid, 'hw_machine_type')
    await ok(0, 'cell_v2', 'map_instances', '--cell_uuid', cellUuid)
    assert.equal(await ok(0, 'image_property', 'show', uuid, 'hw_machine_type'), 'pc\n')
    assert.match(await ok(3, 'image_property', 'show', uuid, 'hw_disk_bus'), /hw_disk_bus not found/)

    const set = (status: number, ...properties: readonly string[]) =>
      ok(status, 'image_property', 'set', uuid, ...properties.flatMap((one) => ['--property', one]))
    await ok(2, 'image_property', 'set', 'nowhere', '--property', 'hw_disk_bus=virtio')
    assert.match(await set(3, 'hw_disk_bus=virtio'), /is active/)
    instance.vm_state = 'stopped'
    await stores.instances.save(ctx, instance)
    assert.match(await set(4, 'hw_disk_bus'), /key=value/)
    await set(4)
    assert.match(await set(5, 'hw_disk_bus=virtio', 'hw_nonesuch=1'), /hw_nonesuch/)
    assert.match(await set(6, 'hw_disk_bus=tape'), /hw_disk_bus/)
    assert.equal(await set(0, 'hw_disk_bus=virtio', 'hw_cdrom_bus=sata', 'os_command_line=console=ttyS0'), '')
    assert.equal(await ok(0, 'image_property', 'show', uuid, 'hw_cdrom_bus'), 'sata\n')
    assert.equal(await ok(0, 'image_property', 'show', uuid, 'os_command_line'), 'console=ttyS0\n')
    assert.equal(await ok(0, 'image_property', 'show', uuid, 'hw_machine_type'), 'pc\n')

    const connection_info = '{"driver_volume_type": "iscsi", "data": {"target_lun": 1, "encrypted": null}}'
    const volume = { source_type: 'volume', destination_type: 'volume', device_name: '/dev/vdb', connection_info } as const
    await stores.blockDeviceMappings.create(ctx, new BlockDeviceMapping({ instance_uuid: uuid, volume_id: 'v1', ...volume }))
    const show = (status: number, ...args: readonly string[]) => ok(status, 'volume_attachment', 'show', ...args)
    await show(2, 'nowhere', 'v1')
    await show(3, uuid, 'v2')
    assert.match(
      await show(0, uuid, 'v1'),
      /\n\| Property +\| Value +\|\n[\s\S]*\n\| delete_on_termination +\| False +\|\n[\s\S]*\| tag +\| None +\|\n/,
    )
    assert.equal(await show(0, uuid, 'v1', '--connection_info', '--json'), `${connection_info}\n`)
    assert.match(await show(0, uuid, 'v1', '--connection_info'), /\| data +\| \{'target_lun': 1, 'encrypted': None\} \|\n/)
    assert.equal(JSON.parse(await show(0, uuid, 'v1', '--json')).device_name, '/dev/vdb')
    assert.match(await ok(69, 'volume_attachment', 'refresh', uuid, 'v1', 'file'), /^$/)
  })
