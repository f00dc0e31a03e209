import { type Column, enumeration, string } from './columns.js'
import { defineTable, type Table } from './table.js'

/** Not soft deleted, hence nothing to archive. */
const withoutShadow = new Set([
  'tags',
  'console_auth_tokens',
  'resource_providers',
  'inventories',
  'allocations',
  'resource_provider_aggregates',
])

/** Where a shadow's column differs from the original's: slips of old migrations that upstream keeps. */
const differences: Readonly<Record<string, Readonly<Record<string, Column>>>> = {
  instances: { locked_by: enumeration('shadow_instances0locked_by', ['owner', 'admin']) },
  key_pairs: { name: string(255) },
  pci_devices: {
    deleted: { kind: 'integer', notNull: true },
    product_id: string(4),
    vendor_id: string(4),
    dev_type: string(8),
  },
}

/**
 * The twin into which `nova-manage db archive_deleted_rows` moves soft-deleted rows: the same columns, no index, no constraint.
 * `null` where upstream makes none.
 */
export function shadowOf(table: Table): Table | null {
  if (withoutShadow.has(table.name)) return null
  const { primaryKey, mysqlCollation } = table
  const columns = { ...table.columns, ...differences[table.name] }
  return defineTable(`shadow_${table.name}`, columns, { primaryKey, ...(mysqlCollation === undefined ? {} : { mysqlCollation }) })
}
