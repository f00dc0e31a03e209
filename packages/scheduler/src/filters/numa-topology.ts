import { extraSpecsOf, imageProperty, NUMATopologyLimits, type RequestSpec } from '@micronova/model'
import type { HostState } from '../hosts/host-state.js'
import { fitInstance } from '../numa/fit-instance.js'
import { hasThreads } from '../numa/host-cell.js'
import { type HostFilter, passesAll } from './filter.js'

/** Hosts whose NUMA nodes take those of the instance, with its CPUs, pages, PCI devices and networks. It leaves its limits at the host. */
export const numaTopologyFilter: HostFilter = {
  name: 'NUMATopologyFilter',
  module: 'numa_topology_filter',
  oncePerRequest: false,
  onRebuild: false,
  prepare: (spec) => {
    const wanted = spec.objIsSet('numa_topology') ? spec.numa_topology : null
    const needsThreads = wantsThreads(spec)
    if (wanted === null && !needsThreads) return passesAll
    const requests = (spec.objIsSet('pci_requests') ? spec.pci_requests?.requests : null) ?? []
    return (host) => {
      const topology = host.numaTopology
      if (topology !== null && needsThreads && !hasThreads(topology.cells)) return false
      if (wanted === null || wanted.cells.length === 0) return true
      if (topology === null || topology.cells.length === 0) return false
      const limits = limitsOf(host, spec)
      if (fitInstance(topology, wanted, { limits, requests, pools: host.pciPools, pack: host.packNumaCells }) === null) return false
      host.numaLimits = limits
      return true
    }
  },
}

function wantsThreads(spec: RequestSpec): boolean {
  const image = spec.objIsSet('image') ? spec.image : null
  const specs = extraSpecsOf(spec.flavor)
  const asks = (key: string, word: string) => specs[`hw:${key}`] === word || imageProperty(image, `hw_${key}`) === word
  return asks('cpu_policy', 'dedicated') && asks('cpu_thread_policy', 'require')
}

function limitsOf(host: HostState, spec: RequestSpec): NUMATopologyLimits {
  const { cpu_allocation_ratio, ram_allocation_ratio } = host.facts.node
  const limits = new NUMATopologyLimits({ cpu_allocation_ratio, ram_allocation_ratio })
  if (spec.objIsSet('network_metadata')) limits.network_metadata = spec.network_metadata
  return limits
}
