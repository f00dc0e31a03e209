import { type ComputeNode, NUMATopology } from '@micronova/model'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import { PciPools } from '../pci/pci-pools.js'

/** A value of one moment of a metric. */
export interface Metric {
  readonly name: string
  readonly value: number
}

/**
 * The record of a compute node as the scheduler uses it. It never changes: another state of the record is another object.
 * What few requests look at is parsed when one does, once.
 */
export class HostFacts {
  readonly node: ComputeNode
  readonly uuid: string
  readonly host: string
  readonly nodename: string
  readonly stats: Readonly<Record<string, string | null>>
  /** Architecture, hypervisor type and vm mode of each kind of guest. */
  readonly supportedInstances: readonly (readonly string[])[]
  readonly freeRamMb: number
  readonly freeDiskMb: number
  readonly vcpusUsed: number
  /** With overcommitment. */
  readonly cpus: number
  /** False until the compute has counted what is in use: its record was just made. */
  readonly isUsable: boolean
  readonly numInstances: number
  readonly ioOps: number
  readonly failedBuilds: number
  readonly #registry: ObjectRegistry
  #topology: NUMATopology | null | undefined
  #pools: PciPools | undefined
  #freePciDevices: number | undefined
  #metrics: readonly Metric[] | undefined

  constructor(node: ComputeNode, registry: ObjectRegistry) {
    this.node = node
    this.#registry = registry
    this.uuid = node.uuid
    this.host = node.host ?? ''
    this.nodename = node.hypervisor_hostname ?? ''
    this.stats = (node.objIsSet('stats') ? node.stats : null) ?? {}
    this.supportedInstances = node.objIsSet('supported_hv_specs')
      ? node.supported_hv_specs.map(({ arch, hv_type, vm_mode }) => [arch, hv_type, vm_mode])
      : []
    this.freeRamMb = node.free_ram_mb ?? 0
    this.vcpusUsed = node.vcpus_used
    this.cpus = node.vcpus * node.cpu_allocation_ratio
    this.isUsable = node.objIsSet('free_disk_gb') && node.free_disk_gb !== null
    this.freeDiskMb = Math.min(node.free_disk_gb ?? 0, node.disk_available_least ?? Number.POSITIVE_INFINITY) * 1024
    this.numInstances = this.#stat('num_instances')
    this.ioOps = this.#stat('io_workload')
    this.failedBuilds = this.#stat('failed_builds')
  }

  #stat(name: string): number {
    return Math.trunc(Number(this.stats[name] ?? 0)) || 0
  }

  /** The NUMA nodes of the host; null if it has told of none. */
  get numaTopology(): NUMATopology | null {
    if (this.#topology === undefined) {
      const text = this.node.objIsSet('numa_topology') ? this.node.numa_topology : null
      const object = text ? this.#registry.fromPrimitive(JSON.parse(text)) : null
      this.#topology = object instanceof NUMATopology ? object : null
    }
    return this.#topology
  }

  /** To be cloned before anything is taken out of it. */
  get pciPools(): PciPools {
    if (this.#pools === undefined) {
      const pools = this.node.objIsSet('pci_device_pools') ? this.node.pci_device_pools : null
      this.#pools = PciPools.of(pools?.objects ?? [], this.numaTopology)
    }
    return this.#pools
  }

  get freePciDevices(): number {
    this.#freePciDevices ??= this.pciPools.free
    return this.#freePciDevices
  }

  get metrics(): readonly Metric[] {
    this.#metrics ??= metricsOf(this.node.objIsSet('metrics') ? this.node.metrics : null)
    return this.#metrics
  }
}

/** A list of metrics as it is kept: a JSON list of dicts. @see nova 26.2.2, `objects/monitor_metric.py`, `from_json` */
function metricsOf(text: string | null): readonly Metric[] {
  const stored: unknown = text ? JSON.parse(text) : []
  if (!Array.isArray(stored)) return []
  const list = stored.filter((item) => typeof item?.name === 'string')
  return list.map(({ name, value }) => ({ name, value: Number(value) }))
}
