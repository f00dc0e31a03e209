import { BlockDeviceMapping, type Instance, novaError } from '@micronova/model'
import { nextDeviceName } from '../block-devices/device-names.js'
import { defineOperation } from '../operation.js'

/**
 * Make the mapping of a volume that is about to be attached, with a device name that nobody else gets.
 * Wire: `reserve_block_device_name`, call, compute 5.0 and 6.0; answers with a `BlockDeviceMapping`.
 */
export const reserveBlockDeviceName = defineOperation({
  method: 'reserve_block_device_name',
  parameters: ['instance', 'device', 'volume_id', 'disk_bus', 'device_type', 'tag', 'multiattach'],
  policy: { lock: 'run', recordFault: true, revertTaskState: true },
  decode: (args) => ({
    instance: args.instance as Instance,
    device: (args.device as string | null) || null,
    volumeId: String(args.volume_id),
    diskBus: args.disk_bus as string | null,
    deviceType: args.device_type as BlockDeviceMapping['device_type'],
    tag: (args.tag as string | null) || null,
    multiattach: args.multiattach === true,
  }),
  async run({ driver, stores, settings }, ctx, { instance, device, volumeId, diskBus, deviceType, tag, multiattach }) {
    if (tag !== null && driver.volumes?.taggedAttach !== true) throw novaError('VolumeTaggedAttachNotSupported')
    if (multiattach && driver.volumes?.multiattach !== true) throw novaError('MultiattachNotSupportedByVirtDriver', { volume_id: volumeId })
    const mappings = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    if (mappings.some(({ volume_id }) => volume_id === volumeId))
      throw novaError('InvalidVolume', { reason: `volume ${volumeId} already attached` })
    const used = [instance.root_device_name, ...mappings.map(({ device_name }) => device_name)].filter((name) => name !== null)
    const { root_device_name: rootDeviceName } = instance
    const mapping = new BlockDeviceMapping({
      source_type: 'volume',
      destination_type: 'volume',
      instance_uuid: instance.uuid,
      boot_index: null,
      volume_id: volumeId,
      device_name: nextDeviceName({ used, rootDeviceName, maxDevices: settings.maxDiskDevices, wanted: device }),
      guest_format: null,
      disk_bus: diskBus,
      device_type: deviceType,
      tag,
    })
    await stores.blockDeviceMappings.create(ctx, mapping)
    return mapping
  },
})
