import type { VirtDriver } from './driver.js'

/** Formats of images that a driver can boot. */
export type ImageType = 'aki' | 'ami' | 'ari' | 'iso' | 'ploop' | 'qcow2' | 'raw' | 'vdi' | 'vhd' | 'vhdx' | 'vmdk'

/** What a driver honours while it makes a guest; there is no method of its own for any of these. */
export type SpawnFeature = 'accelerators' | 'device_tagging' | 'pcpus' | 'remote_managed_ports' | 'trusted_certs' | 'vtpm'

const imageTypes: readonly ImageType[] = ['aki', 'ami', 'ari', 'iso', 'ploop', 'qcow2', 'raw', 'vdi', 'vhd', 'vhdx', 'vmdk']
const spawnFeatures: readonly SpawnFeature[] = ['accelerators', 'device_tagging', 'pcpus', 'remote_managed_ports', 'trusted_certs', 'vtpm']

/**
 * Flags of Nova whose ability no driver of ours has an interface for yet. The interface moves the flag out of here.
 * @see reference/virt-driver.json, `capabilities`
 */
const withoutInterface = [
  'supports_bfv_rescue',
  'supports_ephemeral_encryption',
  'supports_ephemeral_encryption_luks',
  'supports_ephemeral_encryption_plain',
  'supports_secure_boot',
  'supports_socket_pci_numa_affinity',
] as const

/** A driver as far as its capabilities show. */
export type CapableDriver = Pick<
  VirtDriver,
  'imageTypes' | 'spawnFeatures' | 'resizing' | 'evacuating' | 'imageCache' | 'volumes' | 'interfaceHotplug'
>

/** What a driver can do, under Nova's names. The resource tracker makes traits of the host from it. */
export function driverCapabilities(driver: CapableDriver): Readonly<Record<string, boolean>> {
  const flags: Record<string, boolean> = {
    supports_attach_interface: driver.interfaceHotplug !== undefined,
    supports_evacuate: driver.evacuating !== undefined,
    supports_migrate_to_same_host: driver.resizing?.toSameHost === true,
    has_imagecache: driver.imageCache !== undefined,
    supports_extend_volume: driver.volumes?.extend !== undefined,
    supports_multiattach: driver.volumes?.multiattach === true,
    supports_tagged_attach_interface: driver.interfaceHotplug?.honoursTags === true,
    supports_tagged_attach_volume: driver.volumes?.taggedAttach === true,
  }
  for (const flag of withoutInterface) flags[flag] = false
  for (const feature of spawnFeatures) flags[`supports_${feature}`] = driver.spawnFeatures.has(feature)
  for (const type of imageTypes) flags[`supports_image_type_${type}`] = driver.imageTypes.has(type)
  return flags
}
