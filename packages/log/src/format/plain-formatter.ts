import type { LogRecord } from '../record.js'
import type { Formatter, ProcessFacts } from './formatter.js'
import { compileTemplate, type PercentTemplate } from './percent-template.js'
import { callSiteValues, type RenderScope, recordValues } from './record-values.js'
import { SecondClock } from './strftime.js'

/** Python's plain formatter, as a file of log_config_append declares it: `format` and `datefmt`, nothing of oslo. */
export class PlainFormatter implements Formatter {
  readonly #facts: ProcessFacts
  readonly #clock: SecondClock
  readonly #template: PercentTemplate<[RenderScope]>

  /** @throws LogError bad_option, beginning with `where` */
  constructor(format: string, dateFormat: string, facts: ProcessFacts, where: string) {
    this.#facts = facts
    this.#clock = new SecondClock(dateFormat)
    this.#template = compileTemplate(format, (key) => recordValues[key] ?? callSiteValues[key], where)
  }

  needsCallSite(): boolean {
    return Object.keys(callSiteValues).some((key) => this.#template.keys.has(key))
  }

  format(record: LogRecord): string {
    const text = this.#template.render({ record, facts: this.#facts, clock: this.#clock })
    return record.errorLines === null ? text : `${text}\n${record.errorLines.join('\n')}`
  }
}
