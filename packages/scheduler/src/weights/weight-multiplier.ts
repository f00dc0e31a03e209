import { leastAggregateNumber } from '../filters/aggregate-metadata.js'
import type { HostState } from '../hosts/host-state.js'
import type { HostWeigher, WeigherDeps } from './weigher.js'

/**
 * How much a weigher counts for a host: what its aggregates say, or else the options.
 *
 * @param host null: one without aggregates
 */
export function weightMultiplier(weigher: HostWeigher, host: HostState | null, deps: WeigherDeps): number {
  const usual = weigher.multiplier(deps)
  const multiplier = host === null ? usual : leastAggregateNumber(host, weigher.multiplierName, usual, deps.log, 'float')
  return weigher.against ? -multiplier : multiplier
}
