import type { HostWeigher } from './weigher.js'

/** From here on a host has devices enough: they are not told apart. */
const many = 100

/** Hosts with PCI devices are kept for instances that want some, and those with the fewest are filled first. */
export const pciWeigher: HostWeigher = {
  name: 'PCIWeigher',
  module: 'pci',
  multiplierName: 'pci_weight_multiplier',
  multiplier: ({ settings }) => settings.pci_weight_multiplier,
  prepare: () => (host) => many - Math.min(host.freePciDevices, many - 1),
}
