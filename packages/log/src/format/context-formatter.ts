import type { LogLevel } from '../logger.js'
import type { LogSettings } from '../options.js'
import type { LogRecord } from '../record.js'
import { contextValues } from './context-values.js'
import type { Formatter, ProcessFacts } from './formatter.js'
import { compileTemplate, type PercentTemplate } from './percent-template.js'
import { callSiteValues, isoTime, type RenderScope, recordValues } from './record-values.js'
import { SecondClock } from './strftime.js'

/** The options that decide what a line looks like. */
export type FormatSettings = Pick<
  LogSettings,
  | 'log_date_format'
  | 'logging_context_format_string'
  | 'logging_default_format_string'
  | 'logging_debug_format_suffix'
  | 'logging_exception_prefix'
  | 'logging_user_identity_format'
  | 'instance_format'
  | 'instance_uuid_format'
>

/** What belongs to one line while it is being made. */
interface LineScope extends RenderScope {
  readonly instance: string
  readonly userIdentity: string
}

type LineTemplate = PercentTemplate<[LineScope]>

const reset = '\x1b[00m'
const colors: Readonly<Record<LogLevel, string>> = {
  TRACE: '\x1b[00;35m',
  DEBUG: '\x1b[00;32m',
  INFO: '\x1b[00;36m',
  WARNING: '\x1b[01;33m',
  ERROR: '\x1b[01;31m',
  CRITICAL: '\x1b[01;31m',
}

/**
 * oslo.log's lines. All templates are compiled when it is made.
 *
 * `logging_context_format_string` serves lines with a request id, `logging_default_format_string` all others; both may
 * ask for whatever a Python record, oslo.log and a request context have. `: <error>` is added to warnings and errors
 * unless the format has %(error_summary)s. Each line of an error has `logging_exception_prefix`, and one line with
 * nothing but the prefix closes it, as upstream.
 *
 * @see oslo.log 5.0.1, `formatters.py`, `ContextFormatter`; `handlers.py`, `ColorHandler`
 */
export class ContextFormatter implements Formatter {
  readonly #facts: ProcessFacts
  readonly #clock: SecondClock
  readonly #color: boolean
  readonly #templates: Templates

  /**
   * @param options.color fill in %(color)s and end each line with the reset: for terminals
   * @throws LogError bad_option for a format that cannot be used
   */
  constructor(settings: FormatSettings, facts: ProcessFacts, options: { readonly color?: boolean } = {}) {
    this.#facts = facts
    this.#clock = new SecondClock(settings.log_date_format)
    this.#color = options.color ?? false
    this.#templates = compileAll(settings, this.#color)
  }

  needsCallSite(level: LogLevel): boolean {
    const { line, suffix, exceptionPrefix } = this.#templates
    const used: LineTemplate[] = [line.context, line.default, exceptionPrefix]
    if (level === 'DEBUG' && suffix !== null) used.push(suffix)
    return used.some((template) => Object.keys(callSiteValues).some((key) => template.keys.has(key)))
  }

  format(record: LogRecord): string {
    const { line, suffix, exceptionPrefix } = this.#templates
    const scope = this.#scope(record)
    const template = record.context?.requestId ? line.context : line.default
    let text = template.render(scope)
    if (record.errorSummary !== '' && !template.keys.has('error_summary')) text += `: ${record.errorSummary}`
    if (suffix !== null && record.level === 'DEBUG') text += ` ${suffix.render(scope)}`
    if (record.errorLines !== null) {
      const prefix = exceptionPrefix.render(scope)
      for (const errorLine of record.errorLines) text += `\n${prefix}${errorLine}`
      text += `\n${prefix}`
    }
    return this.#color ? text + reset : text
  }

  #scope(record: LogRecord): LineScope {
    const { userIdentity } = this.#templates
    return {
      record,
      facts: this.#facts,
      clock: this.#clock,
      instance: this.#instance(record),
      userIdentity: record.context ? userIdentity.render(record) : '',
    }
  }

  #instance({ instanceUuid, context }: LogRecord): string {
    const { instance, instanceUuid: byUuid } = this.#templates
    if (instanceUuid) return instance.render(instanceUuid)
    return context?.resourceUuid ? byUuid.render(context.resourceUuid) : ''
  }
}

interface Templates {
  readonly line: { readonly context: LineTemplate; readonly default: LineTemplate }
  readonly suffix: LineTemplate | null
  readonly exceptionPrefix: LineTemplate
  readonly userIdentity: PercentTemplate<[LogRecord]>
  readonly instance: PercentTemplate<[string]>
  readonly instanceUuid: PercentTemplate<[string]>
}

function compileAll(settings: FormatSettings, color: boolean): Templates {
  const line = (option: keyof FormatSettings) => compileTemplate(settings[option], (key) => lineValue(key, color), option)
  const byUuid = compileTemplate(settings.instance_uuid_format, uuidValue, 'instance_uuid_format')
  return {
    line: { context: line('logging_context_format_string'), default: line('logging_default_format_string') },
    suffix: settings.logging_debug_format_suffix === '' ? null : line('logging_debug_format_suffix'),
    exceptionPrefix: line('logging_exception_prefix'),
    userIdentity: compileTemplate(settings.logging_user_identity_format, identityValue, 'logging_user_identity_format'),
    instance: asksForMoreThanUuid(settings.instance_format)
      ? byUuid
      : compileTemplate(settings.instance_format, uuidValue, 'instance_format'),
    instanceUuid: byUuid,
  }
}

/** A format may ask for any field of an instance; a line knows the UUID alone and then uses instance_uuid_format. */
function asksForMoreThanUuid(format: string): boolean {
  return [...format.matchAll(/%\((\w+)\)/g)].some(([, key]) => key !== 'uuid')
}

function uuidValue(key: string): ((uuid: string) => unknown) | undefined {
  return key === 'uuid' ? (uuid) => uuid : undefined
}

/** Anything that a context lacks is shown as `-`, also a name that no context has. */
function identityValue(key: string): (record: LogRecord) => unknown {
  const value = contextValues[key]
  return ({ context }) => {
    const found = value && context && value(context)
    return !found || (Array.isArray(found) && found.length === 0) ? '-' : found
  }
}

function lineValue(key: string, color: boolean): ((scope: LineScope) => unknown) | undefined {
  const own = lineValues[key]
  if (own !== undefined) return own
  if (key === 'color') return color ? ({ record }) => colors[record.level] : () => ''
  if (key === 'reset_color') return color ? () => reset : () => ''
  const fromContext = contextValues[key]
  if (fromContext === undefined) return undefined
  const absent = emptyWithoutContext.has(key) ? '' : '-'
  return ({ record }) => (record.context ? fromContext(record.context) : absent)
}

const emptyWithoutContext = new Set(['user_name', 'project_name', 'global_request_id'])

const lineValues: Readonly<Record<string, (scope: LineScope) => unknown>> = {
  ...recordValues,
  ...callSiteValues,
  // The product's name and version stand for a context that has no project.
  project: ({ record, facts }) => (record.context ? (record.context.projectId ?? null) : facts.product),
  version: ({ facts }) => facts.version,
  instance: ({ instance }) => instance,
  resource: () => '',
  user_identity: ({ userIdentity }) => userIdentity,
  isotime: ({ record }) => isoTime(record.timeMs),
  error_summary: ({ record }) => record.errorSummary || '-',
}
