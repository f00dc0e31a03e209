import { boolean, datetime, enumeration, float, id, initially, integer, mediumText, notNull, string, text } from './columns.js'
import { defineTable, index, references } from './table.js'

/**
 * Tables of the API database that Nova 26.2.2 has a model for, parents before children. None of them marks deletions: rows go.
 *
 * @see nova 26.2.2, `db/api/migrations/versions`, whose outcome they are; the tests compare it on SQLite and MariaDB
 */

const times = { created_at: datetime(), updated_at: datetime() } as const

export const cellMappings = defineTable(
  'cell_mappings',
  {
    ...times,
    id: id(),
    uuid: notNull(string(36)),
    name: string(255),
    transport_url: text(),
    database_connection: text(),
    disabled: initially(false, boolean()),
  },
  {
    unique: { uniq_cell_mappings0uuid: ['uuid'] },
    indexes: { uuid_idx: index(['uuid']) },
  },
)

export const hostMappings = defineTable(
  'host_mappings',
  {
    ...times,
    id: id(),
    cell_id: notNull(integer()),
    host: notNull(string(255)),
  },
  {
    unique: { uniq_host_mappings0host: ['host'] },
    foreignKeys: [references('cell_id', 'cell_mappings.id')],
    indexes: { host_idx: index(['host']) },
  },
)

export const instanceMappings = defineTable(
  'instance_mappings',
  {
    ...times,
    id: id(),
    instance_uuid: notNull(string(36)),
    cell_id: integer(),
    project_id: notNull(string(255)),
    queued_for_delete: boolean(),
    user_id: string(255),
  },
  {
    unique: { uniq_instance_mappings0instance_uuid: ['instance_uuid'] },
    foreignKeys: [references('cell_id', 'cell_mappings.id')],
    indexes: {
      project_id_idx: index(['project_id']),
      instance_mappings_user_id_project_id_idx: index(['user_id', 'project_id']),
      instance_uuid_idx: index(['instance_uuid']),
    },
  },
)

export const flavors = defineTable(
  'flavors',
  {
    ...times,
    name: notNull(string(255)),
    id: id(),
    memory_mb: notNull(integer()),
    vcpus: notNull(integer()),
    swap: notNull(initially(0, integer())),
    vcpu_weight: integer(),
    flavorid: notNull(string(255)),
    rxtx_factor: initially(1, float()),
    root_gb: integer(),
    ephemeral_gb: integer(),
    disabled: initially(false, boolean()),
    is_public: initially(true, boolean()),
    description: text(),
  },
  {
    unique: { uniq_flavors0flavorid: ['flavorid'], uniq_flavors0name: ['name'] },
  },
)

export const flavorExtraSpecs = defineTable(
  'flavor_extra_specs',
  {
    ...times,
    id: id(),
    flavor_id: notNull(integer()),
    key: notNull(string(255)),
    value: string(255),
  },
  {
    unique: { uniq_flavor_extra_specs0flavor_id0key: ['flavor_id', 'key'] },
    foreignKeys: [references('flavor_id', 'flavors.id')],
    indexes: { flavor_extra_specs_flavor_id_key_idx: index(['flavor_id', 'key']) },
  },
)

export const flavorProjects = defineTable(
  'flavor_projects',
  {
    ...times,
    id: id(),
    flavor_id: notNull(integer()),
    project_id: notNull(string(255)),
  },
  {
    unique: { uniq_flavor_projects0flavor_id0project_id: ['flavor_id', 'project_id'] },
    foreignKeys: [references('flavor_id', 'flavors.id')],
  },
)

export const requestSpecs = defineTable(
  'request_specs',
  {
    ...times,
    id: id(),
    instance_uuid: notNull(string(36)),
    spec: notNull(mediumText()),
  },
  {
    unique: { uniq_request_specs0instance_uuid: ['instance_uuid'] },
    indexes: { request_spec_instance_uuid_idx: index(['instance_uuid']) },
  },
)

export const buildRequests = defineTable(
  'build_requests',
  {
    ...times,
    id: id(),
    project_id: notNull(string(255)),
    instance_uuid: string(36),
    instance: mediumText(),
    block_device_mappings: mediumText(),
    tags: text(),
  },
  {
    unique: { uniq_build_requests0instance_uuid: ['instance_uuid'] },
    indexes: { build_requests_instance_uuid_idx: index(['instance_uuid']), build_requests_project_id_idx: index(['project_id']) },
  },
)

export const keyPairs = defineTable(
  'key_pairs',
  {
    ...times,
    id: id(),
    name: notNull(string(255)),
    user_id: notNull(string(255)),
    fingerprint: string(255),
    public_key: text(),
    type: notNull(enumeration('keypair_types', ['ssh', 'x509'], { default: 'ssh' })),
  },
  {
    unique: { uniq_key_pairs0user_id0name: ['user_id', 'name'] },
  },
)

export const aggregates = defineTable(
  'aggregates',
  {
    ...times,
    id: id(),
    uuid: string(36),
    name: string(255),
  },
  {
    unique: { uniq_aggregate0name: ['name'] },
    indexes: { aggregate_uuid_idx: index(['uuid']) },
  },
)

export const aggregateHosts = defineTable(
  'aggregate_hosts',
  {
    ...times,
    id: id(),
    host: string(255),
    aggregate_id: notNull(integer()),
  },
  {
    unique: { uniq_aggregate_hosts0host0aggregate_id: ['host', 'aggregate_id'] },
    foreignKeys: [references('aggregate_id', 'aggregates.id')],
  },
)

export const aggregateMetadata = defineTable(
  'aggregate_metadata',
  {
    ...times,
    id: id(),
    aggregate_id: notNull(integer()),
    key: notNull(string(255)),
    value: notNull(string(255)),
  },
  {
    unique: { uniq_aggregate_metadata0aggregate_id0key: ['aggregate_id', 'key'] },
    foreignKeys: [references('aggregate_id', 'aggregates.id')],
    indexes: { aggregate_metadata_key_idx: index(['key']) },
  },
)

export const instanceGroups = defineTable(
  'instance_groups',
  {
    ...times,
    id: id(),
    user_id: string(255),
    project_id: string(255),
    uuid: notNull(string(36)),
    name: string(255),
  },
  {
    unique: { uniq_instance_groups0uuid: ['uuid'] },
  },
)

export const instanceGroupPolicy = defineTable(
  'instance_group_policy',
  {
    ...times,
    id: id(),
    policy: string(255),
    group_id: notNull(integer()),
    rules: text(),
  },
  {
    foreignKeys: [references('group_id', 'instance_groups.id')],
    indexes: { instance_group_policy_policy_idx: index(['policy']) },
  },
)

export const instanceGroupMember = defineTable(
  'instance_group_member',
  {
    ...times,
    id: id(),
    instance_uuid: string(255),
    group_id: notNull(integer()),
  },
  {
    foreignKeys: [references('group_id', 'instance_groups.id')],
    indexes: { instance_group_member_instance_idx: index(['instance_uuid']) },
  },
)

export const quotaClasses = defineTable(
  'quota_classes',
  {
    ...times,
    id: id(),
    class_name: string(255),
    resource: string(255),
    hard_limit: integer(),
  },
  {
    indexes: { quota_classes_class_name_idx: index(['class_name']) },
  },
)

export const quotaUsages = defineTable(
  'quota_usages',
  {
    ...times,
    id: id(),
    project_id: string(255),
    resource: notNull(string(255)),
    in_use: notNull(integer()),
    reserved: notNull(integer()),
    until_refresh: integer(),
    user_id: string(255),
  },
  {
    indexes: { quota_usages_project_id_idx: index(['project_id']), quota_usages_user_id_idx: index(['user_id']) },
  },
)

export const quotas = defineTable(
  'quotas',
  {
    id: id(),
    ...times,
    project_id: string(255),
    resource: notNull(string(255)),
    hard_limit: integer(),
  },
  {
    unique: { uniq_quotas0project_id0resource: ['project_id', 'resource'] },
  },
)

export const projectUserQuotas = defineTable(
  'project_user_quotas',
  {
    id: id(),
    ...times,
    user_id: notNull(string(255)),
    project_id: notNull(string(255)),
    resource: notNull(string(255)),
    hard_limit: integer(),
  },
  {
    unique: { uniq_project_user_quotas0user_id0project_id0resource: ['user_id', 'project_id', 'resource'] },
    indexes: { project_user_quotas_project_id_idx: index(['project_id']), project_user_quotas_user_id_idx: index(['user_id']) },
  },
)

export const reservations = defineTable(
  'reservations',
  {
    ...times,
    id: id(),
    uuid: notNull(string(36)),
    usage_id: notNull(integer()),
    project_id: string(255),
    resource: string(255),
    delta: notNull(integer()),
    expire: datetime(),
    user_id: string(255),
  },
  {
    foreignKeys: [references('usage_id', 'quota_usages.id')],
    indexes: {
      reservations_uuid_idx: index(['uuid']),
      reservations_user_id_idx: index(['user_id']),
      reservations_project_id_idx: index(['project_id']),
      reservations_expire_idx: index(['expire']),
    },
  },
)

export const apiTables = [
  cellMappings,
  hostMappings,
  instanceMappings,
  flavors,
  flavorExtraSpecs,
  flavorProjects,
  requestSpecs,
  buildRequests,
  keyPairs,
  aggregates,
  aggregateHosts,
  aggregateMetadata,
  instanceGroups,
  instanceGroupPolicy,
  instanceGroupMember,
  quotaClasses,
  quotaUsages,
  quotas,
  projectUserQuotas,
  reservations,
] as const
