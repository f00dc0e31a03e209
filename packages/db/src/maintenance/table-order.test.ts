import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cellTables } from '../schema/cell-tables.js'
import { byDepthOfReferences } from './table-order.js'

test('a table comes behind those that it refers to, by name within a depth', () => {
  const names = byDepthOfReferences(cellTables).map(({ name }) => name)
  assert.equal(names.length, cellTables.length)
  assert.deepEqual(names.slice(0, 4), ['certificates', 'compute_nodes', 'console_auth_tokens', 'instance_id_mappings'])
  const at = (name: string) => names.indexOf(name)
  assert.ok(at('volume_usage_cache') < at('block_device_mapping'))
  assert.ok(at('virtual_interfaces') < at('instance_actions_events'))
})
