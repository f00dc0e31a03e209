import { isDeepStrictEqual } from 'node:util'
import type { Config, OptionGroup, Section } from './declare.js'
import { DeclarationError } from './errors.js'
import type { SettingLocation } from './location.js'
import type { UnknownOption } from './notices.js'
import type { Option, OptionTable } from './option-table.js'
import type { Reading } from './reading.js'
import { mask } from './values.js'

/** An option whose value in force is another after a mutate. A secret's values are masked. */
export interface Change {
  readonly group: string
  readonly name: string
  readonly before: unknown
  readonly after: unknown
}

/** What a mutate found. */
export interface Mutation {
  /** Mutable options; sections show the new values. */
  readonly changed: readonly Change[]
  /** Options that changed in a file and keep their value until a restart: deserves a warning that names them. */
  readonly ignored: readonly { readonly group: string; readonly name: string }[]
  /** Warnings that the reading before did not have. */
  readonly warnings: readonly string[]
}

/** One option with its value in force, for dumps. */
export interface ConfigEntry extends Option {
  readonly value: unknown
  readonly location: SettingLocation
}

/** What a parse gives. */
export interface ParsedConfig extends Config {
  /** Files that were read, in order. */
  readonly files: readonly string[]
  /** One sentence each, to be logged once logging is set up: deprecated, unimplemented and unknown options. */
  readonly warnings: readonly string[]
  /** Options that are set in a file, the environment or the command line, exist in Nova and are not declared here. */
  readonly unimplemented: readonly { readonly group: string; readonly name: string }[]
  /** Names in files that are no options. */
  readonly unknown: readonly UnknownOption[]
  /** Where the value in force comes from. @throws DeclarationError if the option is not declared */
  location(group: string, name: string): SettingLocation
  /** Every declared option, DEFAULT first, then by group and name. */
  entries(): ConfigEntry[]
  /**
   * Read all files again and apply what changed in mutable options (SIGHUP).
   *
   * @throws ConfigError if anything is wrong with what is read; nothing has changed then
   */
  mutate(): Mutation
}

/** Parsed configuration over one or, after a mutate, two readings of its sources. */
export class LiveConfig implements ParsedConfig {
  readonly #table: OptionTable
  readonly #readAgain: () => Reading
  readonly #sections = new Map<OptionGroup, Section<OptionGroup>>()
  /** Immutable options have their values from here for ever. */
  readonly #first: Reading
  #latest: Reading

  constructor(table: OptionTable, first: Reading, readAgain: () => Reading) {
    this.#table = table
    this.#first = first
    this.#latest = first
    this.#readAgain = readAgain
  }

  get files(): readonly string[] {
    return this.#latest.files
  }

  get warnings(): readonly string[] {
    return this.#first.notices.warnings
  }

  get unimplemented(): readonly Option[] {
    return this.#first.notices.unimplemented
  }

  get unknown(): readonly UnknownOption[] {
    return this.#first.notices.unknown
  }

  section<G extends OptionGroup>(group: G): Section<G> {
    let section = this.#sections.get(group)
    if (section === undefined) {
      section = this.#createSection(group)
      this.#sections.set(group, section)
    }
    return section as Section<G>
  }

  location(group: string, name: string): SettingLocation {
    const option = this.#declared(group, name)
    return this.#readingOf(option).values.location(option)
  }

  entries(): ConfigEntry[] {
    const rank = ({ group, name }: Option) => `${group === 'DEFAULT' ? '' : group}\n${name}`
    return [...this.#table]
      .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
      .map((option) => ({ ...option, value: this.#value(option), location: this.location(option.group, option.name) }))
  }

  mutate(): Mutation {
    const fresh = this.#readAgain()
    const set = new Set([...this.#latest.settings.options(), ...fresh.settings.options()])
    const changed: Change[] = []
    const ignored: { group: string; name: string }[] = []
    for (const option of set) {
      const { group, name } = option
      if (this.#table.find(group, name) !== option) continue
      const before = this.#value(option)
      const after = fresh.values.value(option)
      if (isDeepStrictEqual(before, after)) continue
      if (!option.spec.mutable) ignored.push({ group, name })
      else changed.push({ group, name, ...(option.spec.secret ? { before: mask, after: mask } : { before, after }) })
    }
    const said = new Set(this.#latest.notices.warnings)
    this.#latest = fresh
    return { changed, ignored, warnings: fresh.notices.warnings.filter((warning) => !said.has(warning)) }
  }

  #createSection(group: OptionGroup): Section<OptionGroup> {
    const section = {}
    for (const name of Object.keys(group.options)) {
      const option = this.#declared(group.group, name)
      Object.defineProperty(section, name, { enumerable: true, get: () => this.#value(option) })
    }
    return section
  }

  #value(option: Option): unknown {
    return this.#readingOf(option).values.value(option)
  }

  #readingOf(option: Option): Reading {
    return option.spec.mutable ? this.#latest : this.#first
  }

  #declared(group: string, name: string): Option {
    const option = this.#table.find(group, name)
    if (option === undefined) throw new DeclarationError(`[${group}] ${name} was not among the options given to the parse`)
    return option
  }
}
