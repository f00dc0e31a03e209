import { BlockDeviceMapping, BlockDeviceMappingList, type BlockDeviceMappingStore } from '@micronova/model'
import type { RemoteObjects } from './remote-objects.js'

export function remoteBlockDeviceMappings(remote: RemoteObjects): BlockDeviceMappingStore {
  return {
    async listByInstanceUuid(ctx, instanceUuid) {
      const found = await remote.classMethod<BlockDeviceMappingList>(ctx, BlockDeviceMappingList, 'get_by_instance_uuid', [instanceUuid])
      return found.objects
    },
    getByVolumeAndInstance: (ctx, volumeId, instanceUuid) =>
      remote.classMethod(ctx, BlockDeviceMapping, 'get_by_volume_and_instance', [volumeId, instanceUuid]),
    async mapByInstanceUuids(ctx, instanceUuids) {
      const byInstance = new Map<string, BlockDeviceMapping[]>(instanceUuids.map((uuid) => [uuid, []]))
      if (instanceUuids.length === 0) return byInstance
      const found = await remote.classMethod<BlockDeviceMappingList>(ctx, BlockDeviceMappingList, 'get_by_instance_uuids', [instanceUuids])
      for (const mapping of found.objects) byInstance.get(mapping.instance_uuid)?.push(mapping)
      return byInstance
    },
    create: (ctx, mapping) => remote.method(ctx, mapping, 'create'),
    save: (ctx, mapping) => remote.method(ctx, mapping, 'save'),
    destroy: (ctx, mapping) => remote.method(ctx, mapping, 'destroy'),
  }
}
