import type { WorkerProcess } from '../supervisor.js'

/** What of a process is asked for its health. */
export interface ExaminedProcess {
  /** Why it cannot do its work any more; null: it can. */
  examine(): string | null
  isStopping(): boolean
  /** Null: it serves itself. */
  readonly workers: WatchedWorkers | null
}

/** The workers that a supervisor has at the moment. */
export interface WatchedWorkers {
  readonly wanted: number
  readonly children: ReadonlySet<HealthWorker>
}

export type HealthWorker = Pick<WorkerProcess, 'pid' | 'send'> & {
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: () => void): unknown
}

/** Who answers for the health of a program; there is one only where `health_listen` is set. */
export interface ProgramHealth {
  /**
   * Listen at the address; what works is asked anew for each answer. Called once, before the service starts, and not in a worker.
   *
   * @throws CommandFailed if that cannot be
   */
  listen(process: ExaminedProcess): Promise<void>
  /** In a worker: what to tell its supervisor about a message; null: the message is no question of this kind. */
  answer(message: unknown, process: ExaminedProcess): Promise<object> | null
  /** Connections are cut. Idempotent. */
  close(): Promise<void>
}
