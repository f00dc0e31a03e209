import type { CommandLineItem } from './command-line.js'
import type { ConfigFile } from './config-files.js'
import type { SettingLocation } from './location.js'
import { normalizedGroup, type Option } from './option-table.js'
import { isMulti } from './types/convert.js'

/** A value as it was written, and where. */
export interface Setting {
  readonly text: string
  readonly location: SettingLocation
}

/** A file, or an option on the command line; later ones have precedence over earlier ones. */
export type SettingEvent = { readonly kind: 'file'; readonly file: ConfigFile } | Extract<CommandLineItem, { kind: 'option' }>

/** An option that is set in a file under a name that it had before. */
export interface DeprecatedUse {
  readonly option: Option
  readonly formerGroup: string
  readonly formerName: string
  readonly location: SettingLocation
}

/** A name that is set, and is no declared option. */
export interface UndeclaredName {
  readonly group: string
  readonly name: string
  readonly location: SettingLocation
}

/** Finds the options that a name means. `rank` 0 is the present name. */
export type NameLookup = (group: string, name: string) => readonly { readonly option: Option; readonly rank: number }[]

interface Hit extends Setting {
  readonly event: number
  readonly rank: number
}

/**
 * What files, environment and command line say, by option. Which of it is in force:
 *
 * 1. the command line, unless a file named after the switch has it too;
 * 2. the environment;
 * 3. the last file that has the option; in it the present name before former ones, and the last line of that name.
 *
 * A multi-valued option has all values of all files in their order; those of the environment replace them.
 *
 * @see oslo.config 9.0.0, `cfg.ConfigOpts._do_get`, `cfg._Namespace._get_file_value`
 */
export class Settings {
  readonly #hits = new Map<Option, Hit[]>()
  readonly #environment = new Map<Option, Setting>()
  readonly #deprecated = new Map<string, DeprecatedUse>()
  readonly #undeclared = new Map<string, UndeclaredName>()

  constructor(events: readonly SettingEvent[], lookup: NameLookup) {
    for (const [event, source] of events.entries()) {
      if (source.kind === 'file') this.#addFile(source.file, event, lookup)
      else this.#add(source.option, { text: source.text, location: { kind: 'command line', argument: source.argument }, event, rank: 0 })
    }
  }

  /** Take the values of `options` that `environment` gives. */
  addEnvironment(environment: Readonly<Record<string, string | undefined>>, options: Iterable<Option>): void {
    for (const option of options) {
      const variable = `OS_${option.group.toUpperCase()}__${option.name.toUpperCase()}`
      const text = environment[variable]
      if (text !== undefined) this.#environment.set(option, { text, location: { kind: 'environment', variable } })
    }
  }

  /** The setting in force: none, one, or every value of a multi-valued option in order. */
  of(option: Option): readonly Setting[] {
    const hits = this.#hits.get(option) ?? []
    const last = hits.reduce<Hit | undefined>((best, hit) => (best === undefined || isStronger(hit, best) ? hit : best), undefined)
    const fromEnvironment = this.#environment.get(option)
    if (fromEnvironment !== undefined && last?.location.kind !== 'command line') return [fromEnvironment]
    if (last === undefined) return []
    return isMulti(option.spec.type) ? hits.toSorted((a, b) => a.event - b.event || b.rank - a.rank) : [last]
  }

  /** Every option that is set. */
  options(): Set<Option> {
    return new Set([...this.#hits.keys(), ...this.#environment.keys()])
  }

  get deprecated(): readonly DeprecatedUse[] {
    return [...this.#deprecated.values()]
  }

  get undeclared(): readonly UndeclaredName[] {
    return [...this.#undeclared.values()]
  }

  #addFile({ path, assignments }: ConfigFile, event: number, lookup: NameLookup): void {
    for (const { section, name, value, line, column } of assignments) {
      const location: SettingLocation = { kind: 'file', file: path, line, column }
      const found = lookup(section, name)
      const key = `${normalizedGroup(section)}\n${name}`
      if (found.length === 0 && !this.#undeclared.has(key)) this.#undeclared.set(key, { group: section, name, location })
      for (const { option, rank } of found) {
        this.#add(option, { text: value, location, event, rank })
        if (rank > 0)
          this.#deprecated.set(`${key}\n${option.group}\n${option.name}`, { option, formerGroup: section, formerName: name, location })
      }
    }
  }

  #add(option: Option, hit: Hit): void {
    const hits = this.#hits.get(option)
    if (hits === undefined) this.#hits.set(option, [hit])
    else hits.push(hit)
  }
}

/** True if `hit`, which comes after `other`, has precedence over it. */
function isStronger(hit: Hit, other: Hit): boolean {
  return hit.event === other.event ? hit.rank <= other.rank : hit.event > other.event
}
