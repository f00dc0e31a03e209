import type { Aggregate, InstanceNUMATopology, NUMATopology, NUMATopologyLimits, RequestSpec, SurveyedService } from '@micronova/model'
import { fitInstance } from '../numa/fit-instance.js'
import { withUsage } from '../numa/usage.js'
import type { PciPools } from '../pci/pci-pools.js'
import type { HostFacts, Metric } from './host-facts.js'

export interface HostStateParts {
  readonly facts: HostFacts
  readonly service: SurveyedService
  readonly cellUuid: string
  readonly aggregates: readonly Aggregate[]
  /** Uuids of instances on the host; null: none that matters. Shared with what the computes tell: one that is being placed is added. */
  readonly instances: Set<string> | null
  /** `[compute] packing_host_numa_cells_allocation_strategy`: the fullest NUMA nodes first. Default: false. */
  readonly packNumaCells?: boolean
}

/**
 * A host as one request sees it: each instance that the request places takes from it.
 *
 * @see nova 26.2.2, `scheduler/host_manager.py`, `HostState`
 */
export class HostState {
  readonly facts: HostFacts
  readonly service: SurveyedService
  readonly cellUuid: string
  readonly aggregates: readonly Aggregate[]
  readonly packNumaCells: boolean
  /** How far the NUMA nodes may be overcommitted, once the NUMATopologyFilter has looked at the host. */
  numaLimits: NUMATopologyLimits | null = null
  freeRamMb: number
  freeDiskMb: number
  vcpusUsed: number
  numInstances: number
  ioOps: number
  #topology: NUMATopology | null | undefined
  #pools: PciPools | undefined
  #instances: Set<string> | null

  constructor({ facts, service, cellUuid, aggregates, instances, packNumaCells = false }: HostStateParts) {
    this.facts = facts
    this.service = service
    this.cellUuid = cellUuid
    this.aggregates = aggregates
    this.#instances = instances
    this.packNumaCells = packNumaCells
    this.freeRamMb = facts.freeRamMb
    this.freeDiskMb = facts.freeDiskMb
    this.vcpusUsed = facts.vcpusUsed
    this.numInstances = facts.numInstances
    this.ioOps = facts.ioOps
  }

  get instances(): ReadonlySet<string> {
    return this.#instances ?? noInstances
  }

  addInstance(uuid: string): void {
    this.#instances ??= new Set()
    this.#instances.add(uuid)
  }

  get freePciDevices(): number {
    return this.#pools === undefined ? this.facts.freePciDevices : this.#pools.free
  }

  get uuid(): string {
    return this.facts.uuid
  }

  get host(): string {
    return this.facts.host
  }

  get nodename(): string {
    return this.facts.nodename
  }

  get numaTopology(): NUMATopology | null {
    return this.#topology === undefined ? this.facts.numaTopology : this.#topology
  }

  get pciPools(): PciPools {
    return this.#pools ?? this.facts.pciPools
  }

  get metrics(): readonly Metric[] {
    return this.facts.metrics
  }

  /** As in upstream's log. */
  toString(): string {
    const { host, nodename, freeRamMb, freeDiskMb, ioOps, numInstances } = this
    return `(${host}, ${nodename}) ram: ${freeRamMb}MB disk: ${freeDiskMb}MB io_ops: ${ioOps} instances: ${numInstances}`
  }

  /** An instance of the request is placed here. The NUMA nodes that it gets stand in the request afterwards. */
  consume(spec: RequestSpec): void {
    const { flavor } = spec
    this.freeRamMb -= flavor.memory_mb
    this.freeDiskMb -= (flavor.root_gb + flavor.ephemeral_gb) * 1024
    this.vcpusUsed += flavor.vcpus
    this.numInstances += 1
    const requests = spec.objIsSet('pci_requests') ? (spec.pci_requests?.requests ?? []) : []
    this.#consumeNuma(spec, requests)
    if (requests.length > 0) {
      const pools = this.pciPools.clone(this.numaTopology)
      pools.take(requests, numaOf(spec)?.cells ?? null)
      this.#pools = pools
    }
    this.ioOps += 1
  }

  #consumeNuma(spec: RequestSpec, requests: Parameters<PciPools['take']>[0]): void {
    const topology = this.numaTopology
    const wanted = numaOf(spec)
    if (topology === null || topology.cells.length === 0 || wanted === null) return
    const fitted = fitInstance(topology, wanted, { limits: this.numaLimits, requests, pools: this.pciPools, pack: this.packNumaCells })
    spec.numa_topology = fitted
    this.#topology = withUsage(topology, fitted)
  }
}

/** Shared by all hosts without: most of ten thousand have none that matters. */
const noInstances: ReadonlySet<string> = new Set()

function numaOf(spec: RequestSpec): InstanceNUMATopology | null {
  const topology = spec.objIsSet('numa_topology') ? spec.numa_topology : null
  return topology === null || topology.cells.length === 0 ? null : topology
}
