import type { Formatter } from './format/formatter.js'
import { levelNumbers, syslogSeverity } from './levels.js'
import type { LogLevel } from './logger.js'
import type { BufferedWriter } from './output/buffered-writer.js'
import type { LogRecord } from './record.js'

/** Turns the text of a line into what the output is given, newlines included. */
export type Framing = (text: string, levelNumber: number) => string

export const plainFraming: Framing = (text) => `${text}\n`

/** `<priority>` before each physical line: syslog and the journal know no longer messages. */
export function priorityFraming(facility = 0): Framing {
  return (text, levelNumber) => {
    const prefix = `<${facility * 8 + syslogSeverity(levelNumber)}>`
    return `${prefix}${text.replaceAll('\n', `\n${prefix}`)}\n`
  }
}

/** One output, and how lines look on it. */
export class Handler {
  readonly writer: BufferedWriter
  readonly #formatter: Formatter
  readonly #framing: Framing
  readonly #levelNumber: number

  constructor(parts: {
    readonly formatter: Formatter
    readonly writer: BufferedWriter
    readonly framing: Framing
    /** Lines below it are left out. */
    readonly levelNumber?: number
  }) {
    this.writer = parts.writer
    this.#formatter = parts.formatter
    this.#framing = parts.framing
    this.#levelNumber = parts.levelNumber ?? 0
  }

  needsCallSite(level: LogLevel): boolean {
    return levelNumbers[level] >= this.#levelNumber && this.#formatter.needsCallSite(level)
  }

  handle(record: LogRecord): void {
    const levelNumber = levelNumbers[record.level]
    if (levelNumber >= this.#levelNumber) this.writer.push(this.text(record), levelNumber)
  }

  text(record: LogRecord): string {
    return this.#framing(this.#formatter.format(record), levelNumbers[record.level])
  }
}
