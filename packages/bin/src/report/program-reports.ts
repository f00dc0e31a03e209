import { constants } from 'node:os'
import { reportOptions } from '@micronova/reports'
import { GuruReport, type GuruReportDeps } from './guru-report.js'

/** A program's answer to those who ask how it is. */
export class ProgramReports {
  readonly #deps: GuruReportDeps
  #made: GuruReport | null = null

  constructor(deps: GuruReportDeps) {
    this.#deps = deps
  }

  /** SIGUSR2. Where a trigger file is configured it takes the place of the signal. */
  async signalled(): Promise<void> {
    const { config, log } = this.#deps
    if (config.section(reportOptions).file_event_handler) {
      log.info('Caught SIGUSR2; reports are asked for by [oslo_reports] file_event_handler')
      return
    }
    await this.#attempt('No report could be written', () => this.#report().asked())
  }

  /** The start begins. */
  watchFile(): void {
    this.#report().watchFile()
  }

  /** The service is up. */
  async watchLoop(): Promise<void> {
    await this.#attempt('A stuck event loop cannot be watched for', () => this.#report().watchLoop(constants.signals.SIGUSR2))
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (err) {
      this.#deps.log.error(what, { err })
    }
  }

  #report(): GuruReport {
    this.#made ??= new GuruReport(this.#deps)
    return this.#made
  }
}
