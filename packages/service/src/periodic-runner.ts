import { type Clock, doneOrAborted, type Lifecycle, type LifecycleState, type Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { DynamicLoopingCall } from './looping-calls.js'
import type { PeriodicTask } from './manager.js'

/** Spacing of a task that gives none, and the longest sleep between two looks at the tasks. */
const DEFAULT_SPACING_SECONDS = 60
/** Part of a spacing by which a run may be put off at random, so that many hosts do not fall into step. */
const JITTER = 1 / 20

/** What the guru report shows of a periodic task. */
export interface PeriodicTaskReport {
  readonly name: string
  /** Below 0: never run. */
  readonly spacingSeconds: number
  /** Wall time, milliseconds since 1970; null before the first run. */
  readonly lastStartedAt: number | null
  /** Null before the end of the first run. */
  readonly lastDurationMs: number | null
  readonly lastResult: 'never' | 'running' | 'done' | 'failed' | 'cancelled'
  /** Runs that have ended, since the start of the service. */
  readonly runs: number
  /** Of these, those that failed. */
  readonly failures: number
}

export interface PeriodicRunnerDeps {
  readonly log: Logger
  readonly clock: Clock
  readonly random: Random
}

export interface PeriodicRunnerOptions {
  /** Stands before the names of the tasks in log lines: `ComputeManager`. */
  readonly owner: string
  readonly tasks: readonly PeriodicTask[]
  /** The first look at the tasks comes after a whole random number of seconds from 0 to this. Default 0. */
  readonly fuzzyDelaySeconds?: number
  /** Longest sleep between two looks at the tasks. Default: none but the 60 seconds that always hold. */
  readonly intervalMaxSeconds?: number | null
  /** False: tasks marked `externalProcessOk` are left to a process of their own. Default true. */
  readonly runExternal?: boolean
}

interface Entry {
  readonly task: PeriodicTask
  /** Monotonic seconds of the last run, moved to a boundary of the spacing; null: due at once. */
  lastRun: number | null
  report: Omit<PeriodicTaskReport, 'name' | 'spacingSeconds'>
}

/**
 * Runs the periodic tasks of a manager, one after the other in the order of their list. An error is logged and the
 * next run is the retry. Stopping aborts the signal of the task under way and waits for it.
 *
 * @see oslo.service 3.0.0, `periodic_task.py`
 */
export class PeriodicRunner implements Lifecycle {
  readonly #deps: PeriodicRunnerDeps
  readonly #options: PeriodicRunnerOptions
  readonly #loop: DynamicLoopingCall
  readonly #entries: readonly Entry[]
  #state: LifecycleState = 'new'

  constructor(deps: PeriodicRunnerDeps, options: PeriodicRunnerOptions) {
    this.#deps = deps
    this.#options = options
    this.#entries = options.tasks.map((task) => ({
      task,
      lastRun: null,
      report: { lastStartedAt: null, lastDurationMs: null, lastResult: 'never', runs: 0, failures: 0 },
    }))
    this.#loop = new DynamicLoopingCall(deps, {
      name: `${options.owner}.periodic_tasks`,
      initialDelaySeconds: Math.floor(deps.random.next() * ((options.fuzzyDelaySeconds ?? 0) + 1)),
      intervalMaxSeconds: options.intervalMaxSeconds,
      run: (signal) => this.#runDue(signal),
    })
  }

  get state(): LifecycleState {
    return this.#state
  }

  /** Every task with its last run, in their order. */
  report(): PeriodicTaskReport[] {
    return this.#entries.map(({ task, report }) => ({ name: task.name, spacingSeconds: spacingOf(task), ...report }))
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw new Error(`the periodic tasks cannot start: they are ${this.#state}`)
    this.#state = 'running'
    const now = this.#now()
    for (const entry of this.#entries) {
      if (!entry.task.runImmediately) entry.lastRun = now
      if (spacingOf(entry.task) < 0) this.#deps.log.info(`Skipping periodic task ${entry.task.name} because its interval is negative`)
    }
    this.#loop.start()
  }

  async stop(deadline: AbortSignal): Promise<void> {
    if (this.#state !== 'stopped') this.#state = 'stopping'
    this.#loop.stop()
    await doneOrAborted(this.#loop.wait(), deadline)
    this.#state = 'stopped'
  }

  /** Runs what is due. @returns seconds until the next look */
  async #runDue(signal: AbortSignal): Promise<number> {
    let idle = DEFAULT_SPACING_SECONDS
    for (const entry of this.#entries) {
      if (signal.aborted) break
      const spacing = spacingOf(entry.task)
      if (spacing < 0 || (entry.task.externalProcessOk && this.#options.runExternal === false)) continue
      idle = Math.min(idle, spacing)
      const remaining = entry.lastRun === null ? 0 : entry.lastRun + spacing - this.#now()
      if (remaining > 0) {
        idle = Math.min(idle, remaining)
        continue
      }
      entry.lastRun = this.#boundary(entry.lastRun, spacing)
      await this.#run(entry, signal)
    }
    return idle
  }

  async #run(entry: Entry, signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#deps
    const name = `${this.#options.owner}.${entry.task.name}`
    const startedAt = clock.now()
    const began = clock.monotonicMs()
    const ended = (lastResult: 'done' | 'failed' | 'cancelled') => {
      const runs = entry.report.runs + 1
      const failures = entry.report.failures + (lastResult === 'failed' ? 1 : 0)
      entry.report = { lastStartedAt: startedAt, lastDurationMs: clock.monotonicMs() - began, lastResult, runs, failures }
    }
    log.debug(`Running periodic task ${name}`)
    entry.report = { ...entry.report, lastStartedAt: startedAt, lastResult: 'running' }
    try {
      await entry.task.run(signal)
      ended('done')
    } catch (err) {
      ended(signal.aborted ? 'cancelled' : 'failed')
      if (!signal.aborted) log.error(`Error during ${name}`, { err })
    }
  }

  /** The last multiple of `spacing` after `lastRun`, put off by up to 5 % of it in whole seconds: below 20 seconds by nothing. */
  #boundary(lastRun: number | null, spacing: number): number {
    const now = this.#now()
    if (lastRun === null) return now
    return now - ((now - lastRun) % spacing) + Math.floor(spacing * this.#deps.random.next() * JITTER)
  }

  #now(): number {
    return this.#deps.clock.monotonicMs() / 1000
  }
}

/** Read again for each look, so that an option changed by SIGHUP counts. */
function spacingOf(task: PeriodicTask): number {
  return task.spacingSeconds() || DEFAULT_SPACING_SECONDS
}
