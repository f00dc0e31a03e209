import type { Inventories, Inventory } from '@micronova/clients'
import type { ComputeNode } from '@micronova/model'
import type { ResourceSection } from '../resource-tracker/options.js'

/**
 * What Placement may give away of a node. A ratio that is not configured stays what it is in Placement, where an operator
 * may have set it; only a resource that is not there yet gets the initial one.
 *
 * @param stored what Placement has of the node at present
 * @see nova 26.2.2, `virt/fake.py` and `virt/libvirt/driver.py`, `update_provider_tree`
 */
export function nodeInventories(
  { vcpus, memory_mb, local_gb }: Pick<ComputeNode, 'vcpus' | 'memory_mb' | 'local_gb'>,
  options: ResourceSection,
  stored: Inventories,
): Inventories {
  const ratio = (kind: 'cpu' | 'ram' | 'disk', resourceClass: string) =>
    options[`${kind}_allocation_ratio`] || (stored[resourceClass]?.allocation_ratio ?? options[`initial_${kind}_allocation_ratio`])
  const all = {
    VCPU: inventory(vcpus, ratio('cpu', 'VCPU'), options.reserved_host_cpus),
    MEMORY_MB: inventory(memory_mb, ratio('ram', 'MEMORY_MB'), options.reserved_host_memory_mb),
    DISK_GB: inventory(local_gb, ratio('disk', 'DISK_GB'), Math.ceil(options.reserved_host_disk_mb / 1024)),
  }
  // Placement knows no inventory of nothing.
  return Object.fromEntries(Object.entries(all).filter(([, { total }]) => total > 0))
}

function inventory(total: number, allocationRatio: number, reserved: number): Inventory {
  return { total, min_unit: 1, max_unit: total, step_size: 1, allocation_ratio: allocationRatio, reserved }
}

/** Placement adds what was left out of an inventory: only what is said is compared. */
export function haveInventoriesChanged(stored: Inventories, wanted: Inventories): boolean {
  const classes = Object.keys(wanted)
  if (classes.length !== Object.keys(stored).length) return true
  return classes.some((name) => {
    const before: Inventory | undefined = stored[name]
    return before === undefined || Object.entries(wanted[name]!).some(([field, value]) => before[field as keyof Inventory] !== value)
  })
}
