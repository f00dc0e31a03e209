import { datetime, float, id, integer, notNull, string } from './columns.js'
import type { Table } from './table.js'
import { defineTable, index, references } from './table.js'

/** Tables of Placement, from when it was part of Nova. They are made and never used. */

const times = { created_at: datetime(), updated_at: datetime() } as const

const projects = defineTable(
  'projects',
  {
    id: id(),
    external_id: notNull(string(255)),
    ...times,
  },
  {
    unique: { uniq_projects0external_id: ['external_id'] },
    mysqlCharset: 'latin1',
  },
)

const users = defineTable(
  'users',
  {
    id: id(),
    external_id: notNull(string(255)),
    ...times,
  },
  {
    unique: { uniq_users0external_id: ['external_id'] },
    mysqlCharset: 'latin1',
  },
)

const resourceClasses = defineTable(
  'resource_classes',
  {
    id: id(),
    name: notNull(string(255)),
    ...times,
  },
  {
    unique: { uniq_resource_classes0name: ['name'] },
    mysqlCharset: 'latin1',
  },
)

const resourceProviders = defineTable(
  'resource_providers',
  {
    ...times,
    id: id(),
    uuid: notNull(string(36)),
    name: string(200, { mysqlCharset: 'utf8 COLLATE utf8_bin' }),
    generation: integer(),
    can_host: integer(),
    root_provider_id: integer(),
    parent_provider_id: integer(),
  },
  {
    unique: { uniq_resource_providers0uuid: ['uuid'], uniq_resource_providers0name: ['name'] },
    foreignKeys: [references('root_provider_id', 'resource_providers.id'), references('parent_provider_id', 'resource_providers.id')],
    indexes: {
      resource_providers_name_idx: index(['name']),
      resource_providers_uuid_idx: index(['uuid']),
      resource_providers_root_provider_id_idx: index(['root_provider_id']),
      resource_providers_parent_provider_id_idx: index(['parent_provider_id']),
    },
    mysqlCharset: 'latin1',
  },
)

const inventories = defineTable(
  'inventories',
  {
    ...times,
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
    unique: { uniq_inventories0resource_provider_resource_class: ['resource_provider_id', 'resource_class_id'] },
    indexes: {
      inventories_resource_provider_id_idx: index(['resource_provider_id']),
      inventories_resource_provider_resource_class_idx: index(['resource_provider_id', 'resource_class_id']),
      inventories_resource_class_id_idx: index(['resource_class_id']),
    },
    mysqlCharset: 'latin1',
  },
)

const traits = defineTable(
  'traits',
  {
    ...times,
    id: id(),
    name: notNull(string(255, { mysqlCharset: 'utf8 COLLATE utf8_bin' })),
  },
  {
    unique: { uniq_traits0name: ['name'] },
    mysqlCharset: 'latin1',
  },
)

const allocations = defineTable(
  'allocations',
  {
    ...times,
    id: id(),
    resource_provider_id: notNull(integer()),
    consumer_id: notNull(string(36)),
    resource_class_id: notNull(integer()),
    used: notNull(integer()),
  },
  {
    indexes: {
      allocations_resource_class_id_idx: index(['resource_class_id']),
      allocations_resource_provider_class_used_idx: index(['resource_provider_id', 'resource_class_id', 'used']),
      allocations_consumer_id_idx: index(['consumer_id']),
    },
    mysqlCharset: 'latin1',
  },
)

const consumers = defineTable(
  'consumers',
  {
    ...times,
    id: id(),
    uuid: notNull(string(36)),
    project_id: notNull(integer()),
    user_id: notNull(integer()),
    generation: notNull({ ...integer(), default: '0' }),
  },
  {
    unique: { uniq_consumers0uuid: ['uuid'] },
    indexes: {
      consumers_project_id_user_id_uuid_idx: index(['project_id', 'user_id', 'uuid']),
      consumers_project_id_uuid_idx: index(['project_id', 'uuid']),
    },
    mysqlCharset: 'latin1',
  },
)

const resourceProviderAggregates = defineTable(
  'resource_provider_aggregates',
  {
    ...times,
    resource_provider_id: notNull(integer()),
    aggregate_id: notNull(integer()),
  },
  {
    primaryKey: ['resource_provider_id', 'aggregate_id'],
    indexes: { resource_provider_aggregates_aggregate_id_idx: index(['aggregate_id']) },
    mysqlCharset: 'latin1',
  },
)

const resourceProviderTraits = defineTable(
  'resource_provider_traits',
  {
    ...times,
    trait_id: notNull(integer()),
    resource_provider_id: notNull(integer()),
  },
  {
    primaryKey: ['trait_id', 'resource_provider_id'],
    foreignKeys: [references('resource_provider_id', 'resource_providers.id'), references('trait_id', 'traits.id')],
    indexes: { resource_provider_traits_resource_provider_trait_idx: index(['resource_provider_id', 'trait_id']) },
    mysqlCharset: 'latin1',
  },
)

const placementAggregates = defineTable(
  'placement_aggregates',
  {
    ...times,
    id: id(),
    uuid: string(36),
  },
  {
    unique: { uniq_placement_aggregates0uuid: ['uuid'] },
    indexes: { ix_placement_aggregates_uuid: index(['uuid']) },
    mysqlCharset: 'latin1',
  },
)

export const legacyApiTables: readonly Table[] = [
  projects,
  users,
  resourceClasses,
  resourceProviders,
  inventories,
  traits,
  allocations,
  consumers,
  resourceProviderAggregates,
  resourceProviderTraits,
  placementAggregates,
]
