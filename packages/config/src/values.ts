import { ConfigError, OptionValueError, SubstitutionError } from './errors.js'
import type { SettingLocation } from './location.js'
import type { Option } from './option-table.js'
import type { Setting, Settings } from './settings.js'
import { substitute } from './substitute.js'
import { convert, isMulti } from './types/convert.js'
import { textOf } from './types/text.js'

/** How a dump shows a secret, whatever its length. */
export const mask = '****'

/** A default that is worked out when nothing sets the option and somebody reads it. */
export type ComputedDefault = () => unknown

export interface ValuesDeps {
  readonly settings: Settings
  /** Finds a present or former option, for `$name`. */
  readonly find: (group: string, name: string) => Option | undefined
  /** A default, or a ComputedDefault. */
  readonly defaultOf: (option: Option) => unknown
}

/**
 * The typed values of options for one reading of all sources. Each is worked out when it is first asked for, with the
 * values it refers to, and stays.
 */
export class Values {
  readonly #deps: ValuesDeps
  readonly #known = new Map<Option, { readonly value: unknown } | { readonly error: ConfigError }>()
  /** The options being worked out, outermost first: a second visit is a cycle. */
  readonly #path: Option[] = []

  constructor(deps: ValuesDeps) {
    this.#deps = deps
  }

  /** @throws OptionValueError, SubstitutionError; the same one each time */
  value(option: Option): unknown {
    let known = this.#known.get(option)
    if (known === undefined) {
      known = this.#settle(option)
      this.#known.set(option, known)
    }
    if ('error' in known) throw known.error
    return known.value
  }

  location(option: Option): SettingLocation {
    return this.#deps.settings.of(option).at(-1)?.location ?? { kind: 'default' }
  }

  #settle(option: Option): { readonly value: unknown } | { readonly error: ConfigError } {
    this.#path.push(option)
    try {
      return { value: this.#evaluate(option) }
    } catch (error) {
      if (error instanceof ConfigError) return { error }
      throw error
    } finally {
      this.#path.pop()
    }
  }

  #evaluate(option: Option): unknown {
    const settings = this.#deps.settings.of(option)
    if (settings.length === 0) return this.#defaultValue(option)
    const values = settings.map((setting) => this.#converted(option, setting))
    if (isMulti(option.spec.type)) return values
    return values[0] ?? this.#defaultValue(option)
  }

  #converted(option: Option, { text, location }: Setting): unknown {
    const whole = substitute(text, (name) => this.#referenced(option, name, location))
    const conversion = convert(whole, option.spec.type, option.spec.limits)
    if (!('why' in conversion)) return conversion.value
    // Shown as it was written: what a substitution puts in may be a secret.
    throw new OptionValueError({
      group: option.group,
      option: option.name,
      value: option.spec.secret ? mask : text,
      why: conversion.why,
      location,
    })
  }

  #defaultValue(option: Option): unknown {
    const given = this.#deps.defaultOf(option)
    const value = typeof given === 'function' ? (given as ComputedDefault)() : given
    const location: SettingLocation = { kind: 'default' }
    if (typeof value === 'string' && value.includes('$')) return this.#converted(option, { text: value, location })
    return this.#withReferences(value, (name) => this.#referenced(option, name, location))
  }

  #withReferences(value: unknown, read: (name: string) => string): unknown {
    if (typeof value === 'string') return substitute(value, read)
    return Array.isArray(value) && value.some((item) => typeof item === 'string' && item.includes('$'))
      ? value.map((item) => this.#withReferences(item, read))
      : value
  }

  /** A name without a group is looked for in the group of `from`, then in DEFAULT. */
  #referenced(from: Option, name: string, location: SettingLocation): string {
    const dot = name.indexOf('.')
    const option =
      dot < 0
        ? (this.#deps.find(from.group, name) ?? this.#deps.find('DEFAULT', name))
        : this.#deps.find(name.slice(0, dot), name.slice(dot + 1))
    const fail = (why: string) => new SubstitutionError({ group: from.group, option: from.name, why, location })
    if (option === undefined) throw fail(`$${name} names no option; a dollar sign itself is written $$`)
    const start = this.#path.indexOf(option)
    if (start < 0) return textOf(this.value(option))
    const circle = [...this.#path.slice(start), option].map((member) => `[${member.group}] ${member.name}`)
    throw fail(`its substitutions go round in a circle: ${circle.join(' -> ')}`)
  }
}
