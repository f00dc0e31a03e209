/** Resource classes that every Placement has. @see os-resource-classes 1.1.0 */
const standardResourceClasses: ReadonlySet<string> = new Set([
  'VCPU',
  'MEMORY_MB',
  'DISK_GB',
  'PCI_DEVICE',
  'SRIOV_NET_VF',
  'NUMA_SOCKET',
  'NUMA_CORE',
  'NUMA_THREAD',
  'NUMA_MEMORY_MB',
  'IPV4_ADDRESS',
  'VGPU',
  'VGPU_DISPLAY_HEAD',
  'NET_BW_EGR_KILOBIT_PER_SEC',
  'NET_BW_IGR_KILOBIT_PER_SEC',
  'PCPU',
  'MEM_ENCRYPTION_CONTEXT',
  'FPGA',
  'PGPU',
  'NET_PACKET_RATE_KILOPACKET_PER_SEC',
  'NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC',
  'NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC',
])

export function isResourceClass(name: string): boolean {
  return name.startsWith('CUSTOM_') || standardResourceClasses.has(name)
}

/** The custom resource class of a label: `CUSTOM_PMEM_NAMESPACE_4GB`. @see os-resource-classes 1.1.0, `normalize_name` */
export function customResourceClass(label: string): string {
  return `CUSTOM_${label.toUpperCase().replace(/[^0-9A-Z]+/g, '_')}`
}

const words: Readonly<Record<string, string>> = {
  COMPUTE_IMAGE_TYPE: 'AKI AMI ARI ISO PLOOP QCOW2 RAW VDI VHD VHDX VMDK',
  COMPUTE_STORAGE_BUS: 'FDC IDE LXC SATA SCSI UML USB VIRTIO XEN',
  COMPUTE_GRAPHICS_MODEL: 'BOCHS CIRRUS GOP NONE QXL VGA VIRTIO VMVGA XEN',
  COMPUTE_NET_VIF_MODEL: 'E1000 E1000E LAN9118 NE2K_PCI NETFRONT PCNET RTL8139 SPAPR_VLAN SRIOV VIRTIO VMXNET VMXNET3',
  COMPUTE_ARCH: 'AARCH64 MIPSEL PPC64LE RISCV64 S390X X86_64',
  COMPUTE_VIOMMU: 'MODEL_AUTO MODEL_INTEL MODEL_SMMUV3 MODEL_VIRTIO',
  HW_ARCH:
    'AARCH64 ALPHA ARMV6 ARMV7 ARMV7B CRIS I686 IA64 LM32 M68K MICROBLAZE MICROBLAZEEL MIPS MIPS64 MIPS64EL MIPSEL OPENRISC PARISC ' +
    'PARISC64 PPC PPC64 PPC64LE PPCEMB PPCLE S390 S390X SH4 SH4EB SPARC SPARC64 UNICORE32 X86_64 XTENSA XTENSAEB',
}

/** The standard traits that are made of a property of an image. @see os-traits 2.9.0 */
const traits: ReadonlySet<string> = new Set(
  Object.entries(words).flatMap(([prefix, names]) => names.split(' ').map((name) => `${prefix}_${name}`)),
)

export function isImageTrait(name: string): boolean {
  return traits.has(name)
}
