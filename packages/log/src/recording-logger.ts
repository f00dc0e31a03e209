import { levelNumbers } from './levels.js'
import type { LogBindings, LogExtra, Logger, LogLevel } from './logger.js'

/** One line that a RecordingLogger was given. */
export interface RecordedLine extends LogExtra {
  readonly name: string
  readonly level: LogLevel
  readonly message: string
}

interface Recording {
  readonly lines: RecordedLine[]
  readonly waiting: Set<(line: RecordedLine) => void>
  readonly level: LogLevel
}

/**
 * A logger for tests: keeps what it is given. Children share the recording of their parent.
 *
 * @example
 * const log = new RecordingLogger()
 * await startSomething({ log })
 * assert.deepEqual(log.messages('WARNING'), ['conductor did not answer; trying again'])
 */
export class RecordingLogger implements Logger {
  readonly name: string
  #bindings: LogBindings = {}
  #recording: Recording

  /** @param options.level lines below it are dropped, as a real logger would; all are kept unless given */
  constructor(name = 'test', options: { readonly level?: LogLevel } = {}) {
    this.name = name
    this.#recording = { lines: [], waiting: new Set(), level: options.level ?? 'TRACE' }
  }

  /** Everything so far, oldest first. */
  get lines(): readonly RecordedLine[] {
    return this.#recording.lines
  }

  /** The texts so far, of one level if given. */
  messages(level?: LogLevel): string[] {
    return this.lines.filter((line) => level === undefined || line.level === level).map((line) => line.message)
  }

  /** The first line whose message matches: one that is there already, or the next that comes. */
  seen(message: RegExp): Promise<RecordedLine> {
    const earlier = this.lines.find((line) => message.test(line.message))
    if (earlier !== undefined) return Promise.resolve(earlier)
    return new Promise((resolve) => {
      const { waiting } = this.#recording
      const onLine = (line: RecordedLine) => {
        if (!message.test(line.message)) return
        waiting.delete(onLine)
        resolve(line)
      }
      waiting.add(onLine)
    })
  }

  /** Forgets the lines so far. */
  clear(): void {
    this.#recording.lines.length = 0
  }

  debug(message: string, extra?: LogExtra): void {
    this.#record('DEBUG', message, extra)
  }
  info(message: string, extra?: LogExtra): void {
    this.#record('INFO', message, extra)
  }
  warning(message: string, extra?: LogExtra): void {
    this.#record('WARNING', message, extra)
  }
  error(message: string, extra?: LogExtra): void {
    this.#record('ERROR', message, extra)
  }
  critical(message: string, extra?: LogExtra): void {
    this.#record('CRITICAL', message, extra)
  }

  isEnabled(level: LogLevel): boolean {
    return levelNumbers[level] >= levelNumbers[this.#recording.level]
  }
  child(suffix: string): RecordingLogger {
    return this.#derive(`${this.name}.${suffix}`, {})
  }
  with(bindings: LogBindings): RecordingLogger {
    return this.#derive(this.name, bindings)
  }

  #derive(name: string, bindings: LogBindings): RecordingLogger {
    const derived = new RecordingLogger(name)
    derived.#bindings = { ...this.#bindings, ...bindings }
    derived.#recording = this.#recording
    return derived
  }

  #record(level: LogLevel, message: string, extra: LogExtra | undefined): void {
    if (!this.isEnabled(level)) return
    const line: RecordedLine = { name: this.name, level, message, ...this.#bindings, ...extra }
    this.#recording.lines.push(line)
    for (const onLine of [...this.#recording.waiting]) onLine(line)
  }
}
