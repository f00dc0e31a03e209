import { NUMACell, NUMAPagesTopology } from '@micronova/model'

/** What follows from the fields of a NUMA node of a host. @see nova 26.2.2, `objects/numa.py`, `NUMACell` */

export function freeCpus(cell: NUMACell): ReadonlySet<number> {
  return new Set([...cell.pcpuset].filter((cpu) => !cell.pinned_cpus.has(cpu)))
}

/** The free threads of each core, ascending. */
export function freeSiblings(cell: NUMACell): readonly (readonly number[])[] {
  const free = freeCpus(cell)
  return cell.siblings.map((threads) => ascending(threads).filter((cpu) => free.has(cpu)))
}

export function freeMemoryMb(cell: NUMACell): number {
  return cell.memory - cell.memory_usage
}

export function hasThreads(cells: readonly NUMACell[]): boolean {
  return cells.some(({ siblings }) => siblings.some((threads) => threads.size > 1))
}

export function smallestPageKb(cell: NUMACell): number {
  return Math.min(...cell.mempages.map(({ size_kb }) => size_kb))
}

/**
 * Does `memoryKb` fit into whole pages of this size?
 *
 * @param options `overcommit`: all pages count, not only the free ones
 * @returns null if the host has no pages of this size
 */
export function fitsPages(cell: NUMACell, sizeKb: number, memoryKb: number, { overcommit = false } = {}): boolean | null {
  const pages = cell.mempages.find(({ size_kb }) => size_kb === sizeKb)
  if (pages === undefined) return null
  const { total, used } = pages
  const reserved = pages.objIsSet('reserved') ? pages.reserved : 0
  return memoryKb <= (overcommit ? total : total - used - reserved) * sizeKb && memoryKb % sizeKb === 0
}

/** A node with the same hardware and `changes`. */
export function cellWith(
  cell: NUMACell,
  changes: Partial<Pick<NUMACell, 'mempages' | 'memory_usage' | 'cpu_usage' | 'pinned_cpus'>>,
): NUMACell {
  const { id, cpuset, pcpuset, memory, mempages, pinned_cpus, siblings, memory_usage, cpu_usage } = cell
  const values = { cpuset, pcpuset, memory, mempages, pinned_cpus, siblings, memory_usage, cpu_usage, ...changes }
  const socket = cell.objIsSet('socket') ? { socket: cell.socket } : {}
  const network = cell.objIsSet('network_metadata') ? { network_metadata: cell.network_metadata } : {}
  return new NUMACell({ ...values, ...socket, ...network, ...{ id } })
}

/** The pages after `memoryMb` of memory in pages of `sizeKb` was taken. */
export function pagesAfter(cell: NUMACell, sizeKb: number, memoryMb: number): NUMAPagesTopology[] {
  return cell.mempages.map((pages) => {
    if (pages.size_kb !== sizeKb) return pages
    const { size_kb, total, used } = pages
    const reserved = pages.objIsSet('reserved') ? pages.reserved : 0
    return new NUMAPagesTopology({ size_kb, total, reserved, used: Math.max(0, Math.trunc(used + (memoryMb * 1024) / size_kb)) })
  })
}

export function ascending(values: Iterable<number>): number[] {
  return [...values].sort((a, b) => a - b)
}
