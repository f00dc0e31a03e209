import { describeLocation } from './location.js'
import { nearestName } from './nearest-name.js'
import type { OptionLookup } from './option-lookup.js'
import type { Option } from './option-table.js'
import type { DeprecatedUse, Settings, UndeclaredName } from './settings.js'

/** A name in a file that is no option. `suggestion` is `[group] name` of the option that was probably meant. */
export interface UnknownOption extends UndeclaredName {
  readonly suggestion: string | undefined
}

/** What is not wrong, and yet should be said once. */
export interface Notices {
  /** Options of Nova that are set and have no effect, because nothing here implements them yet. */
  readonly unimplemented: readonly Option[]
  /** Upstream ignores them in silence. */
  readonly unknown: readonly UnknownOption[]
  /** Declared options that are set under a name that they had before. */
  readonly formerNames: readonly DeprecatedUse[]
  /** Declared options that are set and will be taken away. */
  readonly deprecated: readonly Option[]
  /** One sentence each, for the log. */
  readonly warnings: readonly string[]
}

/** @param readElsewhere names by group: not declared here because another program reads them, so nothing is missing */
export function noticesOf(settings: Settings, lookup: OptionLookup, readElsewhere: Readonly<Record<string, readonly string[]>>): Notices {
  const set = [...settings.options()]
  const unimplemented = set.filter((option) => !lookup.isDeclared(option) && !readElsewhere[option.group]?.includes(option.name))
  const unknown = settings.undeclared.map((name) => ({ ...name, suggestion: suggestionFor(name, lookup) }))
  const formerNames = settings.deprecated.filter(({ option }) => lookup.isDeclared(option))
  const deprecated = set.filter((option) => lookup.isDeclared(option) && option.spec.deprecatedForRemoval)
  const warnings = [
    ...formerNames.map((use) => `${describeLocation(use.location)}: ${describeFormerName(use)}`),
    ...deprecated.map(describeRemoval),
  ]
  if (unimplemented.length > 0) warnings.push(`these options are set and not implemented yet: ${unimplemented.map(inBrackets).join(', ')}`)
  if (unknown.length > 0) warnings.push(`these options do not exist: ${unknown.map(describeUnknown).join(', ')}`)
  return { unimplemented, unknown, formerNames, deprecated, warnings }
}

function inBrackets({ group, name }: { readonly group: string; readonly name: string }): string {
  return `[${group}] ${name}`
}

/** Without its place. */
export function describeFormerName({ option, formerGroup, formerName }: DeprecatedUse): string {
  return `${inBrackets({ group: formerGroup, name: formerName })} is deprecated, it is called ${inBrackets(option)} now`
}

export function describeRemoval(option: Option): string {
  const { deprecatedReason } = option.spec
  return `${inBrackets(option)} is deprecated and will be removed in a later release${deprecatedReason === undefined ? '' : `: ${deprecatedReason}`}`
}

function describeUnknown(unknown: UnknownOption): string {
  const hint = unknown.suggestion === undefined ? '' : `, did you mean ${unknown.suggestion}?`
  return `${inBrackets(unknown)} (${describeLocation(unknown.location)}${hint})`
}

/** The same name in another group, else a like name in the same one. */
function suggestionFor({ group, name }: UndeclaredName, lookup: OptionLookup): string | undefined {
  const options = [...lookup.declared, ...lookup.reference]
  const moved = options.find((option) => option.name === name)
  if (moved !== undefined) return inBrackets(moved)
  const inGroup = options.filter((option) => sameGroup(option, group))
  const near = nearestName(name, new Set(inGroup.map((option) => option.name)))
  return near === undefined ? undefined : inBrackets({ group: inGroup[0]!.group, name: near })
}

function sameGroup(option: Option, group: string): boolean {
  return option.group.toLowerCase() === group.toLowerCase()
}
