import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultsOf } from '../../test/support/tracker-fixture.js'
import { resourceOptions } from '../resource-tracker/options.js'
import { haveInventoriesChanged, nodeInventories } from './inventory.js'

const node = { vcpus: 8, memory_mb: 16384, local_gb: 100 }
const defaults = defaultsOf(resourceOptions)

test('a node that Placement does not know gets the initial ratios', () => {
  assert.deepEqual(nodeInventories(node, defaults, {}), {
    VCPU: { total: 8, min_unit: 1, max_unit: 8, step_size: 1, allocation_ratio: 16, reserved: 0 },
    MEMORY_MB: { total: 16384, min_unit: 1, max_unit: 16384, step_size: 1, allocation_ratio: 1.5, reserved: 512 },
    DISK_GB: { total: 100, min_unit: 1, max_unit: 100, step_size: 1, allocation_ratio: 1, reserved: 0 },
  })
})

test('a ratio that somebody set in Placement stays, unless one is configured', () => {
  const stored = { VCPU: { total: 8, allocation_ratio: 3 }, MEMORY_MB: { total: 1, allocation_ratio: 2 } }
  const options = { ...defaults, ram_allocation_ratio: 1.25, disk_allocation_ratio: 0 }
  const { VCPU, MEMORY_MB, DISK_GB } = nodeInventories(node, options, stored)
  assert.deepEqual([VCPU?.allocation_ratio, MEMORY_MB?.allocation_ratio, DISK_GB?.allocation_ratio], [3, 1.25, 1])
})

test('what the host keeps for itself is reserved, a begun gibibyte of disk wholly', () => {
  const options = { ...defaults, reserved_host_cpus: 2, reserved_host_memory_mb: 1024, reserved_host_disk_mb: 1025 }
  const { VCPU, MEMORY_MB, DISK_GB } = nodeInventories(node, options, {})
  assert.deepEqual([VCPU?.reserved, MEMORY_MB?.reserved, DISK_GB?.reserved], [2, 1024, 2])
})

test('there is no inventory of what a node has nothing of', () => {
  assert.deepEqual(Object.keys(nodeInventories({ ...node, local_gb: 0 }, defaults, {})), ['VCPU', 'MEMORY_MB'])
})

test('inventories differ by what is said of them, not by what Placement adds', () => {
  const wanted = nodeInventories(node, defaults, {})
  const stored = { ...wanted, VCPU: { ...wanted.VCPU!, created_at: 'then' } }
  assert.equal(haveInventoriesChanged(stored, wanted), false)
  assert.equal(haveInventoriesChanged({ ...stored, VCPU: { ...wanted.VCPU!, total: 7 } }, wanted), true)
  assert.equal(haveInventoriesChanged({}, wanted), true)
  assert.equal(haveInventoriesChanged({ ...stored, CUSTOM_X: { total: 1 } }, wanted), true)
  assert.equal(haveInventoriesChanged({ VCPU: wanted.VCPU!, MEMORY_MB: wanted.MEMORY_MB!, CUSTOM_X: { total: 1 } }, wanted), true)
})
