import { systemClock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { checkWorkers, Launcher, type Servable, StartCancelled } from '@micronova/service'
import { errorText, isMendable } from './error-text.js'
import type { ExaminedProcess, ProgramHealth } from './health/program-health.js'
import type { ProgramReports } from './report/program-reports.js'
import { type Ailment, type ServiceManager, takeServiceManager } from './service-manager.js'
import { handleSignals, isDaemon } from './signals.js'
import { ARE_YOU_ALIVE, I_AM_ALIVE, Supervisor, WORKER_IS_UP, WORKER_LISTENS } from './supervisor.js'

/** What a program has once its configuration is read and its log is open. */
export interface Program {
  readonly log: Logger
  /** How many processes the service runs in; null: this one alone. */
  readonly workers?: number | null
  /** Answers those who ask how the service is; null or left out: nobody may. */
  readonly health?: ProgramHealth | null
  /** Tells how this process is; left out: SIGUSR2 does nothing. */
  readonly reports?: ProgramReports
  /** Read when a stop begins; 0: it may take any time. */
  gracefulShutdownSeconds(): number
  /** Called once, in each process that will serve; not in one that only watches over workers. */
  createService(): Servable | Promise<Servable>
  /** SIGHUP: read the configuration again and apply what may change. Rejects if it is wrong; then nothing has changed. */
  reload(): Promise<void>
  /** At the very end: give back what was opened, the log last. */
  close(): Promise<void>
}

/**
 * Be the service `name` until it has been stopped: read the configuration, serve, answer signals, and end the process.
 *
 * | event | what happens | status |
 * | --- | --- | --- |
 * | SIGTERM | work in hand is finished within the graceful timeout; a start is undone | 0; 1 if something failed or the time ran out |
 * | second SIGTERM, SIGINT | the end, at once, of workers too | 1 |
 * | SIGHUP | the configuration is read again; in the foreground of a terminal: as SIGTERM | |
 * | SIGUSR2 | a guru meditation report is written, by each worker too | |
 * | a start that fails, an error that no one catches | the end | 1, or the `exitStatus` of the error |
 *
 * A service manager that waits for it is told when the service works, reads its configuration again, and stops.
 *
 * @param prepare reads the command line; null: there is nothing to serve, as after `--help`. With several workers it is
 *   called in each of them too, so it must not take what only one process can have
 */
export async function runService(name: string, prepare: () => Promise<Program | null>): Promise<void> {
  let service: ServiceProcess | null = null
  let hasHungUp = false
  // From now on, so that no signal of the time before there is a service kills the process or is lost.
  handleSignals({
    terminate: (again) => (service === null ? process.exit(0) : service.terminate(again)),
    interrupt: () => (service === null ? process.exit(1) : service.interrupt()),
    hangUp: () => {
      if (service === null) hasHungUp = true
      else service.hangUp()
    },
    report: () => service?.report(),
  })
  if (isWorker()) tellSupervisor(WORKER_LISTENS)
  try {
    const program = await prepare()
    if (program === null) return
    const manager = takeServiceManager(process.env, program.log) // before there are workers, who would inherit it
    service = new ServiceProcess(name, program, await workOf(program, manager), manager)
    if (hasHungUp) service.hangUp()
    await service.run()
  } catch (err) {
    process.stderr.write(`${name}: ${errorText(err)}\n`)
    process.exit(exitStatus(err))
  }
}

/** One service in this process, or the workers that have it. */
interface Work {
  start(): Promise<void>
  stop(deadline: AbortSignal): Promise<void>
  reset(signal: AbortSignal): Promise<void>
  kill(): void
  /** Asked at each beat of the watchdog, and by those who ask for the health. */
  examine(): Ailment
}

/** Tells a process that it is a worker. */
const WORKER_VARIABLE = 'MICRONOVA_WORKER'
/** Time for the last log lines to be written. More would have a full disk hold up the end. */
const CLOSE_MS = 1000
/** The longest that a timer of Node can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1

class ServiceProcess {
  readonly #name: string
  readonly #program: Program
  readonly #log: Logger
  readonly #work: Work
  readonly #manager: ServiceManager | null
  readonly #halt = new AbortController()
  #reloading: Promise<void> = Promise.resolve()
  #exiting = false

  constructor(name: string, program: Program, work: Work, manager: ServiceManager | null) {
    this.#name = name
    this.#program = program
    this.#log = program.log
    this.#work = work
    this.#manager = manager
  }

  /** Never resolves: the process ends. */
  async run(): Promise<never> {
    setInterval(() => {}, MAX_TIMER_MS) // a service without a socket or a timer still serves
    process.on('uncaughtException', (err) => {
      this.#log.critical('Unhandled error', { err })
      void this.#exit(1)
    })
    if (isWorker()) {
      process.on('disconnect', () => this.#orphaned())
      process.on('message', (message) => this.#answer(message))
    }
    if (isWorker() && !process.connected) this.#orphaned() // it died while this process was loading
    this.#program.reports?.watchFile()
    await this.#start()
    return new Promise(() => {})
  }

  async #start(): Promise<void> {
    try {
      if (!isWorker()) await this.#program.health?.listen(this.#examined())
      await this.#work.start()
      if (this.#halt.signal.aborted) return // told to stop just now
      if (isWorker()) tellSupervisor(WORKER_IS_UP)
      this.#manager?.ready(() => this.#work.examine())
      void this.#program.reports?.watchLoop()
    } catch (err) {
      if (err instanceof StartCancelled) return // told to stop: `#stop` ends the process
      if (isMendable(err)) this.#log.critical(`${this.#name} could not start: ${errorText(err)}`)
      else this.#log.critical(`${this.#name} could not start`, { err })
      await this.#stop(exitStatus(err))
    }
  }

  /** A worker whose event loop is stuck does not answer, and one that is unfit says why in its log. */
  #answer(message: unknown): void {
    void this.#program.health?.answer(message, this.#examined())?.then(tellSupervisor)
    if (message !== ARE_YOU_ALIVE) return
    const ailment = this.#work.examine()
    if (ailment === null) tellSupervisor(I_AM_ALIVE)
    else this.#log.error(`This worker is not fit to go on: ${ailment}`)
  }

  #examined(): ExaminedProcess {
    const work = this.#work
    return {
      examine: () => work.examine(),
      isStopping: () => this.#halt.signal.aborted,
      workers: work instanceof Supervisor ? work : null,
    }
  }

  terminate(again: boolean): void {
    if (!again) {
      this.#log.info(`${this.#prefix('SIGTERM')}, ${this.#work instanceof Supervisor ? 'stopping children' : 'handling'}`)
      void this.#stop(0)
    } else if (!isWorker()) {
      this.#log.info('Caught a second SIGTERM signal, instantaneous exiting')
      this.#work.kill()
      void this.#exit(1)
    }
    // A worker is told twice when a whole process group is terminated: by the sender and by its supervisor, who
    // alone decides when the time is up.
  }

  interrupt(): void {
    this.#log.info('Caught SIGINT signal, instantaneous exiting')
    this.#work.kill()
    void this.#exit(1)
  }

  hangUp(): void {
    if (!isDaemon()) {
      this.terminate(false)
      return
    }
    this.#log.info(`${this.#prefix('SIGHUP')}, handling`)
    this.#reloading = this.#reloading.then(async () => {
      this.#manager?.reloading()
      await this.#reload()
      this.#manager?.reloaded()
    })
  }

  async #reload(): Promise<void> {
    try {
      await this.#program.reload()
    } catch (err) {
      this.#log.error('The configuration could not be read again', { err })
      return
    }
    try {
      await this.#work.reset(this.#halt.signal)
    } catch (err) {
      this.#log.error(`The configuration was read again, but ${this.#name} could not look again at what it has in memory`, { err })
    }
  }

  report(): void {
    void this.#program.reports?.signalled()
    if (this.#work instanceof Supervisor) this.#work.report()
  }

  #orphaned(): void {
    if (this.#halt.signal.aborted) return
    this.#log.info('Parent process has died unexpectedly, exiting')
    void this.#stop(1)
  }

  /** Stop and end with `status`, or with 1 if stopping fails or takes too long. The first one counts. */
  async #stop(status: number): Promise<void> {
    if (this.#halt.signal.aborted) return
    this.#halt.abort()
    this.#manager?.stopping()
    const deadline = new AbortController()
    const seconds = this.#program.gracefulShutdownSeconds()
    if (seconds > 0) setTimeout(() => this.#timeIsUp(deadline), Math.min(seconds * 1000, MAX_TIMER_MS))
    try {
      await this.#work.stop(deadline.signal)
      await this.#exit(status)
    } catch (err) {
      this.#log.error(`${this.#name} did not stop cleanly`, { err })
      await this.#exit(1)
    }
  }

  #timeIsUp(deadline: AbortController): void {
    this.#log.info('Graceful shutdown timeout exceeded, instantaneous exiting')
    deadline.abort()
    void this.#exit(1)
  }

  async #exit(status: number): Promise<void> {
    if (this.#exiting) return
    this.#exiting = true
    const done = Promise.all([this.#program.close().catch(() => {}), this.#manager?.told()])
    await Promise.race([done, systemClock.sleep(CLOSE_MS)])
    process.exit(status)
  }

  #prefix(signal: string): string {
    return isWorker() ? `Child caught ${signal}` : `Caught ${signal}`
  }
}

class InThisProcess implements Work {
  readonly #program: Program
  readonly #launcher = new Launcher()

  constructor(program: Program) {
    this.#program = program
  }

  async start(): Promise<void> {
    await this.#launcher.serve(await this.#program.createService())
  }

  stop(deadline: AbortSignal): Promise<void> {
    return this.#launcher.stop(deadline)
  }

  reset(signal: AbortSignal): Promise<void> {
    return this.#launcher.reset(signal)
  }

  kill(): void {} // ends with the process

  examine(): Ailment {
    return this.#launcher.examine()
  }
}

async function workOf(program: Program, manager: ServiceManager | null): Promise<Work> {
  const workers = checkWorkers(program.workers ?? null)
  if (workers === 1 || isWorker()) return new InThisProcess(program)
  const { fork } = await import('node:child_process') // costs a start 2 ms, which most do not need to spend
  const [, main = '', ...args] = process.argv
  const env = { ...process.env, [WORKER_VARIABLE]: '1' }
  const patienceMs = manager?.beatMs ?? undefined
  return new Supervisor({ log: program.log, clock: systemClock, fork: () => fork(main, args, { env }) }, { workers, patienceMs })
}

/** A supervisor that has died meanwhile cannot be told; the `disconnect` that follows says so, and is acted on. */
function tellSupervisor(message: string | object): void {
  process.send?.(message, undefined, undefined, () => {})
}

function isWorker(): boolean {
  return process.env[WORKER_VARIABLE] !== undefined
}

function exitStatus(err: unknown): number {
  return err instanceof Error && 'exitStatus' in err && typeof err.exitStatus === 'number' ? err.exitStatus : 1
}
