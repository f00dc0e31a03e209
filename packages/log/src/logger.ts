/** oslo.log's levels, least severe first. */
export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL'

/** The parts of a request context that a log line may show. A RequestContext has this shape. */
export interface LogContext {
  readonly requestId: string | null
  readonly globalRequestId?: string | null
  readonly userId?: string | null
  readonly projectId?: string | null
  readonly userName?: string | null
  readonly projectName?: string | null
  readonly domainId?: string | null
  readonly userDomainId?: string | null
  readonly projectDomainId?: string | null
  readonly systemScope?: string | null
  readonly resourceUuid?: string | null
  readonly isAdmin?: boolean
  readonly isAdminProject?: boolean
  readonly readOnly?: boolean
  readonly readDeleted?: string
  readonly roles?: readonly string[]
  readonly remoteAddress?: string | null
  readonly timestamp?: string
  readonly quotaClass?: string | null
  /** Shown as `***`. */
  readonly authToken?: string | null
}

/** What a child logger adds to each of its lines. */
export interface LogBindings {
  readonly context?: LogContext
  /** Shown as `[instance: UUID] ` before the message. */
  readonly instanceUuid?: string
}

/** What a single line adds. `err` is written with its stack and its causes. */
export interface LogExtra extends LogBindings {
  readonly err?: unknown
}

/**
 * Writes log lines. Never throws and never blocks: a line that cannot be written is counted and reported later.
 * A message is a whole sentence without a secret in it; known secret forms are masked all the same.
 */
export interface Logger {
  /** Dotted, as in `nova.compute.manager`; levels are configured by it. */
  readonly name: string
  debug(message: string, extra?: LogExtra): void
  info(message: string, extra?: LogExtra): void
  warning(message: string, extra?: LogExtra): void
  error(message: string, extra?: LogExtra): void
  critical(message: string, extra?: LogExtra): void
  /** True if a line of `level` would be written: guards messages that are costly to make. */
  isEnabled(level: LogLevel): boolean
  /** A logger named `<this.name>.<suffix>` with the same bindings. */
  child(suffix: string): Logger
  /** A logger of the same name that adds `bindings` to each line. */
  with(bindings: LogBindings): Logger
}

/** Drops everything. For libraries whose user hands in no logger, and for tests. */
export const nullLogger: Logger = {
  name: '',
  debug() {},
  info() {},
  warning() {},
  error() {},
  critical() {},
  isEnabled: () => false,
  child: () => nullLogger,
  with: () => nullLogger,
}
