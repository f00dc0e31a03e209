import { describeLocation, type SettingLocation } from './location.js'

/**
 * Root of everything this package throws. The message is one sentence for the user that names option, file and line;
 * switch on `code`. Nothing was opened and nothing has changed when one is thrown.
 */
export abstract class ConfigError extends Error {
  abstract readonly code: 'file' | 'syntax' | 'value' | 'substitution' | 'usage' | 'declaration' | 'several'
  /** Exit status for a program that ends because of it: 2 for wrong usage, else 1. */
  get exitStatus(): 1 | 2 {
    return this.code === 'usage' ? 2 : 1
  }
}

/** A file or folder that was asked for cannot be read. */
export class ConfigFileUnreadable extends ConfigError {
  override readonly name = 'ConfigFileUnreadable'
  readonly code = 'file'
  readonly path: string
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`cannot read ${path}: ${why}`, options)
    this.path = path
  }
}

/** A file is not in the format of oslo.config. Lines and columns count from 1. */
export class ConfigSyntaxError extends ConfigError {
  override readonly name = 'ConfigSyntaxError'
  readonly code = 'syntax'
  readonly file: string
  readonly line: number
  readonly column: number
  readonly why: string
  constructor(file: string, line: number, column: number, why: string) {
    super(`${file}:${line}:${column}: ${why}`)
    this.file = file
    this.line = line
    this.column = column
    this.why = why
  }
}

/** A value does not fit its option. `value` is as it was written, or `****` if the option is secret. */
export class OptionValueError extends ConfigError {
  override readonly name = 'OptionValueError'
  readonly code = 'value'
  readonly group: string
  readonly option: string
  readonly value: string
  readonly why: string
  readonly location: SettingLocation
  constructor(parts: { group: string; option: string; value: string; why: string; location: SettingLocation }) {
    super(`${describeLocation(parts.location)}: [${parts.group}] ${parts.option} = '${parts.value.replaceAll('\n', '\\n')}': ${parts.why}`)
    this.group = parts.group
    this.option = parts.option
    this.value = parts.value
    this.why = parts.why
    this.location = parts.location
  }
}

/** A `$name` in a value names no option, or leads back to the option itself. */
export class SubstitutionError extends ConfigError {
  override readonly name = 'SubstitutionError'
  readonly code = 'substitution'
  readonly group: string
  readonly option: string
  readonly why: string
  readonly location: SettingLocation
  constructor(parts: { group: string; option: string; why: string; location: SettingLocation }) {
    super(`${describeLocation(parts.location)}: [${parts.group}] ${parts.option}: ${parts.why}`)
    this.group = parts.group
    this.option = parts.option
    this.why = parts.why
    this.location = parts.location
  }
}

/** The command line is wrong. */
export class UsageError extends ConfigError {
  override readonly name = 'UsageError'
  readonly code = 'usage'
}

/** A mistake in the program, not of its user: options declared twice and differently, or read without having been declared. */
export class DeclarationError extends ConfigError {
  override readonly name = 'DeclarationError'
  readonly code = 'declaration'
}

/** More than one thing is wrong; the message has a line for each. */
export class SeveralConfigErrors extends ConfigError {
  override readonly name = 'SeveralConfigErrors'
  readonly code = 'several'
  readonly errors: readonly ConfigError[]
  constructor(errors: readonly ConfigError[]) {
    super(errors.map((error) => error.message).join('\n'))
    this.errors = errors
  }
}
