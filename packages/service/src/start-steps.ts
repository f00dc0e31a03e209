import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'

/** One step of a start, as the guru report shows it. */
export interface StartStep {
  /** Nova's word where it has one: `init_host`, `pre_start_hook`. */
  readonly name: string
  /** Wall time, milliseconds since 1970. */
  readonly startedAt: number
  /** Null while the step runs. */
  readonly durationMs: number | null
  readonly outcome: 'running' | 'done' | 'failed' | 'cancelled'
}

export interface StartStepsDeps {
  readonly log: Logger
  readonly clock: Clock
  /** Called when a step begins and when it ends: a program that shows its start as it happens. */
  readonly observe?: (step: StartStep) => void
}

/** Runs the steps of a start one by one, logs one line for each, and remembers them for the guru report. */
export class StartSteps {
  readonly #deps: StartStepsDeps
  readonly #steps: StartStep[] = []

  constructor(deps: StartStepsDeps) {
    this.#deps = deps
  }

  /** In the order in which they began. */
  get steps(): readonly StartStep[] {
    return this.#steps
  }

  /** Remember a step that was over before there was a log to write to: reading the configuration, opening the log. */
  record(name: string, durationMs: number): void {
    const { clock, log, observe } = this.#deps
    const step: StartStep = { name, startedAt: clock.now() - durationMs, durationMs, outcome: 'done' }
    this.#steps.push(step)
    log.info(`Start-up step ${name} done after ${durationMs.toFixed(0)} ms`)
    observe?.(step)
  }

  /** Run one step. What `work` throws goes on to the caller; after `signal` has aborted it counts as cancelled. */
  async run<T>(name: string, work: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    const { clock, log, observe } = this.#deps
    const began = clock.monotonicMs()
    const step: StartStep = { name, startedAt: clock.now(), durationMs: null, outcome: 'running' }
    const index = this.#steps.push(step) - 1
    observe?.(step)
    const end = (outcome: 'done' | 'failed' | 'cancelled') => {
      const ended: StartStep = { ...step, durationMs: clock.monotonicMs() - began, outcome }
      this.#steps[index] = ended
      log.info(`Start-up step ${name} ${outcome} after ${ended.durationMs?.toFixed(0)} ms`)
      observe?.(ended)
    }
    try {
      signal?.throwIfAborted()
      const result = await work()
      end('done')
      return result
    } catch (err) {
      end(signal?.aborted ? 'cancelled' : 'failed')
      throw err
    }
  }
}
