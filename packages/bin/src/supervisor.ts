import { constants } from 'node:os'
import { aborted, type Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'

/** What a worker sends to its supervisor when signals no longer kill it, before it reads its configuration. */
export const WORKER_LISTENS = 'listens'
/** What it sends when its service runs. */
export const WORKER_IS_UP = 'up'
/** What a supervisor asks its workers now and then, and what one answers that is fit. */
export const ARE_YOU_ALIVE = 'alive?'
export const I_AM_ALIVE = 'alive'

/** No worker came up: the first one to end had a status of its own, so another would end the same way. */
export class WorkersFailed extends Error {
  override readonly name = 'WorkersFailed'
}

/** What a supervisor needs of node:child_process's ChildProcess. */
export interface WorkerProcess {
  readonly pid?: number | undefined
  kill(signal: NodeJS.Signals): boolean
  /** `done` is told when the channel is gone, too. */
  send(message: string, done: (err: Error | null) => void): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'error', listener: (err: Error) => void): unknown
  on(event: 'exit', listener: (status: number | null, signal: NodeJS.Signals | null) => void): unknown
}

export interface SupervisorOptions {
  readonly workers: number
  /** Time in which a worker answers whether it is fit, before it is killed. Default: 30 s. */
  readonly patienceMs?: number | undefined
}

/** A worker that has been stuck for longer does more harm than its end. */
const defaultPatienceMs = 30_000

export interface SupervisorDeps {
  readonly log: Logger
  readonly clock: Clock
  /** Starts one worker, with a channel on which it says `WORKER_IS_UP` and by which it notices our end. */
  fork(): WorkerProcess
}

/**
 * Keeps a number of workers running: the same program in processes of their own, which take their messages from the
 * same queues. One that ends is replaced, though by no more than `workers` + 1 processes in `workers` seconds.
 *
 * @see oslo.service 3.0.0, `service.py`, ProcessLauncher
 */
export class Supervisor {
  readonly #deps: SupervisorDeps
  readonly #workers: number
  readonly #patienceMs: number
  readonly #children = new Set<WorkerProcess>()
  /** Those that SIGHUP would kill; true: it was meant for them, too. */
  readonly #loading = new Map<WorkerProcess, boolean>()
  /** Those that serve. */
  readonly #serving = new Set<WorkerProcess>()
  /** Those that owe an answer. */
  readonly #asked = new Set<WorkerProcess>()
  readonly #forkedAt: number[] = []
  readonly #halt = new AbortController()
  #anyUp = false
  #filling = false
  #unclean = 0
  #up: () => void = () => {}
  #failed: (reason: Error) => void = () => {}
  #empty: () => void = () => {}

  constructor(deps: SupervisorDeps, options: SupervisorOptions) {
    this.#deps = deps
    this.#workers = options.workers
    this.#patienceMs = options.patienceMs ?? defaultPatienceMs
  }

  /** How many workers there shall be. */
  get wanted(): number {
    return this.#workers
  }

  /** Those there are, also those that do not serve yet. */
  get children(): ReadonlySet<WorkerProcess> {
    return this.#children
  }

  /**
   * Resolves when the first worker serves.
   *
   * @throws WorkersFailed if one gives up before any of them serves
   */
  start(): Promise<void> {
    this.#deps.log.info(`Starting ${this.#workers} workers`)
    this.#askInTime()
    return new Promise((resolve, reject) => {
      this.#up = resolve
      this.#failed = reject
      void this.#fill()
    })
  }

  /** SIGHUP to each worker: it reads its configuration again. One that is still loading gets it as soon as it listens. */
  async reset(): Promise<void> {
    for (const child of this.#children) {
      if (this.#loading.has(child)) this.#loading.set(child, true)
      else child.kill('SIGHUP')
    }
  }

  /**
   * Tell each worker to stop and wait until all have ended; `deadline` kills those that have not.
   *
   * @throws Error if a worker did not stop cleanly
   */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#halt.abort()
    const { log } = this.#deps
    this.#signal('SIGTERM')
    if (this.#children.size > 0) {
      log.info(`Waiting on ${this.#children.size} children to exit`)
      void aborted(deadline).then(() => this.kill())
      await new Promise<void>((resolve) => {
        this.#empty = resolve
      })
    }
    if (this.#unclean > 0) throw new Error(`${this.#unclean} of ${this.#workers} workers did not stop cleanly`)
  }

  /** It has no work of its own that could fail. */
  examine(): null {
    return null
  }

  /** SIGUSR2 to each worker that serves: it writes a report of its own. Others may not listen yet, and a signal would end them. */
  report(): void {
    for (const child of this.#serving) child.kill('SIGUSR2')
  }

  /** End each worker at once. */
  kill(): void {
    this.#halt.abort()
    this.#signal('SIGKILL')
  }

  #askInTime(): void {
    this.#deps.clock.setTimer(this.#patienceMs, () => {
      if (this.#halt.signal.aborted) return
      this.#askWorkers()
      this.#askInTime()
    })
  }

  /**
   * Ask each worker that serves whether it is fit. One that has not answered since the last time is killed, and so replaced: the
   * others go on meanwhile.
   */
  #askWorkers(): void {
    for (const child of this.#serving) {
      if (this.#asked.has(child)) {
        this.#deps.log.error(`Child ${child.pid} has not answered since it was last asked whether it is alive; it is killed`)
        child.kill('SIGKILL')
      } else {
        this.#asked.add(child)
        child.send(ARE_YOU_ALIVE, () => {}) // one that is ending cannot be asked; its end is noticed by itself
      }
    }
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    for (const child of this.#children) child.kill(signal)
  }

  /** Start what is missing. */
  async #fill(): Promise<void> {
    if (this.#filling) return
    this.#filling = true
    const { signal } = this.#halt
    while (!signal.aborted && this.#children.size < this.#workers) {
      await this.#throttle(signal)
      if (!signal.aborted) this.#fork()
    }
    this.#filling = false
  }

  /** A pause of a second if more than `workers` processes have been started within `workers` seconds. */
  async #throttle(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps
    if (this.#forkedAt.length > this.#workers) {
      const oldest = this.#forkedAt.shift() ?? 0
      if (clock.monotonicMs() - oldest < this.#workers * 1000) {
        log.info('Forking too fast, sleeping')
        await clock.sleep(1000, signal).catch(() => {}) // cut short by a stop
      }
    }
    this.#forkedAt.push(clock.monotonicMs())
  }

  #fork(): void {
    let child: WorkerProcess
    try {
      child = this.#deps.fork()
    } catch (err) {
      this.#deps.log.error('A worker could not be started', { err }) // no memory, for one; the next try comes after a pause
      return
    }
    this.#children.add(child)
    this.#loading.set(child, false)
    this.#deps.log.debug(`Started child ${child.pid}`)
    child.on('message', (message) => this.#heard(child, message))
    child.on('error', (err) => {
      this.#deps.log.error('A worker could not be started, or not be reached', { err })
      if (child.pid === undefined) this.#ended(child)
    })
    child.on('exit', (status, signal) => {
      this.#judge(child, status, signal)
      this.#ended(child)
    })
  }

  #heard(child: WorkerProcess, message: unknown): void {
    if (message === WORKER_LISTENS) {
      const isLate = this.#loading.get(child) === true
      this.#loading.delete(child)
      if (isLate) child.kill('SIGHUP')
    } else if (message === WORKER_IS_UP) {
      this.#serving.add(child)
      this.#anyUp = true
      this.#up()
    } else if (message === I_AM_ALIVE) this.#asked.delete(child)
  }

  #judge(child: WorkerProcess, status: number | null, signal: NodeJS.Signals | null): void {
    const { log } = this.#deps
    if (signal !== null) log.info(`Child ${child.pid} killed by signal ${constants.signals[signal]}`)
    else log.info(`Child ${child.pid} exited with status ${status}`)
    // SIGTERM kills a worker that had not begun to listen to signals, and so had begun nothing.
    if (status !== 0 && signal !== 'SIGTERM' && this.#halt.signal.aborted) this.#unclean++
    if (!this.#anyUp && status !== null && status !== 0)
      this.#failed(new WorkersFailed(`a worker ended with status ${status} before any of them was up`))
  }

  #ended(child: WorkerProcess): void {
    this.#children.delete(child)
    this.#loading.delete(child)
    this.#serving.delete(child)
    this.#asked.delete(child)
    if (this.#children.size === 0) this.#empty()
    void this.#fill()
  }
}
