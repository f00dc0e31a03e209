/** Nova places nothing on a provider with it. */
export const disabledTrait = 'COMPUTE_STATUS_DISABLED'

/** By it anybody finds the providers that are computes. */
const nodeTrait = 'COMPUTE_NODE'

/**
 * The traits that a node should have. Those that are nobody's here stay: an operator may have set them.
 *
 * @param abilities every trait that the driver owns, and whether it has it
 * @param isDisabled null: not known; what is there stays
 * @see nova 26.2.2, `compute/resource_tracker.py`, `_get_traits`
 */
export function nodeTraits(
  stored: ReadonlySet<string>,
  abilities: ReadonlyMap<string, boolean>,
  isDisabled: boolean | null,
): ReadonlySet<string> {
  const traits = new Set(stored)
  for (const [trait, has] of abilities) setTrait(traits, trait, has)
  // It takes a device of the host, and no host has any.
  traits.delete('COMPUTE_REMOTE_MANAGED_PORTS')
  traits.add(nodeTrait)
  if (isDisabled !== null) setTrait(traits, disabledTrait, isDisabled)
  return traits
}

/** `stored` with or without the trait of disabled hosts. */
export function traitsOfStatus(stored: ReadonlySet<string>, isDisabled: boolean): ReadonlySet<string> {
  const traits = new Set(stored)
  setTrait(traits, disabledTrait, isDisabled)
  return traits
}

export function haveTraitsChanged(stored: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean {
  return stored.size !== wanted.size || [...wanted].some((trait) => !stored.has(trait))
}

function setTrait(traits: Set<string>, trait: string, isWanted: boolean): void {
  if (isWanted) traits.add(trait)
  else traits.delete(trait)
}
