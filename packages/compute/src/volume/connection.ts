import { type BlockDeviceMapping, novaError } from '@micronova/model'
import type { AttachedVolume, ConnectionInfo } from '@micronova/virt'

/** What a mapping knows of how its volume is reached; `{}` if nothing. */
export function storedConnection(mapping: BlockDeviceMapping): ConnectionInfo {
  const text = mapping.objIsSet('connection_info') ? mapping.connection_info : null
  return text === null ? {} : ((JSON.parse(text) ?? {}) as ConnectionInfo)
}

/** `serial` tells a guest which volume it is, where Cinder's driver does not. */
export function withSerial(connection: ConnectionInfo, volumeId: string): ConnectionInfo {
  return 'serial' in connection ? connection : { ...connection, serial: volumeId }
}

/** How a host that was not connected before reaches the volume of a mapping; what the mapping knows and Cinder does not say stays. */
export function connectionAnew(mapping: BlockDeviceMapping, given: ConnectionInfo): ConnectionInfo {
  const { multiattach } = storedConnection(mapping)
  return { ...withSerial(given, mapping.volume_id ?? ''), ...(multiattach === true ? { multiattach } : {}) }
}

/** As a driver wants it. */
export function attachedVolume(
  instance: AttachedVolume['instance'],
  mapping: BlockDeviceMapping,
  connection: ConnectionInfo,
): AttachedVolume {
  const given = (field: 'disk_bus' | 'device_type') => (mapping.objIsSet(field) ? mapping[field] : null)
  return { instance, connection, device: mapping.device_name ?? '', diskBus: given('disk_bus'), deviceType: given('device_type') }
}

/**
 * The attachment of a volume.
 *
 * @throws NovaError for one that was attached before Queens: Cinder has none for it, and such volumes are not supported
 */
export function attachmentOf(mapping: BlockDeviceMapping): string {
  const id = mapping.objIsSet('attachment_id') ? mapping.attachment_id : null
  if (id !== null) return id
  throw novaError('InvalidVolume', { reason: `volume ${mapping.volume_id} has no attachment: it was attached before OpenStack Queens` })
}
