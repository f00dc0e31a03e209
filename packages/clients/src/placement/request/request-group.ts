import type { Logger } from '@micronova/log'
import { pythonInt, type RequestGroup } from '@micronova/model'
import { isResourceClass } from './standard-names.js'

/**
 * What one provider shall have; the group without an id: what the providers of a tree shall have together.
 *
 * @see nova 26.2.2, `objects/request_spec.py`, `RequestGroup`
 */
export class ResourceGroup {
  /** Also the suffix of its parameters in the query. */
  readonly id: string | null
  readonly resources = new Map<string, number>()
  readonly requiredTraits = new Set<string>()
  readonly forbiddenTraits = new Set<string>()
  readonly forbiddenAggregates = new Set<string>()
  /** One aggregate of each list. */
  aggregates: readonly (readonly string[])[] = []
  /** Uuid of a provider in whose tree all must be. */
  inTree: string | null = null

  constructor(id: string | null) {
    this.id = id
  }

  static of(group: RequestGroup): ResourceGroup {
    const copy = new ResourceGroup(group.requester_id)
    for (const [name, amount] of Object.entries(group.resources)) copy.resources.set(name, amount)
    for (const trait of group.required_traits) copy.requiredTraits.add(trait)
    for (const trait of group.forbidden_traits) copy.forbiddenTraits.add(trait)
    for (const uuid of group.forbidden_aggregates) copy.forbiddenAggregates.add(uuid)
    copy.aggregates = group.aggregates
    copy.inTree = group.in_tree
    return copy
  }

  /** A class or an amount that cannot be is left out, with a warning. */
  addResource(name: string, amount: string | number, log: Logger): void {
    if (!isResourceClass(name)) {
      log.warning(`Received an invalid ResourceClass '${name}' in extra_specs.`)
      return
    }
    const number = typeof amount === 'number' ? amount : pythonInt(amount)
    if (number === null || number < 0) log.warning(`Resource amounts must be nonnegative integers. Received '${amount}'`)
    else this.resources.set(name, number)
  }

  addTrait(name: string, kind: string, log: Logger): void {
    if (kind === 'required') this.requiredTraits.add(name)
    else if (kind === 'forbidden') this.forbiddenTraits.add(name)
    else log.warning(`Only (required, forbidden) traits are supported. Received '${kind}'.`)
  }

  get isEmpty(): boolean {
    const { resources, requiredTraits, forbiddenTraits, aggregates, forbiddenAggregates } = this
    return resources.size + requiredTraits.size + forbiddenTraits.size + aggregates.length + forbiddenAggregates.size === 0
  }

  stripZeros(): void {
    for (const [name, amount] of this.resources) if (amount === 0) this.resources.delete(name)
  }

  /** Its part of the query for allocation candidates. */
  toPairs(): [string, string][] {
    const suffix = this.id ?? ''
    const amounts = [...this.resources].map(([name, amount]) => `${name}:${amount}`).sort()
    const pairs: [string, string][] = [[`resources${suffix}`, amounts.join(',')]]
    const traits = [...[...this.requiredTraits].sort(), ...[...this.forbiddenTraits].sort().map((trait) => `!${trait}`)]
    if (traits.length > 0) pairs.push([`required${suffix}`, traits.join(',')])
    for (const list of this.aggregates) pairs.push([`member_of${suffix}`, `in:${[...list].sort().join(',')}`])
    if (this.inTree !== null) pairs.push([`in_tree${suffix}`, this.inTree])
    if (this.forbiddenAggregates.size > 0) pairs.push([`member_of${suffix}`, `!in:${[...this.forbiddenAggregates].sort().join(',')}`])
    return pairs
  }
}
