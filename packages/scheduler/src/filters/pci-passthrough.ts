import { type HostFilter, passesAll } from './filter.js'

/** Hosts with the PCI devices that are asked for. */
export const pciPassthroughFilter: HostFilter = {
  name: 'PciPassthroughFilter',
  module: 'pci_passthrough_filter',
  oncePerRequest: false,
  onRebuild: false,
  prepare: (spec) => {
    const requests = (spec.objIsSet('pci_requests') ? spec.pci_requests?.requests : null) ?? []
    return requests.length === 0 ? passesAll : (host) => host.pciPools.supports(requests)
  },
}
