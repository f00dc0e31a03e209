import { novaError } from '@micronova/model'
import type { Allocations, ResourceNeeds } from './compute-placement.js'

type Query = readonly (readonly [name: string, value: string])[]

/** The question for what `needs` says, below `nodeUuid`. One answer is enough. @see nova 26.2.2, `scheduler/utils.py`, `ResourceRequest` */
export function candidatesQuery({ groups, sameSubtree }: ResourceNeeds, nodeUuid: string): Query {
  const ofGroup = ({ id, resources, required }: ResourceNeeds['groups'][number]): [string, string][] => [
    [`in_tree${id}`, nodeUuid],
    ...(required.length === 0 ? [] : [[`required${id}`, [...required].sort().join()] as [string, string]]),
    [
      `resources${id}`,
      Object.entries(resources)
        .map(([name, amount]) => `${name}:${amount}`)
        .sort()
        .join(),
    ],
  ]
  const subtree: [string, string][] = sameSubtree.length === 0 ? [] : [['same_subtree', [...sameSubtree].sort().join()]]
  return [['group_policy', 'none'], ['limit', '1'], ...subtree, ...groups.flatMap(ofGroup)]
}

export function sumOf(present: Allocations, more: Allocations): Allocations {
  return combined(present, more, (a, b) => a + b)
}

/** Classes and providers of which nothing is left are gone. @throws NovaError `AllocationUpdateFailed` if less is there */
export function differenceOf(consumer_uuid: string, present: Allocations, less: Allocations): Allocations {
  const left = combined(present, less, (a, b) => {
    if (a < b) throw novaError('AllocationUpdateFailed', { consumer_uuid, error: 'it has less than is to be taken off' })
    return a - b
  })
  const kept = Object.entries(left).map(
    ([uuid, { resources }]) =>
      [uuid, { resources: Object.fromEntries(Object.entries(resources).filter(([, amount]) => amount > 0)) }] as const,
  )
  return Object.fromEntries(kept.filter(([, { resources }]) => Object.keys(resources).length > 0))
}

function combined(present: Allocations, changes: Allocations, combine: (a: number, b: number) => number): Allocations {
  const result: Record<string, { resources: Record<string, number> }> = {}
  for (const [uuid, { resources }] of Object.entries(present)) result[uuid] = { resources: { ...resources } }
  for (const [uuid, { resources }] of Object.entries(changes)) {
    const own = { ...result[uuid]?.resources }
    for (const [name, amount] of Object.entries(resources)) own[name] = combine(own[name] ?? 0, amount)
    result[uuid] = { resources: own }
  }
  return result
}
