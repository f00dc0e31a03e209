import type { Port } from '@micronova/clients'
import { type Instance, novaError } from '@micronova/model'
import type { PortAllocations, PortNeeds, ProviderMappings } from '../network-api.js'
import { bindingProfile } from './vif.js'

type Dict = Readonly<Record<string, unknown>>

const nothing: PortNeeds = { groups: [], sameSubtree: [] }

/**
 * What a port needs beyond itself. An older Neutron says it in one dict, which is a group named after the port.
 *
 * @param hasGroups Neutron has the extension `port-resource-request-groups`
 */
export function needsOf(port: Port, hasGroups: boolean): PortNeeds {
  const request = (port.resource_request ?? {}) as Dict
  if (!hasGroups) return Object.keys(request).length === 0 ? nothing : { groups: [groupOf(port.id, request)], sameSubtree: [] }
  const groups = (Array.isArray(request.request_groups) ? request.request_groups : []) as Dict[]
  const sameSubtree = Array.isArray(request.same_subtree) ? request.same_subtree.map(String) : []
  return { groups: groups.map((group) => groupOf(String(group.id), group)), sameSubtree }
}

function groupOf(id: string, { resources, required }: Dict): PortNeeds['groups'][number] {
  return {
    id,
    resources: (resources ?? {}) as Readonly<Record<string, number>>,
    required: Array.isArray(required) ? required.map(String) : [],
  }
}

/**
 * Who provides what the port needs, as Neutron's agents read it in its profile: one provider, or one for each group.
 *
 * @returns null if it needs nothing
 * @throws NovaError `PortUpdateFailed`: nobody said who does
 */
export function allocationOf(port: Port, hasGroups: boolean, mappings: ProviderMappings | null | undefined): unknown {
  const { groups } = needsOf(port, hasGroups)
  if (groups.length === 0) return null
  const provider = (id: string) => {
    const [uuid] = mappings?.[id] ?? []
    if (uuid !== undefined) return uuid
    const reason = 'Provider mappings are not available to the compute service but are required for ports with a resource request.'
    throw novaError('PortUpdateFailed', { port_id: port.id, reason })
  }
  return hasGroups ? Object.fromEntries(groups.map(({ id }) => [id, provider(id)])) : provider(port.id)
}

/** What a bound port has of whom, from its needs and its profile. */
export function allocationsOf(port: Port, hasGroups: boolean): PortAllocations {
  const { allocation } = bindingProfile(port)
  const providers = (typeof allocation === 'string' ? { [port.id]: allocation } : (allocation ?? {})) as Readonly<Record<string, string>>
  return Object.fromEntries(
    needsOf(port, hasGroups).groups.flatMap(({ id, resources }) => {
      const provider = providers[id]
      return provider === undefined ? [] : [[provider, { resources }]]
    }),
  )
}

/** A claim for a port that nobody can make. */
export function refuseClaim(instance: Instance): never {
  throw novaError('InterfaceAttachResourceAllocationFailed', { instance_uuid: instance.uuid })
}
