import { isDeepStrictEqual } from 'node:util'
import type { OptionGroup, OptionSpec } from './declare.js'
import { DeclarationError } from './errors.js'

/** An option in its group. */
export interface Option {
  readonly group: string
  readonly name: string
  readonly spec: OptionSpec
}

/** An option found under a name that it had before. `rank` counts from 1 in the order in which the names are declared. */
export interface FormerName {
  readonly option: Option
  readonly rank: number
}

/** Sections are the same whatever their case, apart from DEFAULT. */
export function normalizedGroup(name: string): string {
  return name === 'DEFAULT' ? name : name.toLowerCase()
}

/** Declared options by group and name, present and former. */
export class OptionTable implements Iterable<Option> {
  readonly #groups = new Map<string, Map<string, Option>>()
  readonly #former = new Map<string, Map<string, FormerName[]>>()

  /** @throws DeclarationError if an option is declared twice with differences other than its help */
  constructor(groups: readonly OptionGroup[]) {
    for (const { group, options } of groups) for (const [name, spec] of Object.entries(options)) this.#add({ group, name, spec })
  }

  find(group: string, name: string): Option | undefined {
    return this.#groups.get(normalizedGroup(group))?.get(name)
  }

  /** Options that once were called `name` in `group`. */
  formerly(group: string, name: string): readonly FormerName[] {
    return this.#former.get(normalizedGroup(group))?.get(name) ?? []
  }

  *[Symbol.iterator](): IterableIterator<Option> {
    for (const options of this.#groups.values()) yield* options.values()
  }

  #add(option: Option): void {
    const options = entry(this.#groups, normalizedGroup(option.group), () => new Map<string, Option>())
    const other = options.get(option.name)
    if (other !== undefined) {
      if (sameButHelp(other.spec, option.spec)) return
      throw new DeclarationError(`[${option.group}] ${option.name} is declared twice and differently`)
    }
    options.set(option.name, option)
    for (const [index, { name, group }] of formerNames(option).entries()) {
      const names = entry(this.#former, normalizedGroup(group), () => new Map<string, FormerName[]>())
      entry(names, name, () => [] as FormerName[]).push({ option, rank: index + 1 })
    }
  }
}

/** Former names in their order. One with a hyphen counts with an underscore too, after all others, as upstream. */
export function formerNames({ group, name, spec }: Option): { readonly name: string; readonly group: string }[] {
  if (spec.deprecatedNames === undefined) return []
  const names = spec.deprecatedNames.map((former) => ({ name: former.name, group: former.group ?? group }))
  const underscored = names
    .filter((former) => former.name.includes('-'))
    .map((former) => ({ ...former, name: former.name.replaceAll('-', '_') }))
  return [...names, ...underscored].filter(
    (former, index, all) =>
      !(former.name === name && former.group === group) &&
      all.findIndex((other) => other.name === former.name && other.group === former.group) === index,
  )
}

function sameButHelp({ help: _, ...one }: OptionSpec, { help: __, ...other }: OptionSpec): boolean {
  return isDeepStrictEqual(one, other)
}

function entry<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const value = create()
  map.set(key, value)
  return value
}
