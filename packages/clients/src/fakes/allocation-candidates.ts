import type { AllocationCandidates, AllocationRequest, ProviderSummary, QueryPairs } from '../placement/types.js'
import { capacityOf, type PlacementState, type Refuse } from './placement-state.js'

/**
 * The candidates of a request without groups: each provider that has all of `resources` by itself, in the order of their creation.
 * Understands `required` and `root_required` (`!TRAIT`, `in:A,B`), `member_of` (`in:`, `!`), `in_tree`, `limit`.
 */
export function allocationCandidates(state: PlacementState, query: QueryPairs, refuse: Refuse): AllocationCandidates {
  const values = (name: string) => query.filter(([key]) => key === name).map(([, value]) => value)
  const unknown = query.find(([key]) => !known.has(key))
  if (unknown !== undefined) throw refuse(400, `FakePlacement does not understand '${unknown[0]}'`)
  const resources = Object.fromEntries((values('resources')[0] ?? '').split(',').map(amountOf))
  const fits = [...state.providers.keys()].filter(
    (uuid) =>
      hasRoom(state, uuid, resources) &&
      [...values('required'), ...values('root_required')].every((wanted) => hasTraits(state.traits.get(uuid) ?? [], wanted)) &&
      values('member_of').every((wanted) => isMember(state.aggregates.get(uuid) ?? [], wanted)) &&
      values('in_tree').every((root) => state.provider(uuid).root_provider_uuid === root),
  )
  const taken = fits.slice(0, Number(values('limit')[0] ?? fits.length))
  const request = (uuid: string): AllocationRequest => ({ allocations: { [uuid]: { resources } }, mappings: { '': [uuid] } })
  return {
    allocation_requests: taken.map(request),
    provider_summaries: Object.fromEntries(taken.map((uuid) => [uuid, summaryOf(state, uuid)])),
  }
}

const known = new Set(['resources', 'required', 'root_required', 'member_of', 'in_tree', 'limit', 'group_policy'])

function amountOf(text: string): [string, number] {
  const [name = '', amount] = text.split(':')
  return [name, Number(amount)]
}

function hasRoom(state: PlacementState, uuid: string, resources: Readonly<Record<string, number>>): boolean {
  const usages = state.usages(uuid)
  return Object.entries(resources).every(([name, amount]) => {
    const inventory = state.inventories.get(uuid)?.[name]
    if (inventory === undefined || amount < inventory.min_unit || amount > inventory.max_unit || amount % inventory.step_size !== 0)
      return false
    return (usages[name] ?? 0) + amount <= capacityOf(inventory)
  })
}

function hasTraits(traits: readonly string[], wanted: string): boolean {
  if (wanted.startsWith('in:'))
    return wanted
      .slice(3)
      .split(',')
      .some((name) => traits.includes(name))
  return wanted.split(',').every((name) => (name.startsWith('!') ? !traits.includes(name.slice(1)) : traits.includes(name)))
}

function isMember(aggregates: readonly string[], wanted: string): boolean {
  if (wanted.startsWith('!')) return !isMember(aggregates, wanted.slice(1))
  return wanted
    .replace(/^in:/, '')
    .split(',')
    .some((uuid) => aggregates.includes(uuid))
}

function summaryOf(state: PlacementState, uuid: string): ProviderSummary {
  const { parent_provider_uuid, root_provider_uuid } = state.provider(uuid)
  const usages = state.usages(uuid)
  const resources = Object.entries(state.inventories.get(uuid) ?? {}).map(
    ([name, inventory]) => [name, { capacity: Math.floor(capacityOf(inventory)), used: usages[name] ?? 0 }] as const,
  )
  return { resources: Object.fromEntries(resources), traits: state.traits.get(uuid) ?? [], parent_provider_uuid, root_provider_uuid }
}
