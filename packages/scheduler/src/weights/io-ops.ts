import type { HostWeigher } from './weigher.js'

/** By default fewer operations under way are better: the multiplier is below 0. */
export const ioOpsWeigher: HostWeigher = {
  name: 'IoOpsWeigher',
  module: 'io_ops',
  minimum: 0,
  multiplierName: 'io_ops_weight_multiplier',
  multiplier: ({ settings }) => settings.io_ops_weight_multiplier,
  prepare: () => (host) => host.ioOps,
}
