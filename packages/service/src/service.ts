import { type Clock, doneOrAborted, follow, type Lifecycle, type LifecycleState, type Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { checkTemporaryFolder } from './check-temporary-folder.js'
import { StartCancelled } from './errors.js'
import { ServiceHeartbeat } from './heartbeat.js'
import { chooseManager, type IdentityOptions, identify } from './identity.js'
import type { Manager } from './manager.js'
import type { ServiceConfig } from './options.js'
import { orAborted } from './or-aborted.js'
import { PeriodicRunner } from './periodic-runner.js'
import type { ServiceReport } from './report.js'
import { registerService, type ServiceIdentity, type ServiceRecord, type ServiceRecords } from './service-record.js'
import { serviceDownTime } from './service-up.js'
import type { StartSteps } from './start-steps.js'
import { type ConductorPing, waitForConductor } from './wait-for-conductor.js'

export interface ServiceDeps<M extends Manager> {
  /** `nova.service`. */
  readonly log: Logger
  readonly clock: Clock
  readonly random: Random
  readonly steps: StartSteps
  /** Null for the conductor itself, which waits for no one. */
  readonly conductor: ConductorPing | null
  readonly records: ServiceRecords
  /** By the dotted Python name that configurations carry: `nova.compute.manager.ComputeManager`. */
  readonly managers: Readonly<Record<string, (identity: ServiceIdentity) => M>>
  /**
   * Makes the RPC server of `topic` and `topic.host` with the manager's endpoints and `baseapi`. Its `stop` first closes
   * the queues, then waits for the messages in work until the deadline.
   */
  listen(identity: ServiceIdentity, manager: M): Lifecycle
  /** Between the conductor's answer and `initHost`: the check for computes that are too old. */
  checks?(signal: AbortSignal): Promise<void>
}

export interface CreateServiceOptions extends IdentityOptions {
  readonly config: ServiceConfig
  /** Of this program, for the log. */
  readonly version: string
  /** Default: the option `<name>_manager`, then Nova's own. */
  readonly manager?: string
  /** Default: the option of that name in each case. */
  readonly reportIntervalSeconds?: number
  readonly periodicEnable?: boolean
  readonly periodicFuzzyDelaySeconds?: number
  /** Default: no limit. */
  readonly periodicIntervalMaxSeconds?: number | null
}

/**
 * A Nova service: a manager behind its queues, with a row in the services table, a heartbeat and periodic tasks.
 *
 *     new --start--> starting ------> running --stop--> stopping --> stopped
 *                       |  a step failed, or stop()        ^
 *                       +----------------------------------+
 *
 * A start that fails or is cancelled undoes what it did before it rejects; the first error is the one that it rejects with.
 *
 * @see nova 26.2.2, `service.py`
 */
export class Service<M extends Manager = Manager> implements Lifecycle {
  readonly identity: ServiceIdentity
  readonly manager: M
  /** The dotted Python name under which the manager was found. */
  readonly managerName: string
  /** Seconds after which a silent service counts as down; mended if the option is too small. */
  readonly serviceDownTimeSeconds: number
  readonly #deps: ServiceDeps<M>
  readonly #options: CreateServiceOptions
  readonly #halt = new AbortController()
  /** Cuts short the undoing of a start. */
  readonly #cut = new AbortController()
  #state: LifecycleState = 'new'
  #starting: Promise<void> = Promise.resolve()
  #stopping: Promise<void> | null = null
  #hostTouched = false
  #server: Lifecycle | null = null
  #heartbeat: ServiceHeartbeat | null = null
  #periodic: PeriodicRunner | null = null

  /**
   * A service with Nova's defaults. Nothing is opened or asked yet.
   *
   * @throws UnknownManager if the manager that is configured is not in `deps.managers`
   */
  static create<M extends Manager>(options: CreateServiceOptions, deps: ServiceDeps<M>): Service<M> {
    const identity = identify(options, options.config)
    const { name, create } = chooseManager(deps.managers, identity.binary, options.manager, options.config)
    return new Service(identity, name, create(identity), options, deps)
  }

  private constructor(identity: ServiceIdentity, managerName: string, manager: M, options: CreateServiceOptions, deps: ServiceDeps<M>) {
    this.identity = identity
    this.managerName = managerName
    this.manager = manager
    this.#options = options
    this.#deps = deps
    this.serviceDownTimeSeconds = serviceDownTime(options.config, deps.log)
  }

  get state(): LifecycleState {
    return this.#state
  }

  report(): ServiceReport {
    return {
      identity: this.identity,
      managerName: this.managerName,
      state: this.#state,
      heartbeat: this.#heartbeat?.report() ?? null,
      periodicTasks: this.#periodic?.report() ?? [],
    }
  }

  /**
   * Resolves when the queues are consumed and the timers run. Each step is logged with its duration.
   *
   * @throws StartCancelled if `stop` came first; the reason of `signal` if it aborted
   */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#state !== 'new') throw new Error(`the service cannot start: it is ${this.#state}`)
    this.#state = 'starting'
    const unfollow = follow(this.#halt, signal)
    this.#starting = this.#startOrUndo(this.#halt.signal).finally(unfollow)
    await this.#starting
  }

  /**
   * Takes no new messages and begins no further periodic task, waits until the messages in work are done, lets the
   * manager clean up, and reports "alive" until then. The row in the services table stays. A start under way is
   * cancelled and undone instead.
   *
   * @throws AggregateError with everything that failed; all the rest was done all the same
   */
  stop(deadline: AbortSignal): Promise<void> {
    this.#stopping ??= this.#stop(deadline)
    return this.#stopping
  }

  /** SIGHUP, after the options have changed. Does nothing unless the service runs. */
  async reset(signal: AbortSignal): Promise<void> {
    if (this.#state === 'running') await this.manager.reset(signal)
  }

  async #startOrUndo(signal: AbortSignal): Promise<void> {
    try {
      await this.#startUp(signal)
      signal.throwIfAborted()
      this.#state = 'running'
    } catch (err) {
      const first = signal.aborted ? signal.reason : err // whatever the step makes of being cancelled
      this.#state = 'stopping'
      await this.#undo()
      this.#state = 'stopped'
      throw first
    }
  }

  async #startUp(signal: AbortSignal): Promise<void> {
    const { conductor, checks, log, records } = this.#deps
    const { config, version } = this.#options
    const { identity, manager } = this
    const step = <T>(name: string, work: () => T | Promise<T>) => this.#deps.steps.run(name, work, signal)

    if (conductor !== null) await step('conductor', () => waitForConductor({ conductor, log }, signal))
    if (checks !== undefined) await step('checks', () => orAborted(checks(signal), signal))
    log.info(`Starting ${identity.topic} node (version ${version})`)
    await step('temporary_folder', () => checkTemporaryFolder(config.tempdir))
    await step('init_host', () => this.#initHost(signal))
    const record = await step('service_record', () => registerService({ records, log }, identity, signal))
    await step('pre_start_hook', () => manager.preStartHook(signal))
    await step('rpc_server', () => this.#listen(signal))
    await step('post_start_hook', () => manager.postStartHook(signal))
    await step('heartbeat', () => this.#startHeartbeat(record))
    await step('periodic_tasks', () => this.#startPeriodicTasks())
  }

  #initHost(signal: AbortSignal): Promise<void> {
    this.#hostTouched = true // also when it fails half way: cleanupHost is for what it left
    return this.manager.initHost(signal)
  }

  #listen(signal: AbortSignal): Promise<void> {
    this.#server = this.#deps.listen(this.identity, this.manager)
    return this.#server.start(signal)
  }

  async #startHeartbeat(record: ServiceRecord): Promise<void> {
    const intervalSeconds = this.#options.reportIntervalSeconds ?? this.#options.config.report_interval
    if (intervalSeconds <= 0) return
    this.#heartbeat = new ServiceHeartbeat(this.#deps, { identity: this.identity, record, intervalSeconds })
    await this.#heartbeat.start()
  }

  async #startPeriodicTasks(): Promise<void> {
    const { config, periodicEnable, periodicFuzzyDelaySeconds, periodicIntervalMaxSeconds } = this.#options
    const tasks = this.manager.periodicTasks
    if (!(periodicEnable ?? config.periodic_enable) || tasks.length === 0) return
    this.#periodic = new PeriodicRunner(this.#deps, {
      owner: this.managerName.slice(this.managerName.lastIndexOf('.') + 1),
      tasks,
      fuzzyDelaySeconds: periodicFuzzyDelaySeconds ?? config.periodic_fuzzy_delay,
      intervalMaxSeconds: periodicIntervalMaxSeconds ?? null,
      runExternal: config.run_external_periodic_tasks,
    })
    await this.#periodic.start()
  }

  async #undo(): Promise<void> {
    const { clock, log } = this.#deps
    const seconds = this.#options.config.graceful_shutdown_timeout
    const timer = seconds > 0 ? clock.setTimer(seconds * 1000, () => this.#cut.abort()) : null
    try {
      await this.#shutDown(this.#cut.signal)
    } catch (err) {
      log.error('The start could not be undone altogether', { err }) // the start rejects with its own error
    } finally {
      timer?.cancel()
    }
  }

  async #stop(deadline: AbortSignal): Promise<void> {
    if (this.#state === 'running') {
      this.#state = 'stopping'
      try {
        await this.#shutDown(deadline)
      } finally {
        this.#state = 'stopped'
      }
    } else if (this.#state === 'new') {
      this.#state = 'stopped'
    } else {
      this.#halt.abort(new StartCancelled())
      const started = this.#starting.catch(() => {})
      await doneOrAborted(started, deadline)
      if (deadline.aborted) this.#cut.abort()
    }
  }

  async #shutDown(deadline: AbortSignal): Promise<void> {
    const failures: unknown[] = []
    const attempt = async (work: () => Promise<void> | undefined) => {
      try {
        await work()
      } catch (err) {
        failures.push(err)
      }
    }
    await Promise.all([attempt(() => this.#server?.stop(deadline)), attempt(() => this.#periodic?.stop(deadline))])
    if (this.#hostTouched) await attempt(() => this.manager.cleanupHost(deadline))
    await attempt(() => this.#heartbeat?.stop(deadline))
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} parts of ${this.identity.binary} failed to stop`)
  }
}
