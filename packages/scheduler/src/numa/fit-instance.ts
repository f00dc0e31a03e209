import {
  type InstanceNUMACell,
  InstanceNUMATopology,
  type InstancePCIRequest,
  type NetworkMetadata,
  type NUMACell,
  type NUMATopology,
  type NUMATopologyLimits,
} from '@micronova/model'
import type { PciPools } from '../pci/pci-pools.js'
import { fitCell } from './fit-cell.js'
import { freeCpus, freeMemoryMb } from './host-cell.js'

export interface FitOptions {
  /** null: shared CPUs and memory are not looked at. */
  readonly limits: NUMATopologyLimits | null
  readonly requests: readonly InstancePCIRequest[]
  readonly pools: PciPools
  /** `[compute] packing_host_numa_cells_allocation_strategy`: the fullest nodes first. Default: false. */
  readonly pack?: boolean
}

/**
 * The NUMA nodes of a guest on those of a host: the first way in which all of them fit, and the PCI devices and networks are near.
 *
 * @returns null if there is none
 * @see nova 26.2.2, `virt/hardware.py`, `numa_fit_instance_to_host`
 */
export function fitInstance(host: NUMATopology, wanted: InstanceNUMATopology, options: FitOptions): InstanceNUMATopology | null {
  if (host.cells.length < wanted.cells.length) return null
  const { limits, requests, pools } = options
  const network = limits?.objIsSet('network_metadata') ? limits.network_metadata : null
  const policy = wanted.objIsSet('emulator_threads_policy') ? wanted.emulator_threads_policy : null
  const fits = fitter(wanted, limits, policy === 'isolate')
  for (const chosen of permutations(ordered(host, wanted, options), wanted.cells.length)) {
    const cells = fits(chosen)
    if (cells === null) continue
    if (requests.length > 0 && !pools.supports(requests, cells)) continue
    if (network !== null && !supportsNetworks(host.cells, chosen, network)) continue
    return new InstanceNUMATopology({ cells: [...cells], emulator_threads_policy: policy })
  }
  return null
}

/**
 * Whether a guest node fits a host node is found out once for each pair of ids. A guest node that has fitted keeps its id, page
 * size and CPUs for the next try: so does upstream, and two schedulers side by side must agree.
 */
function fitter(wanted: InstanceNUMATopology, limits: NUMATopologyLimits | null, isolatesEmulator: boolean) {
  const cells = wanted.cells.map((cell) => cell.objClone())
  const known = new Map<string, boolean>()
  return (chosen: readonly NUMACell[]): readonly InstanceNUMACell[] | null => {
    for (const [index, cell] of cells.entries()) {
      const on = chosen[index]!
      const key = `${on.id} ${cell.id}`
      const fits = known.get(key) ?? fitCell(on, cell, limits, isolatesEmulator && index === 0 ? 1 : 0)
      known.set(key, fits)
      if (!fits) return null
      cell.id = on.id
    }
    return cells
  }
}

/** Where there is a choice: by free memory, then CPUs, then PCI devices, each more important than the one before. */
function ordered(host: NUMATopology, wanted: InstanceNUMATopology, { pools, requests, pack = false }: FitOptions): readonly NUMACell[] {
  if (host.cells.length <= wanted.cells.length) return host.cells
  const way = pack ? 1 : -1
  const isShared = [null, 'shared'].includes(wanted.cells[0]?.cpu_policy ?? null)
  const byCpus = isShared
    ? (a: NUMACell, b: NUMACell) => -way * (a.cpu_usage - b.cpu_usage)
    : (a: NUMACell, b: NUMACell) => way * (freeCpus(a).size - freeCpus(b).size)
  const devices = new Map<unknown, number>()
  for (const { count, properties } of pools.pools) devices.set(properties.numa_node, (devices.get(properties.numa_node) ?? 0) + count)
  const devicesOf = ({ id }: NUMACell) => (devices.get(id) ?? 0) * (requests.length > 0 ? -1 : 1)
  return [...host.cells]
    .sort((a, b) => way * (freeMemoryMb(a) - freeMemoryMb(b)))
    .sort(byCpus)
    .sort((a, b) => devicesOf(a) - devicesOf(b))
}

/** All ways to choose `length` of `items` in an order, first items first. */
function* permutations<T>(items: readonly T[], length: number): Generator<readonly T[]> {
  if (length === 0) {
    yield []
    return
  }
  for (const [index, item] of items.entries())
    for (const rest of permutations(
      items.filter((_, other) => other !== index),
      length - 1,
    ))
      yield [item, ...rest]
}

/** A network that is near some node of the host must be near one that is chosen. */
function supportsNetworks(all: readonly NUMACell[], chosen: readonly NUMACell[], wanted: NetworkMetadata): boolean {
  const near = (cells: readonly NUMACell[], isNear: (network: NetworkMetadata) => boolean) =>
    cells.some((cell) => cell.objIsSet('network_metadata') && isNear(cell.network_metadata))
  const fine = (isNear: (network: NetworkMetadata) => boolean) => near(chosen, isNear) || !near(all, isNear)
  const physnets = wanted.objIsSet('physnets') ? [...wanted.physnets] : []
  const isTunneled = wanted.objIsSet('tunneled') && wanted.tunneled
  return physnets.every((name) => fine((network) => network.physnets.has(name))) && (!isTunneled || fine(({ tunneled }) => tunneled))
}
