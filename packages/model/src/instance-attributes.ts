/** Satellites of an instance that can be read with it; upstream's `expected_attrs`. */
export const instanceAttributes = [
  'metadata',
  'system_metadata',
  'info_cache',
  'security_groups',
  'pci_devices',
  'tags',
  'services',
  'fault',
  'numa_topology',
  'pci_requests',
  'flavor',
  'vcpu_model',
  'migration_context',
  'keypairs',
  'device_metadata',
  'trusted_certs',
  'resources',
  'ec2_ids',
] as const

export type InstanceAttribute = (typeof instanceAttributes)[number]
