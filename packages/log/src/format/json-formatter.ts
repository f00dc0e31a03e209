import { basename } from 'node:path'
import { levelNumbers } from '../levels.js'
import type { LogRecord } from '../record.js'
import { moduleOf, unknownCallSite } from './call-site.js'
import { contextObject } from './context-values.js'
import type { Formatter, ProcessFacts } from './formatter.js'
import { SecondClock } from './strftime.js'

/**
 * One JSON object a line, with oslo.log's keys in oslo.log's order.
 *
 * @see oslo.log 5.0.1, `formatters.py`, `JSONFormatter`
 */
export class JsonFormatter implements Formatter {
  readonly #facts: ProcessFacts
  readonly #clock: SecondClock

  constructor(dateFormat: string, facts: ProcessFacts) {
    this.#facts = facts
    this.#clock = new SecondClock(dateFormat)
  }

  needsCallSite(): boolean {
    return true
  }

  format(record: LogRecord): string {
    const { product, version, hostname, pid, startedMs } = this.#facts
    const { context, timeMs } = record
    const site = record.callSite ?? unknownCallSite
    // The project of the request takes the place of the product, as upstream.
    const project = context ? (context.projectId ?? null) : product
    return JSON.stringify({
      message: record.message,
      asctime: this.#clock.format(timeMs),
      name: record.name,
      msg: record.message,
      args: [],
      levelname: record.level,
      levelno: levelNumbers[record.level],
      pathname: site.path,
      filename: basename(site.path),
      module: moduleOf(site),
      lineno: site.line,
      funcname: site.functionName,
      created: timeMs / 1000,
      msecs: timeMs % 1000,
      relative_created: timeMs - startedMs,
      thread: 0,
      thread_name: 'MainThread',
      process_name: 'MainProcess',
      process: pid,
      traceback: record.errorLines?.map((line) => line.trimEnd()).filter((line) => line !== '') ?? null,
      hostname,
      error_summary: record.errorSummary,
      context: context ? contextObject(context) : {},
      extra: record.instanceUuid ? { project, version, instance_uuid: record.instanceUuid } : { project, version },
    })
  }
}
