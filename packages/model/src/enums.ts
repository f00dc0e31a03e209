import { type EnumValue, enumType, pythonTypeName, VersionedObjectError } from '@micronova/versionedobjects'

/**
 * The words that fields may hold, in upstream's order: it is a part of the fingerprints.
 * @see nova 26.2.2, `objects/fields.py`
 */

/** @throws VersionedObjectError `AttributeError` for what is no text, as Python's `value.lower()` */
function lowerCase(value: unknown): string {
  if (typeof value === 'string') return value.toLowerCase()
  throw new VersionedObjectError('AttributeError', `'${pythonTypeName(value)}' object has no attribute 'lower'`)
}

/** The message of an enum that says what its words are. */
function noSuch(what: string): (value: unknown) => string {
  return (value) => `${what} '${String(value)}' is not valid`
}

/** Other spellings of a word, beside capitals. */
function synonyms(words: Readonly<Record<string, string>>): (value: unknown) => string {
  const table = new Map<unknown, string>(Object.entries(words))
  return (value) => table.get(lowerCase(value)) ?? lowerCase(value)
}

const canonicalArchitecture = synonyms({ i386: 'i686', i486: 'i686', i586: 'i686', x86_32: 'i686', x86_32p: 'i686', amd64: 'x86_64' })
const canonicalHypervisorType = synonyms({ xapi: 'xen' })
const canonicalScsiModel = synonyms({ lsilogicsas: 'lsisas1068', paravirtual: 'vmpvscsi' })
const canonicalVifModel = synonyms({
  virtuale1000: 'e1000',
  virtuale1000e: 'e1000e',
  virtualpcnet32: 'pcnet',
  virtualsriovethernetcard: 'sriov',
  virtualvmxnet: 'vmxnet',
  virtualvmxnet3: 'vmxnet3',
})
const canonicalVmMode = synonyms({ pv: 'xen', hv: 'hvm', baremetal: 'hvm' })

/** One of the two words stays what it is; of anything else it counts whether Python takes it for true. */
function diskConfigOf(value: unknown): unknown {
  return value ? 'AUTO' : 'MANUAL'
}

/** The number of a power state stands for its word: 1 is `running`. */
function powerStateByNumber(value: unknown): unknown {
  const isNumber = typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && /^\s*\d+\s*$/.test(value))
  return isNumber ? (powerStateWords[Number(value)] ?? value) : value
}

const powerStateWords = ['pending', 'running', '_unused', 'paused', 'shutdown', '_unused', 'crashed', 'suspended'] as const

export const Architecture = enumType(
  'Architecture',
  [
    'alpha',
    'armv6',
    'armv7l',
    'armv7b',
    'aarch64',
    'cris',
    'i686',
    'ia64',
    'lm32',
    'm68k',
    'microblaze',
    'microblazeel',
    'mips',
    'mipsel',
    'mips64',
    'mips64el',
    'openrisc',
    'parisc',
    'parisc64',
    'ppc',
    'ppcle',
    'ppc64',
    'ppc64le',
    'ppcemb',
    's390',
    's390x',
    'sh4',
    'sh4eb',
    'sparc',
    'sparc64',
    'unicore32',
    'x86_64',
    'xtensa',
    'xtensaeb',
  ],
  canonicalArchitecture,
  noSuch('Architecture name'),
)
export type Architecture = EnumValue<typeof Architecture>

export const BlockDeviceDestinationType = enumType('BlockDeviceDestinationType', ['local', 'volume'])
export type BlockDeviceDestinationType = EnumValue<typeof BlockDeviceDestinationType>

export const BlockDeviceEncryptionFormatType = enumType('BlockDeviceEncryptionFormatType', ['plain', 'luks', 'luksv2'])
export type BlockDeviceEncryptionFormatType = EnumValue<typeof BlockDeviceEncryptionFormatType>

export const BlockDeviceSourceType = enumType('BlockDeviceSourceType', ['blank', 'image', 'snapshot', 'volume'])
export type BlockDeviceSourceType = EnumValue<typeof BlockDeviceSourceType>

export const BlockDeviceType = enumType('BlockDeviceType', ['cdrom', 'disk', 'floppy', 'fs', 'lun'])
export type BlockDeviceType = EnumValue<typeof BlockDeviceType>

export const CPUAllocationPolicy = enumType('CPUAllocationPolicy', ['dedicated', 'shared', 'mixed'])
export type CPUAllocationPolicy = EnumValue<typeof CPUAllocationPolicy>

export const CPUEmulatorThreadsPolicy = enumType('CPUEmulatorThreadsPolicy', ['share', 'isolate'])
export type CPUEmulatorThreadsPolicy = EnumValue<typeof CPUEmulatorThreadsPolicy>

export const CPUFeaturePolicy = enumType('CPUFeaturePolicy', ['force', 'require', 'optional', 'disable', 'forbid'])
export type CPUFeaturePolicy = EnumValue<typeof CPUFeaturePolicy>

export const CPUMatch = enumType('CPUMatch', ['minimum', 'exact', 'strict'])
export type CPUMatch = EnumValue<typeof CPUMatch>

export const CPUMode = enumType('CPUMode', ['custom', 'host-model', 'host-passthrough'])
export type CPUMode = EnumValue<typeof CPUMode>

export const CPUThreadAllocationPolicy = enumType('CPUThreadAllocationPolicy', ['prefer', 'isolate', 'require'])
export type CPUThreadAllocationPolicy = EnumValue<typeof CPUThreadAllocationPolicy>

export const ConfigDrivePolicy = enumType('ConfigDrivePolicy', ['optional', 'mandatory'])
export type ConfigDrivePolicy = EnumValue<typeof ConfigDrivePolicy>

export const DiskBus = enumType('DiskBus', ['fdc', 'ide', 'sata', 'scsi', 'usb', 'virtio', 'xen', 'lxc', 'uml'])
export type DiskBus = EnumValue<typeof DiskBus>

export const DiskConfig = enumType('DiskConfig', ['MANUAL', 'AUTO'], diskConfigOf)
export type DiskConfig = EnumValue<typeof DiskConfig>

export const DiskFormat = enumType('DiskFormat', ['rbd', 'lvm', 'qcow2', 'raw', 'ploop', 'vhd', 'vmdk', 'vdi', 'iso'])
export type DiskFormat = EnumValue<typeof DiskFormat>

export const FirmwareType = enumType('FirmwareType', ['uefi', 'bios'])
export type FirmwareType = EnumValue<typeof FirmwareType>

export const HVType = enumType(
  'HVType',
  [
    'baremetal',
    'bhyve',
    'docker',
    'fake',
    'hyperv',
    'ironic',
    'kqemu',
    'kvm',
    'lxc',
    'lxd',
    'openvz',
    'parallels',
    'phyp',
    'qemu',
    'test',
    'uml',
    'vbox',
    'vz',
    'vmware',
    'xen',
    'zvm',
    'prsm',
  ],
  canonicalHypervisorType,
  noSuch('Hypervisor virt type'),
)
export type HVType = EnumValue<typeof HVType>

export const HostStatus = enumType('HostStatus', ['UP', 'DOWN', 'MAINTENANCE', 'UNKNOWN', ''])
export type HostStatus = EnumValue<typeof HostStatus>

export const HypervisorDriver = enumType('HypervisorDriver', ['libvirt', 'xenapi', 'vmwareapi', 'ironic', 'hyperv'])
export type HypervisorDriver = EnumValue<typeof HypervisorDriver>

export const ImageSignatureHashType = enumType('ImageSignatureHashType', ['SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'])
export type ImageSignatureHashType = EnumValue<typeof ImageSignatureHashType>

export const ImageSignatureKeyType = enumType('ImageSignatureKeyType', [
  'DSA',
  'ECC_SECP384R1',
  'ECC_SECP521R1',
  'ECC_SECT409K1',
  'ECC_SECT409R1',
  'ECC_SECT571K1',
  'ECC_SECT571R1',
  'RSA-PSS',
])
export type ImageSignatureKeyType = EnumValue<typeof ImageSignatureKeyType>

export const InputBus = enumType('InputBus', ['usb', 'virtio'])
export type InputBus = EnumValue<typeof InputBus>

export const InstancePowerState = enumType('InstancePowerState', powerStateWords, powerStateByNumber)
export type InstancePowerState = EnumValue<typeof InstancePowerState>

export const InstanceState = enumType('InstanceState', [
  'active',
  'building',
  'paused',
  'suspended',
  'stopped',
  'rescued',
  'resized',
  'soft-delete',
  'deleted',
  'error',
  'shelved',
  'shelved_offloaded',
])
export type InstanceState = EnumValue<typeof InstanceState>

export const InstanceTaskState = enumType('InstanceTaskState', [
  'scheduling',
  'block_device_mapping',
  'networking',
  'spawning',
  'image_snapshot',
  'image_snapshot_pending',
  'image_pending_upload',
  'image_uploading',
  'image_backup',
  'updating_password',
  'resize_prep',
  'resize_migrating',
  'resize_migrated',
  'resize_finish',
  'resize_reverting',
  'resize_confirming',
  'rebooting',
  'reboot_pending',
  'reboot_started',
  'rebooting_hard',
  'reboot_pending_hard',
  'reboot_started_hard',
  'pausing',
  'unpausing',
  'suspending',
  'resuming',
  'powering-off',
  'powering-on',
  'rescuing',
  'unrescuing',
  'rebuilding',
  'rebuild_block_device_mapping',
  'rebuild_spawning',
  'migrating',
  'deleting',
  'soft-deleting',
  'restoring',
  'shelving',
  'shelving_image_pending_upload',
  'shelving_image_uploading',
  'shelving_offloading',
  'unshelving',
])
export type InstanceTaskState = EnumValue<typeof InstanceTaskState>

export const MigrationType = enumType('MigrationType', ['migration', 'resize', 'live-migration', 'evacuation'])
export type MigrationType = EnumValue<typeof MigrationType>

export const MonitorMetricType = enumType('MonitorMetricType', [
  'cpu.frequency',
  'cpu.user.time',
  'cpu.kernel.time',
  'cpu.idle.time',
  'cpu.iowait.time',
  'cpu.user.percent',
  'cpu.kernel.percent',
  'cpu.idle.percent',
  'cpu.iowait.percent',
  'cpu.percent',
  'numa.membw.max',
  'numa.membw.current',
])
export type MonitorMetricType = EnumValue<typeof MonitorMetricType>

export const NotificationAction = enumType('NotificationAction', [
  'update',
  'exception',
  'delete',
  'pause',
  'unpause',
  'resize',
  'volume_swap',
  'suspend',
  'power_on',
  'reboot',
  'shutdown',
  'snapshot',
  'interface_attach',
  'power_off',
  'shelve',
  'resume',
  'restore',
  'exists',
  'rescue',
  'volume_attach',
  'volume_detach',
  'create',
  'import',
  'evacuate',
  'resize_finish',
  'live_migration_abort',
  'live_migration_post_dest',
  'live_migration_post',
  'live_migration_pre',
  'live_migration_rollback',
  'live_migration_rollback_dest',
  'rebuild',
  'interface_detach',
  'resize_confirm',
  'resize_prep',
  'resize_revert',
  'shelve_offload',
  'soft_delete',
  'trigger_crash_dump',
  'unrescue',
  'unshelve',
  'add_host',
  'remove_host',
  'add_member',
  'update_metadata',
  'lock',
  'unlock',
  'rebuild_scheduled',
  'update_prop',
  'live_migration_force_complete',
  'connect',
  'usage',
  'build_instances',
  'migrate_server',
  'rebuild_server',
  'select_destinations',
  'cache_images',
])
export type NotificationAction = EnumValue<typeof NotificationAction>

export const NotificationPhase = enumType('NotificationPhase', ['start', 'end', 'error', 'progress'])
export type NotificationPhase = EnumValue<typeof NotificationPhase>

export const NotificationPriority = enumType('NotificationPriority', ['audit', 'critical', 'debug', 'info', 'error', 'sample', 'warn'])
export type NotificationPriority = EnumValue<typeof NotificationPriority>

export const NotificationSource = enumType('NotificationSource', [
  'nova-api',
  'nova-compute',
  'nova-conductor',
  'nova-scheduler',
  'nova-network',
  'nova-consoleauth',
  'nova-cells',
  'nova-console',
  'nova-metadata',
])
export type NotificationSource = EnumValue<typeof NotificationSource>

export const OSType = enumType('OSType', ['linux', 'windows'], lowerCase)
export type OSType = EnumValue<typeof OSType>

export const PCINUMAAffinityPolicy = enumType('PCINUMAAffinityPolicy', ['required', 'legacy', 'preferred', 'socket'])
export type PCINUMAAffinityPolicy = EnumValue<typeof PCINUMAAffinityPolicy>

export const PciDeviceStatus = enumType('PciDeviceStatus', [
  'available',
  'claimed',
  'allocated',
  'removed',
  'deleted',
  'unavailable',
  'unclaimable',
])
export type PciDeviceStatus = EnumValue<typeof PciDeviceStatus>

export const PciDeviceType = enumType('PciDeviceType', ['type-PCI', 'type-PF', 'type-VF', 'vdpa'])
export type PciDeviceType = EnumValue<typeof PciDeviceType>

export const PointerModelType = enumType('PointerModelType', ['usbtablet'])
export type PointerModelType = EnumValue<typeof PointerModelType>

export const RNGModel = enumType('RNGModel', ['virtio'])
export type RNGModel = EnumValue<typeof RNGModel>

export const SCSIModel = enumType(
  'SCSIModel',
  ['buslogic', 'ibmvscsi', 'lsilogic', 'lsisas1068', 'lsisas1078', 'virtio-scsi', 'vmpvscsi'],
  canonicalScsiModel,
)
export type SCSIModel = EnumValue<typeof SCSIModel>

export const SecureBoot = enumType('SecureBoot', ['required', 'disabled', 'optional'])
export type SecureBoot = EnumValue<typeof SecureBoot>

export const TPMModel = enumType('TPMModel', ['tpm-tis', 'tpm-crb'])
export type TPMModel = EnumValue<typeof TPMModel>

export const TPMVersion = enumType('TPMVersion', ['1.2', '2.0'])
export type TPMVersion = EnumValue<typeof TPMVersion>

export const VIFModel = enumType(
  'VIFModel',
  ['virtio', 'ne2k_pci', 'pcnet', 'rtl8139', 'e1000', 'e1000e', 'netfront', 'spapr-vlan', 'lan9118', 'sriov', 'vmxnet', 'vmxnet3'],
  canonicalVifModel,
)
export type VIFModel = EnumValue<typeof VIFModel>

export const VIOMMUModel = enumType('VIOMMUModel', ['intel', 'smmuv3', 'virtio', 'auto'])
export type VIOMMUModel = EnumValue<typeof VIOMMUModel>

export const VMMode = enumType('VMMode', ['hvm', 'xen', 'uml', 'exe'], canonicalVmMode, noSuch('Virtual machine mode'))
export type VMMode = EnumValue<typeof VMMode>

export const VideoModel = enumType('VideoModel', ['cirrus', 'qxl', 'vga', 'vmvga', 'xen', 'virtio', 'gop', 'none', 'bochs'])
export type VideoModel = EnumValue<typeof VideoModel>

export const WatchdogAction = enumType('WatchdogAction', ['none', 'pause', 'poweroff', 'reset', 'disabled'])
export type WatchdogAction = EnumValue<typeof WatchdogAction>
