import type { Flavor } from '@micronova/model'
import { novaError, type RequestSpec, type Selection } from '@micronova/model'

/**
 * Write into the resource groups of the request which providers serve them on the selected host.
 *
 * @see nova 26.2.2, `scheduler/utils.py`, `fill_provider_mapping`
 */
export function fillProviderMapping(spec: RequestSpec, selection: Selection): void {
  const groups = (spec.objIsSet('requested_resources') ? spec.requested_resources : null) ?? []
  if (groups.length === 0) return
  const { mappings } = JSON.parse(selection.allocation_request ?? '{}') as { readonly mappings?: Readonly<Record<string, string[]>> }
  for (const group of groups) {
    const providers = mappings?.[group.requester_id ?? '']
    if (providers === undefined)
      throw novaError('NoValidHost', { reason: `Placement did not say which provider serves ${group.requester_id}` })
    group.provider_uuids = providers
  }
}

/** By requester, the providers that serve it. */
export function providerMapping(spec: RequestSpec): ReadonlyMap<string, readonly string[]> {
  const groups = (spec.objIsSet('requested_resources') ? spec.requested_resources : null) ?? []
  return new Map(groups.flatMap(({ requester_id, provider_uuids }) => (requester_id === null ? [] : [[requester_id, provider_uuids]])))
}

/** Devices are Cyborg's, which nobody here talks to: such a request is refused, not built without them. */
export function refuseAccelerators(flavor: Flavor): void {
  const profile = flavor.objIsSet('extra_specs') ? flavor.extra_specs['accel:device_profile'] : undefined
  if (profile) throw novaError('AcceleratorRequestOpFailed', { op: 'create', msg: `device profile ${profile}: there is no Cyborg here` })
}
