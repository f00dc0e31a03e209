import {
  bigint,
  boolean,
  datetime,
  deletedMark,
  enumeration,
  float,
  id,
  inet,
  initially,
  integer,
  mediumText,
  notNull,
  string,
  text,
  timestamps,
} from './columns.js'
import { defineTable, index, references } from './table.js'

/**
 * Tables of a cell that Nova 26.2.2 has a model for, parents before children.
 *
 * @see nova 26.2.2, `db/main/migrations/versions`, whose outcome they are; the tests compare it on each dialect
 */

export const instances = defineTable(
  'instances',
  {
    ...timestamps,
    id: id(),
    internal_id: integer(),
    user_id: string(255),
    project_id: string(255),
    image_ref: string(255),
    kernel_id: string(255),
    ramdisk_id: string(255),
    launch_index: integer(),
    key_name: string(255),
    key_data: mediumText(),
    power_state: integer(),
    vm_state: string(255),
    memory_mb: integer(),
    vcpus: integer(),
    hostname: string(255),
    host: string(255),
    user_data: mediumText(),
    reservation_id: string(255),
    launched_at: datetime(),
    terminated_at: datetime(),
    display_name: string(255),
    display_description: string(255),
    availability_zone: string(255),
    locked: boolean(),
    os_type: string(255),
    launched_on: mediumText(),
    instance_type_id: integer(),
    vm_mode: string(255),
    uuid: notNull(string(36)),
    architecture: string(255),
    root_device_name: string(255),
    access_ip_v4: inet(39),
    access_ip_v6: inet(39),
    config_drive: string(255),
    task_state: string(255),
    default_ephemeral_device: string(255),
    default_swap_device: string(255),
    progress: integer(),
    auto_disk_config: boolean(),
    shutdown_terminate: initially(false, boolean()),
    disable_terminate: initially(false, boolean()),
    root_gb: integer(),
    ephemeral_gb: integer(),
    cell_name: string(255),
    node: string(255),
    deleted: deletedMark(),
    locked_by: enumeration('instances0locked_by', ['owner', 'admin']),
    cleaned: initially(0, integer()),
    ephemeral_key_uuid: string(36),
    hidden: initially(false, boolean()),
  },
  {
    unique: {
      uniq_instances0uuid: ['uuid'],
    },
    indexes: {
      instances_deleted_created_at_idx: index(['deleted', 'created_at']),
      instances_host_deleted_cleaned_idx: index(['host', 'deleted', 'cleaned']),
      instances_host_node_deleted_idx: index(['host', 'node', 'deleted']),
      instances_project_id_deleted_idx: index(['project_id', 'deleted']),
      instances_project_id_idx: index(['project_id']),
      instances_reservation_id_idx: index(['reservation_id']),
      instances_task_state_updated_at_idx: index(['task_state', 'updated_at']),
      instances_terminated_at_launched_at_idx: index(['terminated_at', 'launched_at']),
      instances_updated_at_project_id_idx: index(['updated_at', 'project_id']),
      instances_uuid_deleted_idx: index(['uuid', 'deleted']),
      uuid: index(['uuid'], { unique: true }),
    },
  },
)

export const blockDeviceMapping = defineTable(
  'block_device_mapping',
  {
    ...timestamps,
    id: id(),
    device_name: string(255),
    delete_on_termination: initially(false, boolean()),
    snapshot_id: string(36),
    volume_id: string(36),
    volume_size: integer(),
    no_device: boolean(),
    connection_info: mediumText(),
    instance_uuid: string(36),
    deleted: deletedMark(),
    source_type: string(255),
    destination_type: string(255),
    guest_format: string(255),
    device_type: string(255),
    disk_bus: string(255),
    boot_index: integer(),
    image_id: string(36),
    tag: string(255),
    attachment_id: string(36),
    uuid: string(36),
    volume_type: string(255),
    encrypted: initially(false, boolean()),
    encryption_secret_uuid: string(36),
    encryption_format: string(128),
    encryption_options: string(4096),
  },
  {
    unique: {
      uniq_block_device_mapping0uuid: ['uuid'],
    },
    foreignKeys: [references('instance_uuid', 'instances.uuid', 'block_device_mapping_instance_uuid_fkey')],
    indexes: {
      block_device_mapping_instance_uuid_device_name_idx: index(['instance_uuid', 'device_name']),
      block_device_mapping_instance_uuid_idx: index(['instance_uuid']),
      block_device_mapping_instance_uuid_volume_id_idx: index(['instance_uuid', 'volume_id']),
      snapshot_id: index(['snapshot_id']),
      volume_id: index(['volume_id']),
    },
  },
)

export const certificates = defineTable(
  'certificates',
  {
    ...timestamps,
    id: id(),
    user_id: string(255),
    project_id: string(255),
    file_name: string(255),
    deleted: deletedMark(),
  },
  {
    indexes: {
      certificates_project_id_deleted_idx: index(['project_id', 'deleted']),
      certificates_user_id_deleted_idx: index(['user_id', 'deleted']),
    },
  },
)

export const computeNodes = defineTable(
  'compute_nodes',
  {
    ...timestamps,
    id: id(),
    service_id: integer(),
    vcpus: notNull(integer()),
    memory_mb: notNull(integer()),
    local_gb: notNull(integer()),
    vcpus_used: notNull(integer()),
    memory_mb_used: notNull(integer()),
    local_gb_used: notNull(integer()),
    hypervisor_type: notNull(mediumText()),
    hypervisor_version: notNull(integer()),
    cpu_info: notNull(mediumText()),
    disk_available_least: integer(),
    free_ram_mb: integer(),
    free_disk_gb: integer(),
    current_workload: integer(),
    running_vms: integer(),
    hypervisor_hostname: string(255),
    deleted: deletedMark(),
    host_ip: inet(39),
    supported_instances: text(),
    pci_stats: text(),
    metrics: text(),
    extra_resources: text(),
    stats: initially('{}', text()),
    numa_topology: text(),
    host: string(255),
    ram_allocation_ratio: float(),
    cpu_allocation_ratio: float(),
    uuid: string(36),
    disk_allocation_ratio: float(),
    mapped: initially(0, integer()),
  },
  {
    unique: {
      uniq_compute_nodes0host0hypervisor_hostname0deleted: ['host', 'hypervisor_hostname', 'deleted'],
    },
    indexes: {
      compute_nodes_uuid_idx: index(['uuid'], { unique: true }),
    },
  },
)

export const consoleAuthTokens = defineTable(
  'console_auth_tokens',
  {
    created_at: datetime(),
    updated_at: datetime(),
    id: id(),
    token_hash: notNull(string(255)),
    console_type: notNull(string(255)),
    host: notNull(string(255)),
    port: notNull(integer()),
    internal_access_path: string(255),
    instance_uuid: notNull(string(36)),
    expires: notNull(integer()),
    access_url_base: string(255),
  },
  {
    unique: {
      uniq_console_auth_tokens0token_hash: ['token_hash'],
    },
    indexes: {
      console_auth_tokens_host_expires_idx: index(['host', 'expires']),
      console_auth_tokens_instance_uuid_idx: index(['instance_uuid']),
      console_auth_tokens_token_hash_idx: index(['token_hash']),
      console_auth_tokens_token_hash_instance_uuid_idx: index(['token_hash', 'instance_uuid']),
    },
  },
)

export const instanceActions = defineTable(
  'instance_actions',
  {
    ...timestamps,
    id: id(),
    action: string(255),
    instance_uuid: string(36),
    request_id: string(255),
    user_id: string(255),
    project_id: string(255),
    start_time: datetime(),
    finish_time: datetime(),
    message: string(255),
    deleted: deletedMark(),
  },
  {
    foreignKeys: [references('instance_uuid', 'instances.uuid', 'fk_instance_actions_instance_uuid')],
    indexes: {
      instance_actions_instance_uuid_updated_at_idx: index(['instance_uuid', 'updated_at']),
      instance_uuid_idx: index(['instance_uuid']),
      request_id_idx: index(['request_id']),
    },
  },
)

export const instanceActionsEvents = defineTable(
  'instance_actions_events',
  {
    ...timestamps,
    id: id(),
    event: string(255),
    action_id: integer(),
    start_time: datetime(),
    finish_time: datetime(),
    result: string(255),
    traceback: text(),
    deleted: deletedMark(),
    host: string(255),
    details: text(),
  },
  {
    foreignKeys: [references('action_id', 'instance_actions.id')],
  },
)

export const instanceExtra = defineTable(
  'instance_extra',
  {
    ...timestamps,
    deleted: deletedMark(),
    id: id(),
    instance_uuid: notNull(string(36)),
    numa_topology: text(),
    pci_requests: text(),
    flavor: text(),
    vcpu_model: text(),
    migration_context: text(),
    keypairs: text(),
    device_metadata: text(),
    trusted_certs: text(),
    vpmems: text(),
    resources: text(),
  },
  {
    foreignKeys: [references('instance_uuid', 'instances.uuid', 'instance_extra_instance_uuid_fkey')],
    indexes: {
      instance_extra_idx: index(['instance_uuid']),
    },
  },
)

export const instanceFaults = defineTable(
  'instance_faults',
  {
    ...timestamps,
    id: id(),
    instance_uuid: string(36),
    code: notNull(integer()),
    message: string(255),
    details: mediumText(),
    host: string(255),
    deleted: deletedMark(),
  },
  {
    foreignKeys: [references('instance_uuid', 'instances.uuid', 'fk_instance_faults_instance_uuid')],
    indexes: {
      instance_faults_host_idx: index(['host']),
      instance_faults_instance_uuid_deleted_created_at_idx: index(['instance_uuid', 'deleted', 'created_at']),
    },
  },
)

export const instanceIdMappings = defineTable(
  'instance_id_mappings',
  {
    ...timestamps,
    id: id(),
    uuid: notNull(string(36)),
    deleted: deletedMark(),
  },
  {
    indexes: {
      ix_instance_id_mappings_uuid: index(['uuid']),
    },
  },
)

export const instanceInfoCaches = defineTable(
  'instance_info_caches',
  {
    ...timestamps,
    id: id(),
    network_info: mediumText(),
    instance_uuid: notNull(string(36)),
    deleted: deletedMark(),
  },
  {
    unique: {
      uniq_instance_info_caches0instance_uuid: ['instance_uuid'],
    },
    foreignKeys: [references('instance_uuid', 'instances.uuid', 'instance_info_caches_instance_uuid_fkey')],
  },
)

export const instanceMetadata = defineTable(
  'instance_metadata',
  {
    ...timestamps,
    id: id(),
    key: string(255),
    value: string(255),
    instance_uuid: string(36),
    deleted: deletedMark(),
  },
  {
    foreignKeys: [references('instance_uuid', 'instances.uuid', 'instance_metadata_instance_uuid_fkey')],
    indexes: {
      instance_metadata_instance_uuid_idx: index(['instance_uuid']),
    },
  },
)

export const instanceSystemMetadata = defineTable(
  'instance_system_metadata',
  {
    ...timestamps,
    id: id(),
    instance_uuid: notNull(string(36)),
    key: notNull(string(255)),
    value: string(255),
    deleted: deletedMark(),
  },
  {
    foreignKeys: [references('instance_uuid', 'instances.uuid', 'instance_system_metadata_ibfk_1')],
    indexes: {
      instance_uuid: index(['instance_uuid']),
    },
  },
)

export const migrations = defineTable(
  'migrations',
  {
    ...timestamps,
    id: id(),
    source_compute: string(255),
    dest_compute: string(255),
    dest_host: string(255),
    status: string(255),
    instance_uuid: string(36),
    old_instance_type_id: integer(),
    new_instance_type_id: integer(),
    source_node: string(255),
    dest_node: string(255),
    deleted: deletedMark(),
    migration_type: enumeration('migration_type', ['migration', 'resize', 'live-migration', 'evacuation']),
    hidden: initially(false, boolean()),
    memory_total: bigint(),
    memory_processed: bigint(),
    memory_remaining: bigint(),
    disk_total: bigint(),
    disk_processed: bigint(),
    disk_remaining: bigint(),
    uuid: string(36),
    cross_cell_move: initially(false, boolean()),
    user_id: string(255),
    project_id: string(255),
  },
  {
    foreignKeys: [references('instance_uuid', 'instances.uuid', 'fk_migrations_instance_uuid')],
    indexes: {
      migrations_by_host_nodes_and_status_idx: index(['deleted', 'source_compute', 'dest_compute', 'source_node', 'dest_node', 'status'], {
        mysqlLengths: { source_compute: 100, dest_compute: 100, source_node: 100, dest_node: 100 },
      }),
      migrations_instance_uuid_and_status_idx: index(['deleted', 'instance_uuid', 'status']),
      migrations_updated_at_idx: index(['updated_at']),
      migrations_uuid: index(['uuid'], { unique: true }),
    },
  },
)

export const pciDevices = defineTable(
  'pci_devices',
  {
    ...timestamps,
    deleted: deletedMark(),
    id: id(),
    compute_node_id: notNull(integer()),
    address: notNull(string(12)),
    product_id: notNull(string(4)),
    vendor_id: notNull(string(4)),
    dev_type: notNull(string(8)),
    dev_id: string(255),
    label: notNull(string(255)),
    status: notNull(string(36)),
    extra_info: text(),
    instance_uuid: string(36),
    request_id: string(36),
    numa_node: integer(),
    parent_addr: string(12),
    uuid: string(36),
  },
  {
    unique: {
      uniq_pci_devices0compute_node_id0address0deleted: ['compute_node_id', 'address', 'deleted'],
    },
    foreignKeys: [references('compute_node_id', 'compute_nodes.id', 'pci_devices_compute_node_id_fkey')],
    indexes: {
      ix_pci_devices_compute_node_id_deleted: index(['compute_node_id', 'deleted']),
      ix_pci_devices_compute_node_id_parent_addr_deleted: index(['compute_node_id', 'parent_addr', 'deleted']),
      ix_pci_devices_instance_uuid_deleted: index(['instance_uuid', 'deleted']),
    },
  },
)

export const projectUserQuotas = defineTable(
  'project_user_quotas',
  {
    id: id(),
    ...timestamps,
    deleted: deletedMark(),
    user_id: notNull(string(255)),
    project_id: notNull(string(255)),
    resource: notNull(string(255)),
    hard_limit: integer(),
  },
  {
    unique: {
      uniq_project_user_quotas0user_id0project_id0resource0deleted: ['user_id', 'project_id', 'resource', 'deleted'],
    },
    indexes: {
      project_user_quotas_project_id_deleted_idx: index(['project_id', 'deleted']),
      project_user_quotas_user_id_deleted_idx: index(['user_id', 'deleted']),
    },
  },
)

export const quotaClasses = defineTable(
  'quota_classes',
  {
    ...timestamps,
    id: id(),
    class_name: string(255),
    resource: string(255),
    hard_limit: integer(),
    deleted: deletedMark(),
  },
  {
    indexes: {
      ix_quota_classes_class_name: index(['class_name']),
    },
  },
)

export const quotaUsages = defineTable(
  'quota_usages',
  {
    ...timestamps,
    id: id(),
    project_id: string(255),
    resource: notNull(string(255)),
    in_use: notNull(integer()),
    reserved: notNull(integer()),
    until_refresh: integer(),
    deleted: deletedMark(),
    user_id: string(255),
  },
  {
    indexes: {
      ix_quota_usages_project_id: index(['project_id']),
      ix_quota_usages_user_id_deleted: index(['user_id', 'deleted']),
    },
  },
)

export const quotas = defineTable(
  'quotas',
  {
    id: id(),
    ...timestamps,
    project_id: string(255),
    resource: notNull(string(255)),
    hard_limit: integer(),
    deleted: deletedMark(),
  },
  {
    unique: {
      uniq_quotas0project_id0resource0deleted: ['project_id', 'resource', 'deleted'],
    },
  },
)

export const reservations = defineTable(
  'reservations',
  {
    ...timestamps,
    id: id(),
    uuid: notNull(string(36)),
    usage_id: notNull(integer()),
    project_id: string(255),
    resource: string(255),
    delta: notNull(integer()),
    expire: datetime(),
    deleted: deletedMark(),
    user_id: string(255),
  },
  {
    foreignKeys: [references('usage_id', 'quota_usages.id', 'reservations_ibfk_1')],
    indexes: {
      ix_reservations_project_id: index(['project_id']),
      ix_reservations_user_id_deleted: index(['user_id', 'deleted']),
      reservations_deleted_expire_idx: index(['deleted', 'expire']),
      reservations_uuid_idx: index(['uuid']),
      usage_id: index(['usage_id'], { dialects: ['mysql'] }),
    },
  },
)

export const s3Images = defineTable('s3_images', {
  ...timestamps,
  id: id(),
  uuid: notNull(string(36)),
  deleted: integer(),
})

export const securityGroups = defineTable(
  'security_groups',
  {
    ...timestamps,
    id: id(),
    name: string(255),
    description: string(255),
    user_id: string(255),
    project_id: string(255),
    deleted: deletedMark(),
  },
  {
    unique: {
      uniq_security_groups0project_id0name0deleted: ['project_id', 'name', 'deleted'],
    },
  },
)

export const securityGroupInstanceAssociation = defineTable(
  'security_group_instance_association',
  {
    ...timestamps,
    id: id(),
    security_group_id: integer(),
    instance_uuid: string(36),
    deleted: deletedMark(),
  },
  {
    foreignKeys: [
      references('security_group_id', 'security_groups.id', 'security_group_instance_association_ibfk_1'),
      references('instance_uuid', 'instances.uuid', 'security_group_instance_association_instance_uuid_fkey'),
    ],
    indexes: {
      security_group_instance_association_instance_uuid_idx: index(['instance_uuid']),
      security_group_id: index(['security_group_id'], { dialects: ['mysql'] }),
    },
  },
)

export const securityGroupRules = defineTable(
  'security_group_rules',
  {
    ...timestamps,
    id: id(),
    parent_group_id: integer(),
    protocol: string(255),
    from_port: integer(),
    to_port: integer(),
    cidr: inet(43),
    group_id: integer(),
    deleted: deletedMark(),
  },
  {
    foreignKeys: [references('parent_group_id', 'security_groups.id'), references('group_id', 'security_groups.id')],
  },
)

export const services = defineTable(
  'services',
  {
    ...timestamps,
    id: id(),
    host: string(255),
    binary: string(255),
    topic: string(255),
    report_count: initially(0, notNull(integer())),
    disabled: initially(false, boolean()),
    deleted: deletedMark(),
    disabled_reason: string(255),
    last_seen_up: datetime(),
    forced_down: initially(false, boolean()),
    version: initially(0, integer()),
    uuid: string(36),
  },
  {
    unique: {
      uniq_services0host0binary0deleted: ['host', 'binary', 'deleted'],
      uniq_services0host0topic0deleted: ['host', 'topic', 'deleted'],
    },
    indexes: {
      services_uuid_idx: index(['uuid'], { unique: true }),
    },
  },
)

export const tags = defineTable(
  'tags',
  {
    resource_id: notNull(string(36)),
    tag: notNull(string(80)),
  },
  {
    primaryKey: ['resource_id', 'tag'],
    indexes: {
      tags_tag_idx: index(['tag']),
    },
  },
)

export const taskLog = defineTable(
  'task_log',
  {
    ...timestamps,
    id: id(),
    task_name: notNull(string(255)),
    state: notNull(string(255)),
    host: notNull(string(255)),
    period_beginning: notNull(datetime()),
    period_ending: notNull(datetime()),
    message: notNull(string(255)),
    task_items: initially(0, integer()),
    errors: initially(0, integer()),
    deleted: deletedMark(),
  },
  {
    unique: {
      uniq_task_log0task_name0host0period_beginning0period_ending: ['task_name', 'host', 'period_beginning', 'period_ending'],
    },
    indexes: {
      ix_task_log_host: index(['host']),
      ix_task_log_period_beginning: index(['period_beginning']),
      ix_task_log_period_ending: index(['period_ending']),
    },
  },
)

export const virtualInterfaces = defineTable(
  'virtual_interfaces',
  {
    ...timestamps,
    id: id(),
    address: string(255),
    network_id: integer(),
    uuid: string(36),
    instance_uuid: string(36),
    deleted: deletedMark(),
    tag: string(255),
  },
  {
    unique: {
      uniq_virtual_interfaces0address0deleted: ['address', 'deleted'],
    },
    foreignKeys: [references('instance_uuid', 'instances.uuid', 'virtual_interfaces_instance_uuid_fkey')],
    indexes: {
      virtual_interfaces_instance_uuid_fkey: index(['instance_uuid']),
      virtual_interfaces_network_id_idx: index(['network_id']),
      virtual_interfaces_uuid_idx: index(['uuid']),
    },
  },
)

export const volumeUsageCache = defineTable('volume_usage_cache', {
  ...timestamps,
  id: id(),
  volume_id: notNull(string(36)),
  tot_last_refreshed: datetime(),
  tot_reads: bigint(),
  tot_read_bytes: bigint(),
  tot_writes: bigint(),
  tot_write_bytes: bigint(),
  curr_last_refreshed: datetime(),
  curr_reads: bigint(),
  curr_read_bytes: bigint(),
  curr_writes: bigint(),
  curr_write_bytes: bigint(),
  deleted: integer(),
  instance_uuid: string(36),
  project_id: string(36),
  user_id: string(64),
  availability_zone: string(255),
})

/** All of the above, in an order in which they can be created. */
export const cellTables = [
  instances,
  blockDeviceMapping,
  certificates,
  computeNodes,
  consoleAuthTokens,
  instanceActions,
  instanceActionsEvents,
  instanceExtra,
  instanceFaults,
  instanceIdMappings,
  instanceInfoCaches,
  instanceMetadata,
  instanceSystemMetadata,
  migrations,
  pciDevices,
  projectUserQuotas,
  quotaClasses,
  quotaUsages,
  quotas,
  reservations,
  s3Images,
  securityGroups,
  securityGroupInstanceAssociation,
  securityGroupRules,
  services,
  tags,
  taskLog,
  virtualInterfaces,
  volumeUsageCache,
] as const
