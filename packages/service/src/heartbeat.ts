import { type Clock, doneOrAborted, type Lifecycle, type LifecycleState } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { FixedIntervalLoopingCall } from './looping-calls.js'
import { isNovaError, isTimeout } from './peer-errors.js'
import type { HeartbeatReport } from './report.js'
import type { ServiceIdentity, ServiceRecord, ServiceRecords } from './service-record.js'

/** Upstream's INITIAL_REPORTING_DELAY: a service that dies right after its start never looks as if it had been up. */
const FIRST_REPORT_SECONDS = 5

export interface ServiceHeartbeatDeps {
  readonly records: ServiceRecords
  readonly log: Logger
  readonly clock: Clock
}

export interface ServiceHeartbeatOptions {
  readonly identity: ServiceIdentity
  /** The row to keep fresh; its `report_count` goes up by one a report. */
  readonly record: ServiceRecord
  readonly intervalSeconds: number
}

/**
 * Keeps a service "up" in the services table. A report that fails is logged and the next one is made all the same;
 * a conductor that cannot be reached is named once until it is back. Stopping waits for the report under way.
 *
 * @see nova 26.2.2, `servicegroup/drivers/db.py`
 */
export class ServiceHeartbeat implements Lifecycle {
  readonly #deps: ServiceHeartbeatDeps
  readonly #options: ServiceHeartbeatOptions
  readonly #loop: FixedIntervalLoopingCall
  #state: LifecycleState = 'new'
  #disconnected = false
  #lastReportedAt: number | null = null

  constructor(deps: ServiceHeartbeatDeps, options: ServiceHeartbeatOptions) {
    this.#deps = deps
    this.#options = options
    this.#loop = new FixedIntervalLoopingCall(deps, {
      name: 'report_state',
      initialDelaySeconds: FIRST_REPORT_SECONDS,
      intervalSeconds: options.intervalSeconds,
      run: (signal) => this.#report(signal),
    })
  }

  get state(): LifecycleState {
    return this.#state
  }

  report(): HeartbeatReport {
    return { intervalSeconds: this.#options.intervalSeconds, lastReportedAt: this.#lastReportedAt, isFailing: this.#disconnected }
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw new Error(`the heartbeat cannot start: it is ${this.#state}`)
    this.#state = 'running'
    this.#loop.start()
  }

  async stop(deadline: AbortSignal): Promise<void> {
    if (this.#state !== 'stopped') this.#state = 'stopping'
    this.#loop.stop()
    await doneOrAborted(this.#loop.wait(), deadline)
    this.#state = 'stopped'
  }

  async #report(signal: AbortSignal): Promise<void> {
    const { records, log, clock } = this.#deps
    const { record } = this.#options
    try {
      record.report_count += 1
      await records.save(record, signal)
      this.#lastReportedAt = clock.now()
      if (this.#disconnected) log.info('Recovered from being unable to report status.')
      this.#disconnected = false
    } catch (err) {
      if (signal.aborted) return
      this.#logFailure(err)
      this.#disconnected = true
    }
  }

  #logFailure(err: unknown): void {
    const { log } = this.#deps
    const { binary, host } = this.#options.identity
    if (isTimeout(err)) {
      if (!this.#disconnected) log.warning('nova-conductor does not answer: the status of this service cannot be reported')
    } else if (isNovaError(err, 'ServiceNotFound')) {
      log.error(`The row of ${binary} on ${host} in the services table is gone; restart the service to make it again, or stop it`)
    } else {
      log.error('Unexpected error while reporting service status', { err })
    }
  }
}
