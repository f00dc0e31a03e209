import type { CallSite } from './format/call-site.js'
import { errorLines, errorSummary } from './format/error-text.js'
import { levelNumbers } from './levels.js'
import type { LogContext, LogLevel } from './logger.js'

/** What a formatter is given: one line to be written. Secrets are masked already. */
export interface LogRecord {
  readonly name: string
  readonly level: LogLevel
  /** Milliseconds since 1970. */
  readonly timeMs: number
  readonly message: string
  readonly context: LogContext | null
  readonly instanceUuid: string | null
  /** Known only if a formatter needs it. */
  readonly callSite: CallSite | null
  /** The error with its stack and causes; null without one. */
  readonly errorLines: readonly string[] | null
  /** `Name: message` of the error if the level is WARNING or above, otherwise empty. */
  readonly errorSummary: string
}

/** The two parts of a record that come from the error of a line; `undefined` is no error. */
export function errorParts(err: unknown, level: LogLevel): Pick<LogRecord, 'errorLines' | 'errorSummary'> {
  if (err === undefined) return noError
  return { errorLines: errorLines(err), errorSummary: levelNumbers[level] >= levelNumbers.WARNING ? errorSummary(err) : '' }
}

const noError = { errorLines: null, errorSummary: '' } as const
