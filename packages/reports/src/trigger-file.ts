import { stat } from 'node:fs/promises'
import type { Clock, Timer } from '@micronova/lifecycle'

export interface TriggerFileDeps {
  readonly clock: Pick<Clock, 'now' | 'setTimer'>
  /** Milliseconds since 1970 of the last modification of a file; null: there is none. Default: of this machine. */
  readonly modifiedAt?: (path: string) => Promise<number | null>
  /** Called for each modification that was noticed. */
  onModified(): void
}

/**
 * Looks at a file once in an interval, and says when it was modified after the watch began. It may come into being later, which counts, or
 * go and come again.
 *
 * @see oslo.reports 2.4.0, `guru_meditation_report.py`, `_setup_file_watcher`, which ends a service whose file is not there
 */
export class TriggerFile {
  readonly #deps: TriggerFileDeps
  readonly #path: string
  readonly #intervalMs: number
  #seenMs: number
  #timer: Timer | null = null
  #isStopped = false

  constructor(deps: TriggerFileDeps, path: string, intervalSeconds: number) {
    this.#deps = deps
    this.#path = path
    this.#intervalMs = Math.max(intervalSeconds, 0.1) * 1000
    this.#seenMs = deps.clock.now()
  }

  start(): void {
    this.#timer = this.#deps.clock.setTimer(this.#intervalMs, () => void this.#look())
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  async #look(): Promise<void> {
    const modified = await (this.#deps.modifiedAt ?? modifiedAt)(this.#path)
    if (this.#isStopped) return
    if (modified !== null && modified > this.#seenMs) {
      this.#seenMs = modified
      this.#deps.onModified()
    }
    this.start()
  }
}

async function modifiedAt(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs
  } catch {
    return null
  }
}
