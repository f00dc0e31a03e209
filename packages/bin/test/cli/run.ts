import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A program of `bin/`, with what it printed so far. */
export interface Running {
  readonly child: ChildProcess
  stdout(): string
  stderr(): string
  /** Resolves when stdout matches; rejects if the program ends before. */
  printed(pattern: RegExp): Promise<void>
  /** Resolves with the exit status; null if a signal ended it. */
  exit(): Promise<number | null>
}

interface Cleanup {
  after(fn: () => void | Promise<void>): void
}

/** No program of these tests runs longer, unless it hangs: then its test shall fail and not the whole run. */
const longestMs = 60_000

/** Start `bin/PROGRAM`. It is killed after the test if it still runs. */
export function start(t: Cleanup, program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  const path = fileURLToPath(new URL(`../../../../../bin/${program}`, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'close')
  const watchdog = setTimeout(() => child.kill('SIGKILL'), longestMs)
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
    for (const check of waiting) check()
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  t.after(async () => {
    clearTimeout(watchdog)
    child.kill('SIGKILL')
    await exited
  })
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!pattern.test(stdout)) return
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
        child.once('close', () => reject(new Error(`${program} ended before it printed ${pattern}:\n${stdout}\n${stderr}`)))
        check()
      }),
    exit: async () => (await exited)[0] as number | null,
  }
}

/** Run `bin/PROGRAM` to its end. */
export async function run(
  t: Cleanup,
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }> {
  const running = start(t, program, args, environment)
  return { status: await running.exit(), stdout: running.stdout(), stderr: running.stderr() }
}
