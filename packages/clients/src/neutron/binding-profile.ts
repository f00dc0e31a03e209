import type { BindingProfile } from './types.js'

/**
 * What a profile says of the host and its devices; everything else is of others and stays when the port leaves them.
 *
 * @see nova 26.2.2, `network/neutron.py`, `_unbind_ports`
 */
const hostKeys: readonly string[] = [
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

/** The profile of a port that leaves its host. */
export function withoutHostKeys(profile: BindingProfile): BindingProfile {
  return Object.fromEntries(Object.entries(profile).filter(([key]) => !hostKeys.includes(key)))
}
