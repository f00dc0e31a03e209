import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Behaviour } from './service-main.js'

const main = fileURLToPath(new URL('./service-main.js', import.meta.url))

/** A line of the program: who said it and what. */
export interface Said {
  readonly pid: number
  readonly text: string
}

/** The test program in a process of its own, with what it has said so far. Killed after the test, workers included. */
export class RunningProgram {
  readonly said: Said[] = []
  readonly #process: ChildProcess
  readonly #stderr: Promise<string>
  readonly #closed: Promise<unknown[]>
  readonly #waiting = new Set<() => void>()

  constructor(t: { after(fn: () => void): void }, behaviour: Behaviour, environment: NodeJS.ProcessEnv = {}) {
    // A group of its own, so that a signal to all of it, workers included, hits nothing else.
    this.#process = spawn(process.execPath, [main, JSON.stringify(behaviour)], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
    const { stdout, stderr } = this.#process
    if (stdout === null || stderr === null) throw new Error('the program has no output')
    this.#stderr = text(stderr)
    this.#closed = once(this.#process, 'close')
    createInterface(stdout).on('line', (line) => this.#heard(line))
    t.after(() => {
      try {
        this.signalGroup('SIGKILL')
      } catch {
        // all gone
      }
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** The processes that said `text`. */
  pids(text: string): number[] {
    return this.said.filter((line) => line.text === text).map((line) => line.pid)
  }

  /** Everything so far without the pids. */
  get texts(): string[] {
    return this.said.map((line) => line.text)
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }

  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal)
  }

  /** Resolves when `text` has been said by `count` processes or times. */
  async heard(text: string, count = 1): Promise<void> {
    await this.until(() => this.pids(text).length >= count)
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#waiting.add(resolve)
      })
    }
  }

  /** When the program and all who write to its output have ended. */
  async ended(): Promise<{ readonly status: number | null; readonly signal: string | null; readonly stderr: string }> {
    await this.#closed
    return { status: this.#process.exitCode, signal: this.#process.signalCode, stderr: await this.#stderr }
  }

  #heard(line: string): void {
    const [pid = '', ...words] = line.split(' ')
    this.said.push({ pid: Number(pid), text: words.join(' ') })
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
