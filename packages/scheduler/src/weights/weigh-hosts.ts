import type { RequestSpec } from '@micronova/model'
import type { HostState } from '../hosts/host-state.js'
import type { HostWeigher, WeigherDeps } from './weigher.js'
import { weightMultiplier } from './weight-multiplier.js'

export interface WeighedHost {
  readonly host: HostState
  readonly weight: number
}

/**
 * The hosts, best first. The weights of each weigher are stretched over 0 to 1 before they are added up.
 *
 * @see nova 26.2.2, `weights.py`, `BaseWeightHandler`
 */
export function weighHosts(
  weighers: readonly HostWeigher[],
  hosts: readonly HostState[],
  spec: RequestSpec,
  deps: WeigherDeps,
): readonly WeighedHost[] {
  if (hosts.length <= 1) return hosts.map((host) => ({ host, weight: 0 }))
  const sums = new Array<number>(hosts.length).fill(0)
  for (const weigher of weighers) {
    const weights = normalized(hosts.map(weigher.prepare(spec, deps)), weigher.minimum)
    if (weights === null) continue
    for (const [index, weight] of weights.entries()) sums[index]! += weightMultiplier(weigher, hosts[index]!, deps) * weight
  }
  return hosts.map((host, index) => ({ host, weight: sums[index]! })).sort((a, b) => b.weight - a.weight)
}

/** null: they are all the same, and none counts. */
function normalized(weights: number[], minimum: number | undefined): readonly number[] | null {
  if (minimum !== undefined) for (const [index, weight] of weights.entries()) weights[index] = Math.max(weight, minimum)
  let least = minimum ?? Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const weight of weights) {
    if (weight < least) least = weight
    if (weight > most) most = weight
  }
  return least === most ? null : weights.map((weight) => (weight - least) / (most - least))
}
