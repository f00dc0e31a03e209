import type { Inventories } from '@micronova/clients'
import type { ComputeNode } from '@micronova/model'
import { ProviderConfigInvalid } from '../../errors.js'
import { everyNode, type ProviderConfig } from './provider-config.js'

export interface Additions {
  readonly inventories: Inventories
  readonly traits: readonly string[]
}

const nothing: Additions = { inventories: {}, traits: [] }

/**
 * What the configurations add to the provider of a node. One that names it, by uuid or name, stands before the one for every node.
 *
 * @param own inventories of the driver, which no file may change
 * @throws ProviderConfigInvalid
 * @see nova 26.2.2, `compute/resource_tracker.py`, `_merge_provider_configs`
 */
export function additionsOf(
  configs: readonly ProviderConfig[],
  { uuid, hypervisor_hostname: name }: Pick<ComputeNode, 'uuid' | 'hypervisor_hostname'>,
  own: Inventories,
): Additions {
  const named = configs.filter(({ provider }) => provider === uuid || provider === name)
  const [found, other] = named.length > 0 ? named : configs.filter(({ provider }) => provider === everyNode)
  if (found === undefined) return nothing
  if (other !== undefined)
    throw new ProviderConfigInvalid(other.file, `node ${name} is meant by its name and by its uuid ${uuid}, in ${found.file} as well`)
  const taken = Object.keys(found.inventories).filter((resourceClass) => resourceClass in own)
  if (taken.length > 0) throw new ProviderConfigInvalid(found.file, `the inventories of ${taken.join(', ')} are the driver's`)
  return { inventories: found.inventories, traits: found.traits }
}

/** Configurations that mean none of these nodes. */
export function strangers(
  configs: readonly ProviderConfig[],
  nodes: Iterable<Pick<ComputeNode, 'uuid' | 'hypervisor_hostname'>>,
): readonly ProviderConfig[] {
  const known = new Set<string | null>([everyNode])
  for (const { uuid, hypervisor_hostname: name } of nodes) known.add(uuid).add(name)
  return configs.filter(({ provider }) => !known.has(provider))
}
