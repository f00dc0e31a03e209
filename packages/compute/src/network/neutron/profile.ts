import type { BindingProfile, Port } from '@micronova/clients'
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
