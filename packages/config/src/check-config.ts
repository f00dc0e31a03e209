import { LiveConfig, type ParsedConfig } from './config.js'
import { type ConfigError, ConfigFileUnreadable, ConfigSyntaxError, OptionValueError, SubstitutionError } from './errors.js'
import { describeLocation, type SettingLocation } from './location.js'
import { describeFormerName, describeRemoval } from './notices.js'
import { type ParseConfigOptions, planReading } from './parse-config.js'
import { type Reading, readSources, readTolerantly } from './reading.js'

export type ConfigProblemKind =
  /** A file or folder that cannot be read. */
  | 'file'
  /** A line that is none. */
  | 'syntax'
  /** A value that its option cannot have. */
  | 'value'
  /** A `$name` that leads nowhere. */
  | 'substitution'
  /** A name that Nova does not have. */
  | 'unknown'
  /** A name that an option had before. */
  | 'former_name'
  /** An option that will be taken away. */
  | 'deprecated'

/** Something that deserves a change of the configuration. */
export interface ConfigProblem {
  /** A program refuses to start with an error; a warning goes to its log. */
  readonly severity: 'error' | 'warning'
  readonly kind: ConfigProblemKind
  /** null: of no option, or of a default. */
  readonly location: SettingLocation | null
  readonly group: string | null
  readonly option: string | null
  /** One sentence without the place; secrets masked. */
  readonly message: string
}

/** What a program would make of its configuration. */
export interface ConfigReport {
  /** Those that could be read, in order. */
  readonly files: readonly string[]
  /** Errors first, each kind in the order of its places. */
  readonly problems: readonly ConfigProblem[]
  /** Options of Nova that are set and have no effect. */
  readonly unimplemented: readonly { readonly group: string; readonly name: string; readonly location: SettingLocation }[]
  /** As the program would have it. To read a value that is wrong throws the error that stands among the problems. */
  readonly config: ParsedConfig
}

/**
 * Read what a program with these arguments would read, and find all that is wrong with it at once: where `parseConfig` stops at the
 * files, this goes on to the values of those lines that can be read. Null for `--help` and `--version`.
 *
 * @throws UsageError if the command line is wrong
 */
export function checkConfig(argv: readonly string[], options: ParseConfigOptions): ConfigReport | null {
  const planned = planReading(argv, options)
  if (planned.kind !== 'plan') return null
  const { plan } = planned
  const { reading, errors } = readTolerantly(plan)
  const locationOf = (option: Parameters<Reading['settings']['of']>[0]): SettingLocation =>
    reading.settings.of(option).at(-1)?.location ?? { kind: 'default' }
  const found = errors.map(problemOf).sort(byPlace(reading.files))
  const warnings = warningsOf(reading, locationOf).sort(byPlace(reading.files))
  return {
    files: reading.files,
    problems: [...found, ...warnings],
    unimplemented: reading.notices.unimplemented.map((option) => ({
      group: option.group,
      name: option.name,
      location: locationOf(option),
    })),
    config: new LiveConfig(plan.declared, reading, () => readSources(plan)),
  }
}

function problemOf(error: ConfigError): ConfigProblem {
  const plain = { severity: 'error', location: null, group: null, option: null, message: error.message } as const
  if (error instanceof ConfigSyntaxError) {
    const { file, line, column, why } = error
    return { ...plain, kind: 'syntax', location: { kind: 'file', file, line, column }, message: why }
  }
  if (error instanceof ConfigFileUnreadable) return { ...plain, kind: 'file' }
  if (error instanceof OptionValueError || error instanceof SubstitutionError) {
    const { group, option, location, message } = error
    const kind = error instanceof OptionValueError ? 'value' : 'substitution'
    return { ...plain, kind, location, group, option, message: message.slice(`${describeLocation(location)}: `.length) }
  }
  throw error // a mistake in the program
}

function warningsOf(
  { notices }: Reading,
  locationOf: (option: Reading['notices']['deprecated'][number]) => SettingLocation,
): ConfigProblem[] {
  const { unknown, formerNames, deprecated } = notices
  return [
    ...unknown.map(({ group, name, location, suggestion }): ConfigProblem => {
      const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}?`
      return { severity: 'warning', kind: 'unknown', location, group, option: name, message: `[${group}] ${name} is no option${hint}` }
    }),
    ...formerNames.map((use): ConfigProblem => {
      const { location, formerGroup: group, formerName: option } = use
      return { severity: 'warning', kind: 'former_name', location, group, option, message: describeFormerName(use) }
    }),
    ...deprecated.map((option): ConfigProblem => {
      const { group, name } = option
      return {
        severity: 'warning',
        kind: 'deprecated',
        location: locationOf(option),
        group,
        option: name,
        message: describeRemoval(option),
      }
    }),
  ]
}

/** Of the files in their order by line, then those of no file. */
function byPlace(files: readonly string[]) {
  const rank = ({ location }: ConfigProblem): readonly [number, number] =>
    location?.kind === 'file' ? [files.indexOf(location.file), location.line] : [files.length, 0]
  return (a: ConfigProblem, b: ConfigProblem) => {
    const [[fileA, lineA], [fileB, lineB]] = [rank(a), rank(b)]
    return fileA - fileB || lineA - lineB
  }
}
