import { type InstanceNUMACell, type InstanceNUMATopology, type NUMACell, NUMATopology } from '@micronova/model'
import { cellWith, pagesAfter, smallestPageKb } from './host-cell.js'

/**
 * The host after the guest was placed on it; without a guest as it is.
 *
 * @see nova 26.2.2, `virt/hardware.py`, `numa_usage_from_instance_numa`
 */
export function withUsage(host: NUMATopology, guest: InstanceNUMATopology | null): NUMATopology {
  if (guest === null) return host
  const cells = host.cells.map((cell) => guest.cells.filter(({ id }) => id === cell.id).reduce(taken, cell))
  return new NUMATopology({ cells })
}

function taken(host: NUMACell, guest: InstanceNUMACell): NUMACell {
  const pinned = new Set(host.pinned_cpus)
  if (guest.cpu_policy === 'dedicated' || guest.cpu_policy === 'mixed') for (const cpu of pinnedBy(host, guest)) pinned.add(cpu)
  const page = (guest.objIsSet('pagesize') && guest.pagesize) || (host.mempages.length > 0 ? smallestPageKb(host) : 0)
  return cellWith(host, {
    mempages: pagesAfter(host, page, guest.memory),
    memory_usage: host.memory_usage + guest.memory,
    cpu_usage: host.cpu_usage + guest.cpuset.size,
    pinned_cpus: pinned,
  })
}

/** With the policy `isolate` the other threads of their cores as well. */
function pinnedBy(host: NUMACell, guest: InstanceNUMACell): readonly number[] {
  const cpus = [...Object.values(guest.cpu_pinning_raw ?? {}), ...(guest.cpuset_reserved ?? [])]
  if (guest.cpu_thread_policy !== 'isolate') return cpus
  return host.siblings.filter((core) => cpus.some((cpu) => core.has(cpu))).flatMap((core) => [...core])
}
