import type { LogLevel } from '../logger.js'
import type { LogRecord } from '../record.js'

/** Makes the text of a line; several physical lines if there is an error. No newline at the end. */
export interface Formatter {
  format(record: LogRecord): string
  /** True if records of `level` must carry a call site. */
  needsCallSite(level: LogLevel): boolean
}

/** What is the same for all lines of a process. */
export interface ProcessFacts {
  /** `nova`. */
  readonly product: string
  /** Of the product. */
  readonly version: string
  readonly pid: number
  readonly hostname: string
  /** Milliseconds since 1970 at which logging was set up. */
  readonly startedMs: number
}
