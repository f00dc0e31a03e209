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
  const sums = new Float64Array(hosts.length)
  const weights = new Float64Array(hosts.length)
  for (const weigher of weighers) {
    const weigh = weigher.prepare(spec, deps)
    for (let index = 0; index < hosts.length; index += 1) weights[index] = weigh(hosts[index]!)
    if (!normalize(weights, weigher.minimum)) continue
    const usual = weightMultiplier(weigher, null, deps)
    for (let index = 0; index < hosts.length; index += 1) {
      const host = hosts[index]!
      // Asked for each host and weigher: only aggregates say otherwise.
      const multiplier = host.aggregates.length === 0 ? usual : weightMultiplier(weigher, host, deps)
      sums[index]! += multiplier * weights[index]!
    }
  }
  return bestFirst(hosts, sums)
}

/** False: they are all the same, and none counts. */
function normalize(weights: Float64Array, minimum: number | undefined): boolean {
  let least = minimum ?? Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (let index = 0; index < weights.length; index += 1) {
    const weight = minimum === undefined ? weights[index]! : Math.max(weights[index]!, minimum)
    weights[index] = weight
    if (weight < least) least = weight
    if (weight > most) most = weight
  }
  if (least === most) return false
  for (let index = 0; index < weights.length; index += 1) weights[index] = (weights[index]! - least) / (most - least)
  return true
}

/** Equal ones keep their order. Numbers alone are sorted, which takes a tenth of the time of sorting hosts by them. */
function bestFirst(hosts: readonly HostState[], weights: Float64Array): readonly WeighedHost[] {
  const weighed = hosts.map((host, index) => ({ host, weight: weights[index]! }))
  if (weights.some(Number.isNaN)) return weighed.sort((a, b) => b.weight - a.weight)
  const ascending = weights.slice().sort()
  /** How many of the weight that begins at this place have found theirs. */
  const taken = new Uint32Array(ascending.length)
  const order = new Array<WeighedHost>(weighed.length)
  for (const one of weighed) {
    const end = firstAbove(ascending, one.weight)
    order[ascending.length - end + taken[end - 1]!++] = one
  }
  return order
}

/** The first place in `ascending` with more than `weight`. */
function firstAbove(ascending: Float64Array, weight: number): number {
  let [low, high] = [0, ascending.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! > weight) high = middle
    else low = middle + 1
  }
  return low
}
