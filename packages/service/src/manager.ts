/**
 * Work that a service repeats. No input, idempotent, no retries of its own: the next run is the retry.
 * All tasks of a manager run one after the other, in the order of their list.
 */
export interface PeriodicTask {
  /** Nova's name, such as `_sync_power_states` or `update_available_resource`. */
  readonly name: string
  /** Seconds between two runs. 0 means the default of 60; below 0 the task never runs. Read again before each run. */
  spacingSeconds(): number
  /** True: the first run is at the first tick; otherwise one spacing after the start. */
  readonly runImmediately: boolean
  /** True: the task may be left to a process of its own, by `run_external_periodic_tasks = false`. No task of Nova is. */
  readonly externalProcessOk?: boolean
  run(signal: AbortSignal): Promise<void>
}

/**
 * What a service does between its start and its end. `Service` calls the hooks in the order in which they stand here.
 * A hook that throws before `endpoints` are served ends the start; the process then exits with a status other than 0.
 */
export interface Manager {
  /** Answered by `baseapi.ping`: `compute`, `conductor`, `scheduler`. */
  readonly serviceName: string
  /** Before anything is registered: the host is brought into a known state. */
  initHost(signal: AbortSignal): Promise<void>
  /** After the service record exists, before the queues are opened. */
  preStartHook(signal: AbortSignal): Promise<void>
  /** After the queues are consumed. */
  postStartHook(signal: AbortSignal): Promise<void>
  readonly periodicTasks: readonly PeriodicTask[]
  /** SIGHUP, after the mutable options have changed. */
  reset(signal: AbortSignal): Promise<void>
  /** The queues are closed and the work in hand is done, or `deadline` has come. */
  cleanupHost(deadline: AbortSignal): Promise<void>
}
