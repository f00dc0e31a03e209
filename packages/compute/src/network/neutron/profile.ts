import type { BindingProfile, Port } from '@micronova/clients'
import { novaError } from '@micronova/model'
import type { ProviderMappings } from '../network-api.js'
import { resourceGroups } from './checks.js'
import { bindingProfile } from './vif.js'

/** Where a port is about to go to. */
export const migratingTo = 'migrating_to'

/** What a profile says of the host and its devices; everything else is of others and stays. */
const hostKeys = [
  'pci_vendor_info',
  'pci_slot',
  'allocation',
  'arq_uuid',
  'physical_network',
  'card_serial_number',
  'vf_num',
  'pf_mac_address',
  'device_mac_address',
]

/** The profile of a port that leaves its instance. */
export function unboundProfile(port: Port): BindingProfile {
  return without(bindingProfile(port), hostKeys)
}

export function without(profile: BindingProfile, keys: readonly string[]): BindingProfile {
  return Object.fromEntries(Object.entries(profile).filter(([key]) => !keys.includes(key)))
}

/**
 * Who provides what the port needs, as Neutron's agents read it: one provider, or one for each group.
 *
 * @returns null if it needs nothing
 * @throws NovaError `PortUpdateFailed`: nobody said who does
 */
export function allocationOf(port: Port, hasGroups: boolean, mappings: ProviderMappings | null | undefined): unknown {
  const groups = resourceGroups(port, hasGroups)
  if (groups.length === 0) return null
  const provider = (id: string) => {
    const [uuid] = mappings?.[id] ?? []
    if (uuid !== undefined) return uuid
    const reason = 'Provider mappings are not available to the compute service but are required for ports with a resource request.'
    throw novaError('PortUpdateFailed', { port_id: port.id, reason })
  }
  return hasGroups ? Object.fromEntries(groups.map(({ id }) => [id, provider(id)])) : provider(port.id)
}
