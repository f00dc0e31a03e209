import { bigint, boolean, datetime, enumeration, float, id, inet, integer, mediumText, notNull, string, timestamps } from './columns.js'
import { defineTable, index, references } from './table.js'

/**
 * Tables that Nova keeps without using them: what moved to the API database or to Placement, nova-network, XenAPI, EC2, cells v1.
 * They are here so that a Python service and its tools find the schema that they expect.
 *
 * @see nova 26.2.2, `db/main/models.py`, `REMOVED_TABLES`
 */

export const agentBuilds = defineTable(
  'agent_builds',
  {
    ...timestamps,
    id: id(),
    hypervisor: string(255),
    os: string(255),
    architecture: string(255),
    version: string(255),
    url: string(255),
    md5hash: string(255),
    deleted: integer(),
  },
  {
    unique: {
      uniq_agent_builds0hypervisor0os0architecture0deleted: ['hypervisor', 'os', 'architecture', 'deleted'],
    },
    indexes: {
      agent_builds_hypervisor_os_arch_idx: index(['hypervisor', 'os', 'architecture']),
    },
  },
)

export const aggregates = defineTable(
  'aggregates',
  {
    ...timestamps,
    id: id(),
    name: string(255),
    deleted: integer(),
    uuid: string(36),
  },
  {
    indexes: {
      aggregate_uuid_idx: index(['uuid']),
    },
  },
)

export const aggregateHosts = defineTable(
  'aggregate_hosts',
  {
    ...timestamps,
    id: id(),
    host: string(255),
    aggregate_id: notNull(integer()),
    deleted: integer(),
  },
  {
    unique: {
      uniq_aggregate_hosts0host0aggregate_id0deleted: ['host', 'aggregate_id', 'deleted'],
    },
    foreignKeys: [references('aggregate_id', 'aggregates.id')],
  },
)

export const aggregateMetadata = defineTable(
  'aggregate_metadata',
  {
    ...timestamps,
    id: id(),
    aggregate_id: notNull(integer()),
    key: notNull(string(255)),
    value: notNull(string(255)),
    deleted: integer(),
  },
  {
    unique: {
      uniq_aggregate_metadata0aggregate_id0key0deleted: ['aggregate_id', 'key', 'deleted'],
    },
    foreignKeys: [references('aggregate_id', 'aggregates.id')],
    indexes: {
      aggregate_metadata_key_idx: index(['key']),
      aggregate_metadata_value_idx: index(['value']),
    },
  },
)

export const allocations = defineTable(
  'allocations',
  {
    id: id(),
    resource_provider_id: notNull(integer()),
    consumer_id: notNull(string(36)),
    resource_class_id: notNull(integer()),
    used: notNull(integer()),
  },
  {
    indexes: {
      allocations_consumer_id_idx: index(['consumer_id']),
      allocations_resource_class_id_idx: index(['resource_class_id']),
      allocations_resource_provider_class_used_idx: index(['resource_provider_id', 'resource_class_id', 'used']),
    },
    mysqlCharset: 'latin1',
  },
)

export const bwUsageCache = defineTable(
  'bw_usage_cache',
  {
    ...timestamps,
    id: id(),
    start_period: notNull(datetime()),
    last_refreshed: datetime(),
    bw_in: bigint(),
    bw_out: bigint(),
    mac: string(255),
    uuid: string(36),
    last_ctr_in: bigint(),
    last_ctr_out: bigint(),
    deleted: integer(),
  },
  {
    indexes: {
      bw_usage_cache_uuid_start_period_idx: index(['uuid', 'start_period']),
    },
  },
)

export const cells = defineTable(
  'cells',
  {
    ...timestamps,
    id: id(),
    api_url: string(255),
    weight_offset: float(),
    weight_scale: float(),
    name: string(255),
    is_parent: boolean(),
    deleted: integer(),
    transport_url: notNull(string(255)),
  },
  {
    unique: {
      uniq_cells0name0deleted: ['name', 'deleted'],
    },
  },
)

export const consolePools = defineTable(
  'console_pools',
  {
    ...timestamps,
    id: id(),
    address: inet(39),
    username: string(255),
    password: string(255),
    console_type: string(255),
    public_hostname: string(255),
    host: string(255),
    compute_host: string(255),
    deleted: integer(),
  },
  {
    unique: {
      uniq_console_pools0host0console_type0compute_host0deleted: ['host', 'console_type', 'compute_host', 'deleted'],
    },
  },
)

export const consoles = defineTable(
  'consoles',
  {
    ...timestamps,
    id: id(),
    instance_name: string(255),
    password: string(255),
    port: integer(),
    pool_id: integer(),
    instance_uuid: string(36),
    deleted: integer(),
  },
  {
    foreignKeys: [references('pool_id', 'console_pools.id'), references('instance_uuid', 'instances.uuid', 'consoles_instance_uuid_fkey')],
    indexes: {
      consoles_instance_uuid_idx: index(['instance_uuid']),
    },
  },
)

export const dnsDomains = defineTable(
  'dns_domains',
  {
    ...timestamps,
    deleted: boolean(),
    domain: notNull(string(255)),
    scope: string(255),
    availability_zone: string(255),
    project_id: string(255),
  },
  {
    primaryKey: ['domain'],
    indexes: {
      dns_domains_domain_deleted_idx: index(['domain', 'deleted']),
      dns_domains_project_id_idx: index(['project_id']),
    },
  },
)

export const fixedIps = defineTable(
  'fixed_ips',
  {
    ...timestamps,
    id: id(),
    address: inet(39),
    network_id: integer(),
    allocated: boolean(),
    leased: boolean(),
    reserved: boolean(),
    virtual_interface_id: integer(),
    host: string(255),
    instance_uuid: string(36),
    deleted: integer(),
  },
  {
    unique: {
      uniq_fixed_ips0address0deleted: ['address', 'deleted'],
    },
    foreignKeys: [references('instance_uuid', 'instances.uuid', 'fixed_ips_instance_uuid_fkey')],
    indexes: {
      address: index(['address']),
      fixed_ips_address_reserved_network_id_deleted_idx: index(['address', 'reserved', 'network_id', 'deleted']),
      fixed_ips_deleted_allocated_idx: index(['address', 'deleted', 'allocated']),
      fixed_ips_deleted_allocated_updated_at_idx: index(['deleted', 'allocated', 'updated_at']),
      fixed_ips_host_idx: index(['host']),
      fixed_ips_instance_uuid_fkey: index(['instance_uuid']),
      fixed_ips_network_id_host_deleted_idx: index(['network_id', 'host', 'deleted']),
      fixed_ips_virtual_interface_id_fkey: index(['virtual_interface_id']),
      network_id: index(['network_id']),
    },
  },
)

export const floatingIps = defineTable(
  'floating_ips',
  {
    ...timestamps,
    id: id(),
    address: inet(39),
    fixed_ip_id: integer(),
    project_id: string(255),
    host: string(255),
    auto_assigned: boolean(),
    pool: string(255),
    interface: string(255),
    deleted: integer(),
  },
  {
    unique: {
      uniq_floating_ips0address0deleted: ['address', 'deleted'],
    },
    indexes: {
      fixed_ip_id: index(['fixed_ip_id']),
      floating_ips_host_idx: index(['host']),
      floating_ips_pool_deleted_fixed_ip_id_project_id_idx: index(['pool', 'deleted', 'fixed_ip_id', 'project_id']),
      floating_ips_project_id_idx: index(['project_id']),
    },
  },
)

export const instanceGroups = defineTable(
  'instance_groups',
  {
    ...timestamps,
    deleted: integer(),
    id: id(),
    user_id: string(255),
    project_id: string(255),
    uuid: notNull(string(36)),
    name: string(255),
  },
  {
    unique: {
      uniq_instance_groups0uuid0deleted: ['uuid', 'deleted'],
    },
  },
)

export const instanceGroupMember = defineTable(
  'instance_group_member',
  {
    ...timestamps,
    deleted: integer(),
    id: id(),
    instance_id: string(255),
    group_id: notNull(integer()),
  },
  {
    foreignKeys: [references('group_id', 'instance_groups.id')],
    indexes: {
      instance_group_member_instance_idx: index(['instance_id']),
    },
  },
)

export const instanceGroupPolicy = defineTable(
  'instance_group_policy',
  {
    ...timestamps,
    deleted: integer(),
    id: id(),
    policy: string(255),
    group_id: notNull(integer()),
  },
  {
    foreignKeys: [references('group_id', 'instance_groups.id')],
    indexes: {
      instance_group_policy_policy_idx: index(['policy']),
    },
  },
)

export const instanceTypes = defineTable(
  'instance_types',
  {
    ...timestamps,
    name: string(255),
    id: id(),
    memory_mb: notNull(integer()),
    vcpus: notNull(integer()),
    swap: notNull(integer()),
    vcpu_weight: integer(),
    flavorid: string(255),
    rxtx_factor: float(),
    root_gb: integer(),
    ephemeral_gb: integer(),
    disabled: boolean(),
    is_public: boolean(),
    deleted: integer(),
  },
  {
    unique: {
      uniq_instance_types0flavorid0deleted: ['flavorid', 'deleted'],
      uniq_instance_types0name0deleted: ['name', 'deleted'],
    },
  },
)

export const instanceTypeExtraSpecs = defineTable(
  'instance_type_extra_specs',
  {
    ...timestamps,
    id: id(),
    instance_type_id: notNull(integer()),
    key: string(255),
    value: string(255),
    deleted: integer(),
  },
  {
    unique: {
      uniq_instance_type_extra_specs0instance_type_id0key0deleted: ['instance_type_id', 'key', 'deleted'],
    },
    foreignKeys: [references('instance_type_id', 'instance_types.id')],
    indexes: {
      instance_type_extra_specs_instance_type_id_key_idx: index(['instance_type_id', 'key']),
    },
    mysqlCollation: 'utf8_bin',
  },
)

export const instanceTypeProjects = defineTable(
  'instance_type_projects',
  {
    ...timestamps,
    id: id(),
    instance_type_id: notNull(integer()),
    project_id: string(255),
    deleted: integer(),
  },
  {
    unique: {
      uniq_instance_type_projects0instance_type_id0project_id0deleted: ['instance_type_id', 'project_id', 'deleted'],
    },
    foreignKeys: [references('instance_type_id', 'instance_types.id', 'instance_type_projects_ibfk_1')],
    indexes: {
      instance_type_id: index(['instance_type_id'], { dialects: ['mysql'] }),
    },
  },
)

export const inventories = defineTable(
  'inventories',
  {
    id: id(),
    resource_provider_id: notNull(integer()),
    resource_class_id: notNull(integer()),
    total: notNull(integer()),
    reserved: notNull(integer()),
    min_unit: notNull(integer()),
    max_unit: notNull(integer()),
    step_size: notNull(integer()),
    allocation_ratio: notNull(float()),
  },
  {
    unique: {
      uniq_inventories0resource_provider_resource_class: ['resource_provider_id', 'resource_class_id'],
    },
    indexes: {
      inventories_resource_class_id_idx: index(['resource_class_id']),
      inventories_resource_provider_id_idx: index(['resource_provider_id']),
      inventories_resource_provider_resource_class_idx: index(['resource_provider_id', 'resource_class_id']),
    },
    mysqlCharset: 'latin1',
  },
)

export const keyPairs = defineTable(
  'key_pairs',
  {
    ...timestamps,
    id: id(),
    name: notNull(string(255)),
    user_id: string(255),
    fingerprint: string(255),
    public_key: mediumText(),
    deleted: integer(),
    type: notNull(enumeration('keypair_types', ['ssh', 'x509'], { default: 'ssh' })),
  },
  {
    unique: {
      uniq_key_pairs0user_id0name0deleted: ['user_id', 'name', 'deleted'],
    },
  },
)

export const networks = defineTable(
  'networks',
  {
    ...timestamps,
    id: id(),
    injected: boolean(),
    cidr: inet(43),
    netmask: inet(39),
    bridge: string(255),
    gateway: inet(39),
    broadcast: inet(39),
    dns1: inet(39),
    vlan: integer(),
    vpn_public_address: inet(39),
    vpn_public_port: integer(),
    vpn_private_address: inet(39),
    dhcp_start: inet(39),
    project_id: string(255),
    host: string(255),
    cidr_v6: inet(43),
    gateway_v6: inet(39),
    label: string(255),
    netmask_v6: inet(39),
    bridge_interface: string(255),
    multi_host: boolean(),
    dns2: inet(39),
    uuid: string(36),
    priority: integer(),
    rxtx_base: integer(),
    deleted: integer(),
    mtu: integer(),
    dhcp_server: inet(39),
    enable_dhcp: boolean(),
    share_address: boolean(),
  },
  {
    unique: {
      uniq_networks0vlan0deleted: ['vlan', 'deleted'],
    },
    indexes: {
      networks_bridge_deleted_idx: index(['bridge', 'deleted']),
      networks_cidr_v6_idx: index(['cidr_v6']),
      networks_host_idx: index(['host']),
      networks_project_id_deleted_idx: index(['project_id', 'deleted']),
      networks_uuid_project_id_deleted_idx: index(['uuid', 'project_id', 'deleted']),
      networks_vlan_deleted_idx: index(['vlan', 'deleted']),
    },
  },
)

export const providerFwRules = defineTable('provider_fw_rules', {
  ...timestamps,
  id: id(),
  protocol: string(5),
  from_port: integer(),
  to_port: integer(),
  cidr: inet(43),
  deleted: integer(),
})

export const resourceProviderAggregates = defineTable(
  'resource_provider_aggregates',
  {
    resource_provider_id: notNull(integer()),
    aggregate_id: notNull(integer()),
  },
  {
    primaryKey: ['resource_provider_id', 'aggregate_id'],
    indexes: {
      resource_provider_aggregates_aggregate_id_idx: index(['aggregate_id']),
    },
    mysqlCharset: 'latin1',
  },
)

export const resourceProviders = defineTable(
  'resource_providers',
  {
    id: id(),
    uuid: notNull(string(36)),
    name: string(200, { mysqlCharset: 'utf8' }),
    generation: integer(),
    can_host: integer(),
  },
  {
    unique: {
      uniq_resource_providers0name: ['name'],
      uniq_resource_providers0uuid: ['uuid'],
    },
    indexes: {
      resource_providers_name_idx: index(['name']),
      resource_providers_uuid_idx: index(['uuid']),
    },
    mysqlCharset: 'latin1',
  },
)

export const securityGroupDefaultRules = defineTable('security_group_default_rules', {
  ...timestamps,
  deleted: integer(),
  id: id(),
  protocol: string(5),
  from_port: integer(),
  to_port: integer(),
  cidr: inet(43),
})

export const snapshotIdMappings = defineTable('snapshot_id_mappings', {
  ...timestamps,
  id: id(),
  uuid: notNull(string(36)),
  deleted: integer(),
})

export const snapshots = defineTable('snapshots', {
  ...timestamps,
  id: notNull(string(36)),
  volume_id: notNull(string(36)),
  user_id: string(255),
  project_id: string(255),
  status: string(255),
  progress: string(255),
  volume_size: integer(),
  scheduled_at: datetime(),
  display_name: string(255),
  display_description: string(255),
  deleted: string(36),
})

export const volumeIdMappings = defineTable('volume_id_mappings', {
  ...timestamps,
  id: id(),
  uuid: notNull(string(36)),
  deleted: integer(),
})

/** All of the above, in an order in which they can be created. */
export const legacyTables = [
  agentBuilds,
  aggregates,
  aggregateHosts,
  aggregateMetadata,
  allocations,
  bwUsageCache,
  cells,
  consolePools,
  consoles,
  dnsDomains,
  fixedIps,
  floatingIps,
  instanceGroups,
  instanceGroupMember,
  instanceGroupPolicy,
  instanceTypes,
  instanceTypeExtraSpecs,
  instanceTypeProjects,
  inventories,
  keyPairs,
  networks,
  providerFwRules,
  resourceProviderAggregates,
  resourceProviders,
  securityGroupDefaultRules,
  snapshotIdMappings,
  snapshots,
  volumeIdMappings,
] as const
