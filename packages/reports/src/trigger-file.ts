import { statSync } from 'node:fs'
import type { Clock, Timer } from '@micronova/lifecycle'

export interface TriggerFileDeps {
  readonly clock: Pick<Clock, 'setTimer'>
  /** Milliseconds since 1970 of the last modification of a file; null: there is none. Default: of this machine, in 5 microseconds. */
  readonly modifiedAt?: (path: string) => number | null
  /** Called for each modification that was noticed. */
  onModified(): void
}

/**
 * Looks at a file once in an interval, and says when it was modified since it was made. It may come into being later, which counts, or go and
 * come again. Times of files are compared with each other alone: the clock that they are taken from lags some milliseconds behind.
 *
 * @see oslo.reports 2.4.0, `guru_meditation_report.py`, `_setup_file_watcher`, which ends a service whose file is not there
 */
export class TriggerFile {
  readonly #deps: TriggerFileDeps
  readonly #path: string
  readonly #intervalMs: number
  #seenMs: number | null
  #timer: Timer | null = null

  constructor(deps: TriggerFileDeps, path: string, intervalSeconds: number) {
    this.#deps = deps
    this.#path = path
    this.#intervalMs = Math.max(intervalSeconds, 0.1) * 1000
    this.#seenMs = this.#modifiedAt()
  }

  start(): void {
    this.#timer = this.#deps.clock.setTimer(this.#intervalMs, () => this.#look())
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #look(): void {
    const modified = this.#modifiedAt()
    if (modified !== null && (this.#seenMs === null || modified > this.#seenMs)) {
      this.#seenMs = modified
      this.#deps.onModified()
    }
    this.start()
  }

  #modifiedAt(): number | null {
    return (this.#deps.modifiedAt ?? modifiedAt)(this.#path)
  }
}

function modifiedAt(path: string): number | null {
  try {
    return statSync(path).mtimeMs
  } catch {
    return null
  }
}
