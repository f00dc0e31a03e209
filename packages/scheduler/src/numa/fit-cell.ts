import type { InstanceNUMACell, NUMACell, NUMATopologyLimits } from '@micronova/model'
import { fitsPages, freeCpus, freeMemoryMb, smallestPageKb } from './host-cell.js'
import { packOntoCores } from './pack-cores.js'

/** What a flavor asks for in place of a size in KiB. */
const smallPages = -1
const largePages = -2
const anyPages = -3

/**
 * Does the NUMA node of a guest fit a node of the host? It gets its page size and the CPUs of the host.
 *
 * @param reserve CPUs wanted beside, for the emulator
 * @see nova 26.2.2, `virt/hardware.py`, `_numa_fit_instance_cell`
 */
export function fitCell(host: NUMACell, guest: InstanceNUMACell, limits: NUMATopologyLimits | null, reserve: number): boolean {
  const page = pageOf(host, guest)
  if (page === null) return false
  if (page !== 'default') guest.pagesize = page
  const isPinned = guest.cpu_policy === 'dedicated' || guest.cpu_policy === 'mixed'
  const isShared = guest.cpu_policy !== 'dedicated'
  const dedicated = isPinned ? guest.pcpuset.size + reserve : 0
  if (dedicated > host.pcpuset.size || dedicated > freeCpus(host).size) return false
  if (isShared && guest.cpuset.size > host.cpuset.size) return false
  if (isPinned) {
    if (guest.memory > freeMemoryMb(host)) return false
    const packing = packOntoCores(host, guest, reserve)
    if (packing === null) return false
    guest.cpu_pinning_raw = { ...packing.pinning }
    guest.cpuset_reserved = packing.reserved === null ? null : new Set(packing.reserved)
  }
  return !isShared || limits === null || isWithin(host, guest, limits)
}

function isWithin(host: NUMACell, guest: InstanceNUMACell, limits: NUMATopologyLimits): boolean {
  const cpus = host.cpu_usage + guest.cpuset.size
  const memory = host.memory_usage + guest.memory
  return cpus <= host.cpuset.size * limits.cpu_allocation_ratio && memory <= host.memory * limits.ram_allocation_ratio
}

/** The page size that the guest gets, `default` if it asked for none; null: its memory does not fit. */
function pageOf(host: NUMACell, guest: InstanceNUMACell): number | 'default' | null {
  const memoryKb = guest.memory * 1024
  const wanted = guest.objIsSet('pagesize') ? guest.pagesize : null
  if (wanted) return pagesFor(host, wanted).find((size) => fitsPages(host, size, memoryKb)) ?? null
  const fits =
    host.mempages.length > 0 ? fitsPages(host, smallestPageKb(host), memoryKb, { overcommit: true }) : guest.memory <= host.memory
  return fits ? 'default' : null
}

/** The sizes that are fine, largest first. */
function pagesFor(host: NUMACell, wanted: number): readonly number[] {
  const sizes = host.mempages.map(({ size_kb }) => size_kb).sort((a, b) => b - a)
  if (wanted === smallPages) return sizes.slice(-1)
  if (wanted === largePages) return sizes.slice(0, -1)
  return wanted === anyPages ? sizes : [wanted]
}
