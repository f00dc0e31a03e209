import type { HostWeigher } from './weigher.js'

/** More free CPUs are better, overcommitted ones included. */
export const cpuWeigher: HostWeigher = {
  name: 'CPUWeigher',
  module: 'cpu',
  minimum: 0,
  multiplierName: 'cpu_weight_multiplier',
  multiplier: ({ settings }) => settings.cpu_weight_multiplier,
  prepare:
    () =>
    ({ facts, vcpusUsed }) =>
      facts.cpus - vcpusUsed,
}
