import type { RequestSpec } from '@micronova/model'
import type { ProviderMappings } from './network-api.js'

/** Which providers the scheduler chose for the ports of the request; null if nobody said. */
export function providerMappingsOf(spec: RequestSpec | null): ProviderMappings | null {
  const groups = spec?.objIsSet('requested_resources') ? spec.requested_resources : null
  if (groups === null || groups === undefined) return null
  return Object.fromEntries(groups.flatMap(({ requester_id: id, provider_uuids: uuids }) => (id === null ? [] : [[id, uuids]])))
}
