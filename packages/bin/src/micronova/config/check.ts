import {
  type ConfigProblemKind,
  type ConfigReport,
  type ConfigSources,
  checkConfig,
  describeLocation,
  type SettingLocation,
} from '@micronova/config'
import { configOptions } from '../../parse-args.js'
import { UsageError } from '../../usage-error.js'
import { judgeConfig, type Objection } from './judge-config.js'
import { groupsOf, type ServiceChoice } from './services.js'

/** Which configuration is meant. */
export interface ConfigChoice {
  readonly configFile?: readonly string[]
  readonly configDir?: readonly string[]
  readonly service: ServiceChoice
}

export interface FoundProblem {
  readonly severity: 'error' | 'warning'
  /** `combination`: options that are right each and cannot work so. */
  readonly kind: ConfigProblemKind | 'combination'
  readonly location: SettingLocation | null
  readonly group: string | null
  readonly option: string | null
  readonly message: string
}

/** What a service would make of its configuration. */
export interface CheckedConfig extends Pick<ConfigReport, 'files' | 'unimplemented' | 'config'> {
  readonly problems: readonly FoundProblem[]
}

/** Reads what the service would read; nothing is opened or connected. @throws ConfigError `usage` */
export function checkServiceConfig(
  { configFile = [], configDir = [], service }: ConfigChoice,
  deps: { readonly environment: Readonly<Record<string, string | undefined>>; readonly sources?: ConfigSources },
): CheckedConfig {
  const argv = [...configFile.flatMap((file) => ['--config-file', file]), ...configDir.flatMap((dir) => ['--config-dir', dir])]
  const program = service === 'all' ? 'micronova' : service
  const report = checkConfig(argv, configOptions({ ...deps, program, groups: groupsOf(service) }))
  if (report === null) throw new UsageError('--config-file needs a file')
  // What a file that cannot be read says is not known, so nothing can be missing.
  const isWhole = !report.problems.some(({ kind }) => kind === 'file')
  const objections = isWhole ? judgeConfig(report.config, service).map((objection) => problemOf(objection, report)) : []
  const isError = ({ severity }: FoundProblem) => severity === 'error'
  const all: readonly FoundProblem[] = [...report.problems, ...objections]
  return { ...report, problems: [...all.filter(isError), ...all.filter((problem) => !isError(problem))] }
}

function problemOf({ severity, option, message }: Objection, { config }: ConfigReport): FoundProblem {
  const location = option === null ? null : config.location(option.group, option.name)
  return {
    severity,
    kind: 'combination',
    location: location?.kind === 'default' ? null : location,
    group: option?.group ?? null,
    option: option?.name ?? null,
    message,
  }
}

/** Exit status: 1 if a service would not start with it, or, if `strict`, would warn of anything. */
export function isWrong({ problems, unimplemented }: CheckedConfig, strict: boolean): boolean {
  return problems.some(({ severity }) => severity === 'error') || (strict && (problems.length > 0 || unimplemented.length > 0))
}

/** A line for each finding, and one for the whole. */
export function describeConfig({ files, problems, unimplemented }: CheckedConfig): string {
  const lines = problems.map(({ severity, location, message }) => `${placed(location)}${severity}: ${message}`)
  const ineffective = unimplemented.map(
    ({ group, name, location }) => `${placed(location)}not implemented, without effect: [${group}] ${name}`,
  )
  const count = (wanted: FoundProblem['severity']) => problems.filter(({ severity }) => severity === wanted).length
  const numbers = [
    counted(files.length, 'file'),
    counted(count('error'), 'error'),
    counted(count('warning'), 'warning'),
    `${counted(unimplemented.length, 'option')} without effect`,
  ]
  return [...lines, ...ineffective, numbers.join(', ')].map((line) => `${line}\n`).join('')
}

export function configToJson({ files, problems, unimplemented }: CheckedConfig): string {
  const content = {
    files,
    problems: problems.map(({ location, ...problem }) => ({ ...problem, ...placeOf(location) })),
    unimplemented: unimplemented.map(({ location, group, name }) => ({ group, option: name, ...placeOf(location) })),
  }
  return `${JSON.stringify(content, null, 2)}\n`
}

function placed(location: SettingLocation | null): string {
  return location === null ? '' : `${describeLocation(location)}: `
}

/** `file`, `line` and `column` of a file; `place` of anything else. */
function placeOf(location: SettingLocation | null): Readonly<Record<string, string | number | null>> {
  if (location?.kind === 'file')
    return { place: describeLocation(location), file: location.file, line: location.line, column: location.column }
  return { place: location === null ? null : describeLocation(location), file: null, line: null, column: null }
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
