import { boolFromString, type InstanceNUMACell, type InstancePCIRequest, type NUMATopology, type PciDevicePool } from '@micronova/model'

/** Devices of a host that are alike: vendor, product, NUMA node and tags, as they are compared with what is asked for. */
export interface PciPool {
  count: number
  readonly properties: Readonly<Record<string, unknown>>
}

/**
 * The free PCI devices of a host, as far as a scheduler must know them.
 *
 * @see nova 26.2.2, `pci/stats.py`, `PciDeviceStats`
 */
export class PciPools {
  #pools: PciPool[]
  readonly #topology: NUMATopology | null

  constructor(pools: readonly PciPool[], topology: NUMATopology | null) {
    this.#pools = pools.map((pool) => ({ ...pool }))
    this.#topology = topology
  }

  static of(pools: readonly PciDevicePool[], topology: NUMATopology | null): PciPools {
    const flat = pools.map((pool) => ({ count: pool.count, properties: propertiesOf(pool) }))
    const size = ({ properties }: PciPool) => Object.keys(properties).length
    return new PciPools(
      flat.sort((a, b) => size(a) - size(b)),
      topology,
    )
  }

  get pools(): readonly PciPool[] {
    return this.#pools
  }

  clone(topology = this.#topology): PciPools {
    return new PciPools(this.#pools, topology)
  }

  /** Free devices of all kinds. */
  get free(): number {
    return total(this.#pools)
  }

  /** Could all requests be met together? Nothing is taken. */
  supports(requests: readonly InstancePCIRequest[], cells: readonly InstanceNUMACell[] | null = null): boolean {
    const copy = this.clone()
    return copy.take(requests, cells)
  }

  /** Takes the devices of all requests. False: one cannot be met, and those before it have been taken. */
  take(requests: readonly InstancePCIRequest[], cells: readonly InstanceNUMACell[] | null = null): boolean {
    return requests.every((request) => this.#takeOne(request, cells))
  }

  #takeOne(request: InstancePCIRequest, cells: readonly InstanceNUMACell[] | null): boolean {
    const fitting = this.#fitting(request, cells)
    if (fitting.length === 0) return false
    let left = request.count
    for (const pool of fitting) {
      const taken = Math.min(left, pool.count)
      if (pool.count > left) pool.count -= left
      else this.#pools = this.#pools.filter((other) => other !== pool)
      left -= taken
      if (left === 0) break
    }
    return true
  }

  /** None if they have too few devices together. */
  #fitting(request: InstancePCIRequest, cells: readonly InstanceNUMACell[] | null): readonly PciPool[] {
    let pools: readonly PciPool[] = this.#pools.filter((pool) => request.spec.some((wanted) => hasProperties(pool, wanted)))
    if (total(pools) < request.count) return []
    pools = this.#near(pools, request, cells)
    if (total(pools) < request.count) return []
    const unwanted = ['type-PF', 'vdpa'].filter((type) => request.spec.every((wanted) => wanted.dev_type !== type))
    pools = pools.filter(({ properties }) => !unwanted.some((type) => properties.dev_type === type))
    if (!request.spec.some((wanted) => boolFromString(wanted.remote_managed)))
      pools = pools.filter(({ properties }) => !boolFromString(properties.remote_managed))
    return total(pools) < request.count ? [] : pools
  }

  /** Those near enough to the NUMA nodes of the guest, by the policy of the request; the nearest that are enough. */
  #near(pools: readonly PciPool[], request: InstancePCIRequest, cells: readonly InstanceNUMACell[] | null): readonly PciPool[] {
    if (cells === null || cells.length === 0) return pools
    const policy = (request.objIsSet('numa_policy') ? request.numa_policy : null) ?? 'legacy'
    const ids = cells.map(({ id }) => id)
    const nodeOf = ({ properties }: PciPool) => properties.numa_node ?? null
    const isOn = (pool: PciPool) => ids.some((id) => id === nodeOf(pool))
    const onNodes = pools.filter(isOn)
    if (policy === 'required' || total(onNodes) >= request.count) return onNodes
    if (policy === 'socket') return this.#onSockets(pools, ids)
    const orAnywhere = pools.filter((pool) => isOn(pool) || nodeOf(pool) === null)
    if (policy === 'legacy' || total(orAnywhere) >= request.count) return orAnywhere
    return [...onNodes, ...pools.filter((pool) => !isOn(pool))]
  }

  #onSockets(pools: readonly PciPool[], ids: readonly number[]): readonly PciPool[] {
    const cells = this.#topology?.cells ?? []
    const socketOf = (cell: (typeof cells)[number]) => (cell.objIsSet('socket') ? cell.socket : null)
    if (cells.some((cell) => socketOf(cell) === null)) return []
    const sockets = cells.filter(({ id }) => ids.includes(id)).map(socketOf)
    const nodes = cells.filter((cell) => sockets.includes(socketOf(cell))).map(({ id }) => id)
    return pools.filter(({ properties }) => nodes.some((node) => node === properties.numa_node))
  }
}

function total(pools: readonly PciPool[]): number {
  return pools.reduce((sum, { count }) => sum + count, 0)
}

function propertiesOf(pool: PciDevicePool): Readonly<Record<string, unknown>> {
  const { vendor_id, product_id } = pool
  const numaNode = pool.objIsSet('numa_node') ? { numa_node: pool.numa_node } : {}
  return { vendor_id, product_id, ...numaNode, ...(pool.objIsSet('tags') ? pool.tags : {}) }
}

function hasProperties({ properties }: PciPool, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([name, value]) => lower(properties[name] ?? null) === lower(value))
}

const lower = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value)
