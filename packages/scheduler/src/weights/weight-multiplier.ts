import { leastAggregateNumber } from '../filters/aggregate-metadata.js'
import type { HostState } from '../hosts/host-state.js'
import type { HostWeigher, WeigherDeps } from './weigher.js'

/** How much a weigher counts for a host: what its aggregates say, or else the options. */
export function weightMultiplier(weigher: HostWeigher, host: HostState, deps: WeigherDeps): number {
  const multiplier = leastAggregateNumber(host, weigher.multiplierName, weigher.multiplier(deps), deps.log, 'float')
  return weigher.against ? -multiplier : multiplier
}
