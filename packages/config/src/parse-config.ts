import type { Catalogue } from './catalogue.js'
import { parseCommandLine } from './command-line.js'
import { LiveConfig, type ParsedConfig } from './config.js'
import { findDefaults } from './config-files.js'
import type { OptionGroup } from './declare.js'
import { renderHelp } from './help.js'
import { OptionTable } from './option-table.js'
import { type Defaults, type ReadingPlan, readSources } from './reading.js'
import type { ConfigSources } from './sources.js'

export interface ParseConfigOptions {
  /** Names the default files, beside the program. Default: `nova`. */
  readonly project?: string
  /** As in `nova-compute`. */
  readonly program: string
  /** The options of all packages: those that are implemented. */
  readonly groups: readonly OptionGroup[]
  /** Options that exist beyond those; without it, every other name is unknown. */
  readonly catalogue?: Catalogue
  readonly defaults?: Defaults
  /** Names by group that another program of the same configuration reads: not reported as unimplemented. */
  readonly readElsewhere?: Readonly<Record<string, readonly string[]>>
  /** Read where the command line has no `--config-file`. Default: what is found in the usual folders. */
  readonly defaultConfigFiles?: readonly string[]
  /** Read where the command line has no `--config-dir`. Default: what is found in the usual folders. */
  readonly defaultConfigDirs?: readonly string[]
  readonly sources: ConfigSources
  /** One sentence for `--help`. */
  readonly description?: string
}

export type ParseOutcome =
  | { readonly kind: 'config'; readonly config: ParsedConfig }
  /** `--help`: the text to print. */
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }

/**
 * Read the command line, the files it names or the default ones, and the environment; find everything that is wrong.
 *
 * Reads files and nothing else. `argv` is without the program's name.
 *
 * @throws UsageError if the command line is wrong
 * @throws ConfigError if a file or a value is; SeveralConfigErrors with all of them if more than one is
 * @see oslo.config 9.0.0, `cfg.ConfigOpts.__call__`
 */
export function parseConfig(argv: readonly string[], options: ParseConfigOptions): ParseOutcome {
  const planned = planReading(argv, options)
  if (planned.kind !== 'plan') return planned
  const { plan } = planned
  return { kind: 'config', config: new LiveConfig(plan.declared, readSources(plan), () => readSources(plan)) }
}

/**
 * What a command line asks to read.
 *
 * @throws UsageError
 */
export function planReading(
  argv: readonly string[],
  options: ParseConfigOptions,
): { readonly kind: 'plan'; readonly plan: ReadingPlan } | Exclude<ParseOutcome, { kind: 'config' }> {
  const { project = 'nova', program, groups, catalogue, defaults = {}, readElsewhere = {}, sources, description } = options
  const declared = new OptionTable(groups)
  let known: OptionTable | undefined
  const reference = () => {
    known ??= new OptionTable(catalogue?.groups() ?? [])
    return known
  }
  const commandLine = parseCommandLine(argv, declared, reference)
  if (commandLine.kind === 'version') return { kind: 'version' }
  const defaultFiles = options.defaultConfigFiles ?? findDefaults(project, program, '.conf', sources)
  if (commandLine.kind !== 'items') return { kind: 'help', text: renderHelp({ program, groups, defaultFiles, description }) }
  const plan: ReadingPlan = {
    sources,
    declared,
    reference,
    catalogue,
    defaults,
    readElsewhere,
    commandLine: commandLine.items,
    defaultFiles,
    defaultFolders: options.defaultConfigDirs ?? findDefaults(project, program, '.conf.d', sources),
  }
  return { kind: 'plan', plan }
}
