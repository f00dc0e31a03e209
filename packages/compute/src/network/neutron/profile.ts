import { type BindingProfile, type Port, withoutHostKeys } from '@micronova/clients'
import { bindingProfile } from './vif.js'

/** Where a port is about to go to. */
export const migratingTo = 'migrating_to'

/** The profile of a port that leaves its instance. */
export function unboundProfile(port: Port): BindingProfile {
  return withoutHostKeys(bindingProfile(port))
}

export function without(profile: BindingProfile, keys: readonly string[]): BindingProfile {
  return Object.fromEntries(Object.entries(profile).filter(([key]) => !keys.includes(key)))
}
