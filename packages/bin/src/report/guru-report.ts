import * as fs from 'node:fs'
import { release, type } from 'node:os'
import type { ParsedConfig } from '@micronova/config'
import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import {
  configurationSection,
  type FrameModel,
  mainThreadMark,
  packageSection,
  processesSection,
  type ReportFormat,
  type ReportPlace,
  renderReport,
  reportOptions,
  runtimeSection,
  type Section,
  StuckGuard,
  TriggerFile,
  threadsSection,
  writeReport,
} from '@micronova/reports'
import type { Inspection } from '../inspection.js'
import { micronovaRelease, novaRelease } from '../parse-args.js'
import { greenThreadsSection } from './green-threads.js'
import { libraries } from './libraries.js'
import { ownReportOptions } from './options.js'
import { connectionsSection, periodicTasksSection, startUpSection } from './service-sections.js'

export interface GuruReportDeps {
  readonly config: ParsedConfig
  readonly inspection: Inspection
  readonly clock: Clock
  readonly log: Logger
}

/** Making the guard takes the main thread some 30 ms, which a service that has just started has better uses for. */
const guardDelayMs = 1000

/** What is known of the main thread besides what it works on. */
interface MainThread {
  /** Null: the loop does not turn. */
  readonly loopDelayMs: number | null
  readonly stack: readonly FrameModel[] | null
  readonly notes: readonly string[]
}

/** The reports of one process, until it ends: what is in them, where they go, and the guard that gets one out of a stuck event loop. */
export class GuruReport {
  readonly #deps: GuruReportDeps
  readonly #format: ReportFormat
  readonly #place: ReportPlace
  /** Requests that the guard has answered and the event loop has not seen yet. */
  #answered = 0

  constructor(deps: GuruReportDeps) {
    this.#deps = deps
    const { config, inspection } = deps
    this.#format = config.section(ownReportOptions).report_format as ReportFormat
    this.#place = { logDir: config.section(reportOptions).log_dir || null, service: inspection.program, pid: process.pid }
  }

  /** Somebody asked, and the event loop turns. */
  async asked(): Promise<void> {
    if (this.#answered > 0) {
      this.#answered--
      return
    }
    const { clock } = this.#deps
    const begun = clock.monotonicMs()
    await new Promise((resolve) => setImmediate(resolve))
    this.#write({ loopDelayMs: clock.monotonicMs() - begun, stack: null, notes: ['The event loop turns: no JavaScript waits on a stack.'] })
  }

  /** Watch the trigger file, if there is to be one. */
  watchFile(): void {
    const { config, clock } = this.#deps
    const { file_event_handler: path, file_event_handler_interval: intervalSeconds } = config.section(reportOptions)
    if (path) new TriggerFile({ clock, onModified: () => void this.asked() }, path, intervalSeconds).start()
  }

  /** The service is up: a moment later watch for a stuck loop. Costs nothing before. */
  async watchLoop(signal: number): Promise<void> {
    const { config, clock, log } = this.#deps
    const { file_event_handler: path, file_event_handler_interval: intervalSeconds } = config.section(reportOptions)
    if (!config.section(ownReportOptions).report_stuck_loop) return
    await clock.sleep(guardDelayMs)
    const guard = new StuckGuard(
      { log },
      {
        pid: process.pid,
        signal: path ? null : signal,
        file: path ? { path, intervalSeconds } : null,
        fallback: renderReport(this.#sectionsOfStart(), this.#format),
        format: this.#format,
        place: this.#place,
      },
    )
    const watches = await guard.start(
      (stack) => this.#stuck(stack),
      // What asked meanwhile is seen within these turns of the loop, and at the next look at the file.
      () => setTimeout(() => this.#forget(), intervalSeconds * 1000 + 500).unref(),
    )
    if (watches) log.debug('A report can be had of a stuck event loop')
  }

  /** In the middle of whatever the main thread is stuck in: nothing here may await, or touch what others may be changing. */
  #stuck(stack: readonly FrameModel[]): void {
    this.#answered++
    const notes = ['The event loop is stuck in what follows; this report was written in its midst.']
    this.#write({ loopDelayMs: null, stack, notes })
  }

  #forget(): void {
    this.#answered = 0
  }

  #write(main: MainThread): void {
    const now = this.#deps.clock.now()
    writeReport(fs, this.#place, renderReport(this.#sections(main, now), this.#format), now)
  }

  #sections({ loopDelayMs, stack, notes }: MainThread, now: number): Section[] {
    const { config, inspection } = this.#deps
    const service = () => inspection.service()
    return present([
      ['Package', () => this.#package()],
      ['Threads', () => threadsSection(process.pid, notes, stack)],
      ['Green Threads', () => greenThreadsSection(inspection, now)],
      ['Processes', () => processesSection(process.pid)],
      ['Start-up', () => startUpSection({ steps: inspection.steps, service })],
      ['Connections', () => connectionsSection(inspection, now)],
      ['Periodic Tasks', () => periodicTasksSection({ service })],
      ['Runtime', () => runtimeSection(loopDelayMs)],
      ['Configuration', () => configurationSection(config)],
    ])
  }

  /** What the guard can say without the main thread. */
  #sectionsOfStart(): Section[] {
    const { config, inspection } = this.#deps
    return present([
      ['Package', () => this.#package()],
      ['Threads', () => threadsSection(process.pid, [mainThreadMark], null)],
      ['Start-up', () => startUpSection({ steps: inspection.steps, service: () => inspection.service() })],
      ['Configuration', () => configurationSection(config)],
    ])
  }

  #package(): Section {
    const facts = { version: novaRelease, micronova: micronovaRelease, program: this.#deps.inspection.program, libraries }
    return packageSection(facts, { versions: process.versions, system: `${type()} ${release()}` })
  }
}

/** A section that fails says so in its place: the others are needed all the more. */
function present(makers: readonly (readonly [title: string, make: () => Section])[]): Section[] {
  return makers.map(([title, make]) => {
    try {
      return make()
    } catch (err) {
      const name = title.toLowerCase().replace(/\W/g, '_')
      return { name, title, form: 'values', model: { failed: err instanceof Error ? err.message : String(err) } }
    }
  })
}
