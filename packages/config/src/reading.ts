import type { Catalogue } from './catalogue.js'
import type { CommandLineItem } from './command-line.js'
import { absolutePath, type ConfigFile, filesOfFolder, readConfigFile } from './config-files.js'
import { ConfigError, SeveralConfigErrors } from './errors.js'
import { type Notices, noticesOf } from './notices.js'
import { OptionLookup } from './option-lookup.js'
import { normalizedGroup, type Option, type OptionTable } from './option-table.js'
import { type SettingEvent, Settings } from './settings.js'
import type { ConfigSources } from './sources.js'
import { type ComputedDefault, Values } from './values.js'

/** A default as it would be declared. */
type PlainDefault = string | number | boolean | null | readonly string[] | Readonly<Record<string, string>>

/** Defaults by group and name, which stand in place of the declared ones. A function is asked when the option is read and nothing sets it. */
export type Defaults = Readonly<Record<string, Readonly<Record<string, PlainDefault | ComputedDefault>>>>

/** What is read, decided once at the start; a mutate reads the same again. */
export interface ReadingPlan {
  readonly sources: ConfigSources
  readonly declared: OptionTable
  readonly reference: () => OptionTable
  readonly catalogue: Catalogue | undefined
  readonly defaults: Defaults
  readonly readElsewhere: Readonly<Record<string, readonly string[]>>
  readonly commandLine: readonly CommandLineItem[]
  readonly defaultFiles: readonly string[]
  readonly defaultFolders: readonly string[]
}

/** All sources, read once and found right. */
export interface Reading {
  readonly files: readonly string[]
  readonly settings: Settings
  readonly values: Values
  readonly notices: Notices
}

/** @throws ConfigError one, or SeveralConfigErrors with all: first of files, and if those are right, of values */
export function readSources(plan: ReadingPlan): Reading {
  const reading = readUnchecked(plan)
  checkValues(reading, plan)
  return reading
}

/** Everything that is wrong with the sources, and what could be read of them all the same. */
export function readTolerantly(plan: ReadingPlan): { readonly reading: Reading; readonly errors: readonly ConfigError[] } {
  const errors = new ErrorList()
  const reading = readingOf(
    readEvents(plan, errors, (error) => errors.add(error)),
    plan,
  )
  collectWrongValues(reading, plan, errors)
  return { reading, errors: errors.all }
}

/** As readSources, but a wrong value is found only when it is asked for. */
export function readUnchecked(plan: ReadingPlan): Reading {
  const errors = new ErrorList()
  const events = readEvents(plan, errors)
  errors.throwIfAny()
  return readingOf(events, plan)
}

function readingOf(events: readonly SettingEvent[], plan: ReadingPlan): Reading {
  const files = events.flatMap((event) => (event.kind === 'file' ? [event.file] : []))
  const lookup = createLookup(plan, files)
  const settings = new Settings(events, (group, name) => lookup.meanings(group, name))
  addEnvironment(settings, plan, lookup)
  const values = new Values({
    settings,
    find: (group, name) => lookup.find(group, name),
    defaultOf: (option) => defaultOf(option, plan),
  })
  return { files: files.map((file) => file.path), settings, values, notices: noticesOf(settings, lookup, plan.readElsewhere) }
}

/**
 * Files and switches in the order of their precedence, weakest first.
 *
 * @param onWrongLine gets each line that cannot be read; without it the first one is the error of its file, and the file is left out
 */
function readEvents(
  { sources, commandLine, defaultFiles, defaultFolders }: ReadingPlan,
  errors: ErrorList,
  onWrongLine?: (error: ConfigError) => void,
): SettingEvent[] {
  const events: SettingEvent[] = []
  const read = (path: string) =>
    errors.collect(() => events.push({ kind: 'file', file: readConfigFile(absolutePath(path, sources), sources, onWrongLine) }))
  const readFolder = (path: string) => errors.collect(() => filesOfFolder(absolutePath(path, sources), sources).forEach(read))
  if (!commandLine.some((item) => item.kind === 'file')) defaultFiles.forEach(read)
  if (!commandLine.some((item) => item.kind === 'folder')) defaultFolders.filter((folder) => sources.exists(folder)).forEach(readFolder)
  for (const item of commandLine) {
    if (item.kind === 'file') read(item.path)
    else if (item.kind === 'folder') readFolder(item.path)
    else events.push(item)
  }
  return events
}

function createLookup({ declared, reference, catalogue }: ReadingPlan, files: readonly ConfigFile[]): OptionLookup {
  const assignments = files.flatMap((file) => file.assignments)
  const authSections = new Set(assignments.filter(({ name }) => name === 'auth_section').map(({ value }) => normalizedGroup(value)))
  const isAuth = (group: string) => authSections.has(group) || reference().find(group, 'auth_type') !== undefined
  return new OptionLookup({ declared, reference, dynamicGroup: (group) => catalogue?.dynamicGroup(group, isAuth(group)) })
}

/** A variable may name an option that is not declared; one that names none may belong to another service and is let be. */
function addEnvironment(settings: Settings, { sources, declared }: ReadingPlan, lookup: OptionLookup): void {
  if (!Object.keys(sources.environment).some((variable) => /^OS_.*__/.test(variable))) return
  settings.addEnvironment(sources.environment, declared)
  settings.addEnvironment(
    sources.environment,
    [...lookup.reference].filter((option) => declared.find(option.group, option.name) === undefined),
  )
}

function defaultOf({ group, name, spec }: Option, { defaults }: ReadingPlan): unknown {
  return defaults[group]?.[name] ?? spec.default
}

function checkValues(reading: Reading, plan: ReadingPlan): void {
  const errors = new ErrorList()
  collectWrongValues(reading, plan, errors)
  errors.throwIfAny()
}

/** Works out everything that is set, and every default that refers to something that may be set. */
function collectWrongValues({ settings, values }: Reading, plan: ReadingPlan, errors: ErrorList): void {
  const set = settings.options()
  for (const option of set) errors.collect(() => values.value(option))
  for (const option of plan.declared) {
    if (!set.has(option) && holdsReference(defaultOf(option, plan))) errors.collect(() => values.value(option))
  }
}

function holdsReference(value: unknown): boolean {
  return typeof value === 'string' ? value.includes('$') : Array.isArray(value) && value.some(holdsReference)
}

class ErrorList {
  readonly #errors = new Set<ConfigError>()

  collect(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      this.#errors.add(error)
    }
  }

  add(error: ConfigError): void {
    this.#errors.add(error)
  }

  get all(): readonly ConfigError[] {
    return [...this.#errors]
  }

  throwIfAny(): void {
    const [first, ...others] = this.#errors
    if (first !== undefined) throw others.length === 0 ? first : new SeveralConfigErrors([first, ...others])
  }
}
