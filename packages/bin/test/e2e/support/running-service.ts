import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Cleanup } from './cleanups.js'
import { eventually } from './eventually.js'

export type ProgramName = 'nova-compute' | 'nova-conductor'

export interface Ending {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

/** The timers run: the last step of a start. */
const started = /Start-up step periodic_tasks done/
const waitMs = 30_000
const root = new URL('../../../../../../', import.meta.url)

/** A built program as a process of its own, with the lines of its log. It and its workers are killed after the test. */
export class RunningService {
  /** What it wrote to standard error so far, a line each. */
  readonly lines: string[] = []
  readonly #name: string
  readonly #process: ChildProcess
  readonly #begunMs = performance.now()
  readonly #closed: Promise<unknown>
  readonly #waiting = new Set<() => void>()
  #isClosed = false

  /** @param script of a shell in between, which executes its arguments; empty: none */
  constructor(cleanup: Cleanup, name: ProgramName, args: readonly string[], script = '', environment: NodeJS.ProcessEnv = {}) {
    this.#name = name
    const command = fileURLToPath(new URL(`bin/${name}`, root))
    const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', ...environment }
    // A group of its own, so that its workers can be reached with it.
    const [file = '', ...rest] = [...(script === '' ? [] : ['/bin/sh', '-c', script, 'sh']), process.execPath, command, ...args]
    this.#process = spawn(file, rest, { env, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
    const { stderr } = this.#process
    if (stderr === null) throw new Error('the program has no standard error')
    createInterface(stderr).on('line', (line) => {
      this.lines.push(line)
      this.#wake()
    })
    this.#closed = once(this.#process, 'close').then(() => {
      this.#isClosed = true
      this.#wake()
    })
    cleanup.after(() => this.kill())
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  get isRunning(): boolean {
    return !this.#isClosed
  }

  /** Resolves when it serves, with the milliseconds since it was executed. */
  async started(): Promise<number> {
    await this.logged(started)
    return performance.now() - this.#begunMs
  }

  /**
   * Resolves with the first line that matches, among those from number `from` on.
   *
   * @throws Error if the program ends first, or nothing came in time
   */
  async logged(pattern: RegExp, { from = 0, withinMs = waitMs }: { from?: number; withinMs?: number } = {}): Promise<string> {
    const giveUpAt = performance.now() + withinMs
    for (let next = from; ; ) {
      for (; next < this.lines.length; next++) if (pattern.test(this.lines[next] ?? '')) return this.lines[next] ?? ''
      if (this.#isClosed) throw new Error(`${this.#name} ended before it logged ${pattern}${this.#lately()}`)
      const leftMs = giveUpAt - performance.now()
      if (leftMs <= 0) throw new Error(`${this.#name} did not log ${pattern} within ${withinMs} ms${this.#lately()}`)
      await this.#somethingNew(leftMs)
    }
  }

  /** Its log is read no more, as if a pipe's reader had died. */
  closeOutput(): void {
    this.#process.stderr?.destroy()
  }

  matching(pattern: RegExp): string[] {
    return this.lines.filter((line) => pattern.test(line))
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }

  /** To it and its workers, as a terminal does it and systemd. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal)
  }

  /** The processes that serve, in the order in which they began to: itself, or its workers, also those that have ended. */
  get serving(): number[] {
    return this.matching(started).map((line) => Number(/^\S+ \S+ (\d+) /.exec(line)?.[1]))
  }

  /** Resolves when `count` processes have begun to serve since the start. */
  async served(count: number): Promise<number[]> {
    await eventually(`${count} processes of ${this.#name} have begun to serve`, () => this.serving.length >= count || undefined)
    return this.serving
  }

  /** Its workers as the kernel has them, with their states: `Z` is one that has ended and was not waited for. */
  workers(): { readonly pid: number; readonly state: string }[] {
    const pids = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
    return pids.map((pid) => ({ pid, state: stateOf(pid) }))
  }

  /** As a power cut: it and its workers end at once. Resolves when they are gone. */
  async kill(): Promise<void> {
    if (this.#isClosed) return
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      // the last of them has just ended
    }
    await this.#closed
  }

  /** Ask it to stop, and wait until it has. */
  async stop(): Promise<Ending> {
    this.signal('SIGTERM')
    return this.ended()
  }

  /** When it and everyone who writes to its log has ended. */
  async ended(withinMs = waitMs): Promise<Ending> {
    for (const giveUpAt = performance.now() + withinMs; !this.#isClosed; await this.#somethingNew(giveUpAt - performance.now()))
      if (performance.now() >= giveUpAt) throw new Error(`${this.#name} did not end within ${withinMs} ms${this.#lately()}`)
    return { status: this.#process.exitCode, signal: this.#process.signalCode }
  }

  #lately(): string {
    return `; its last lines:\n${this.lines.slice(-40).join('\n')}`
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
  }

  async #somethingNew(withinMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, withinMs)
      this.#waiting.add(wake)
    })
  }
}

/** One letter, see proc_pid_stat(5). */
function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.charAt(stat.lastIndexOf(')') + 2)
}
