import { SHARE_ENV, Worker } from 'node:worker_threads'
import type { Logger } from '@micronova/log'
import type { FrameModel, ReportFormat } from '../model.js'
import { stackHere } from '../sections/threads.js'
import { xmlText } from '../views/xml-view.js'
import { type ReportPlace, writeReport } from '../write-report.js'
import { type GuardMessage, type GuardOrders, guardThread } from './guard-thread.js'

export interface StuckGuardOptions {
  readonly pid: number
  readonly signal: number | null
  readonly file: { readonly path: string; readonly intervalSeconds: number } | null
  /** A report with `mainThreadMark` in it, of what does not change while the program runs. */
  readonly fallback: string
  readonly format: ReportFormat
  readonly place: ReportPlace
}

/** Under this name of the global object the interrupted main thread finds what it is to do: a debugger can call what it can name. */
const reportNow = Symbol.for('micronova.report-now')

/** Longer than any turn of a healthy loop, and short enough for a report within two seconds, a look at the trigger file included. */
const patienceMs = 400
const interruptMs = 300

/**
 * Gets a report out of a program whose event loop is stuck; see `guard-thread.ts` for how. Costs a thread with 6 to 9 MiB of memory that
 * sleeps until a report is asked for.
 */
export class StuckGuard {
  readonly #log: Logger
  readonly #options: StuckGuardOptions
  readonly #answers = new Int32Array(new SharedArrayBuffer(4))
  #worker: Worker | null = null

  constructor({ log }: { readonly log: Logger }, options: StuckGuardOptions) {
    this.#log = log
    this.#options = options
  }

  /**
   * Resolves when the thread watches, or, with false, when it cannot, which has been logged; then a stuck loop stays silent.
   *
   * @param writeNow called in the middle of whatever the main thread is stuck in, with the stack of that: it writes a report and returns,
   *   and awaits nothing
   * @param turned called when the event loop answers the guard: it is not stuck, or no longer
   */
  start(writeNow: (stack: readonly FrameModel[]) => void, turned: () => void): Promise<boolean> {
    const holder = globalThis as unknown as Record<symbol, () => boolean>
    const evaluated = () => {
      const stack = stackHere(evaluated)
      writeNow(stack.slice(0, -1)) // the innermost is the call that the guard makes
      return true
    }
    holder[reportNow] = evaluated
    const worker = new Worker(threadSource(), {
      eval: true,
      workerData: this.#orders(),
      env: SHARE_ENV,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
    })
    this.#worker = worker
    return new Promise((resolve) => {
      worker.on('message', (message: GuardMessage) => {
        if ('ask' in message) {
          Atomics.store(this.#answers, 0, message.ask)
          turned()
        } else if ('blind' in message)
          this.#log.warning(`A report cannot be had by a signal while the event loop is stuck: ${message.blind}`)
        else resolve(true)
      })
      worker.on('error', (err) => this.#log.warning('The thread that reports a stuck event loop has failed', { err }))
      worker.on('exit', () => resolve(false))
      worker.unref()
    })
  }

  async stop(): Promise<void> {
    delete (globalThis as unknown as Record<symbol, unknown>)[reportNow]
    await this.#worker?.terminate()
  }

  #orders(): GuardOrders {
    const { pid, signal, file, fallback, format, place } = this.#options
    return {
      pid,
      signal,
      file: file === null ? null : { path: file.path, intervalMs: Math.max(file.intervalSeconds, 0.1) * 1000 },
      patienceMs,
      interruptMs,
      expression: `globalThis[Symbol.for(${JSON.stringify(Symbol.keyFor(reportNow))})]()`,
      fallback: { report: fallback, escapes: escapesOf[format], place },
      answers: this.#answers,
    }
  }
}

/** The characters that what the guard sees may have in it. */
const escapesOf: Readonly<Record<ReportFormat, readonly (readonly [string, string])[]>> = {
  text: [],
  json: [
    ['\\', '\\\\'],
    ['"', '\\"'],
    ['\n', '\\n'],
    ['\t', '\\t'],
  ],
  xml: ['&', '<', '>'].map((char) => [char, xmlText(char)]),
}

/** `__name` is what bundling with kept names puts around functions. */
function threadSource(): string {
  return `const __name = (value) => value
const { parentPort, workerData } = require('node:worker_threads')
;(${guardThread.toString()})({ fs: require('node:fs'), inspector: () => require('node:inspector') }, parentPort, workerData, ${writeReport.toString()})`
}
