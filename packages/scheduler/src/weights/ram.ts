import type { HostWeigher } from './weigher.js'

/** More free memory is better. */
export const ramWeigher: HostWeigher = {
  name: 'RAMWeigher',
  module: 'ram',
  minimum: 0,
  multiplierName: 'ram_weight_multiplier',
  multiplier: ({ settings }) => settings.ram_weight_multiplier,
  prepare: () => (host) => host.freeRamMb,
}
