import { writeSync } from 'node:fs'
import type { LifecycleState } from '@micronova/lifecycle'
import type { LogExtra, Logger } from '@micronova/log'
import { type Servable, StartCancelled } from '@micronova/service'
import { type Program, runService } from '../src/run-service.js'

/** What the program of these tests does, given as JSON in its first argument. */
export interface Behaviour {
  readonly prepare?: 'hangs' | 'hangs up' | 'fails' | 'wrong usage' | 'has a bug' | 'nothing to do'
  readonly start?: 'fails' | 'has a bug' | 'hangs' | 'outlasts its supervisor'
  readonly running?: 'throws' | 'rejects' | 'blocks'
  readonly stop?: 'fails' | 'hangs'
  readonly ailment?: string
  readonly reload?: 'fails'
  readonly reset?: 'fails'
  readonly gracefulSeconds?: number
  readonly workers?: number
}

const behaviour: Behaviour = JSON.parse(process.argv[2] ?? '{}')

/** One line, `PID text`, written at once: a test reads them while the program runs. */
function say(text: string): void {
  writeSync(1, `${process.pid} ${text}\n`)
}

class SayingLog implements Logger {
  readonly name = 'test'
  readonly #say = (level: string, message: string, extra?: LogExtra) =>
    say(`${level} ${message}${extra?.err instanceof Error ? `: ${extra.err.message}` : ''}`)
  debug(message: string): void {
    this.#say('DEBUG', message)
  }
  info(message: string): void {
    this.#say('INFO', message)
  }
  warning(message: string): void {
    this.#say('WARNING', message)
  }
  error(message: string, extra?: LogExtra): void {
    this.#say('ERROR', message, extra)
  }
  critical(message: string, extra?: LogExtra): void {
    this.#say('CRITICAL', message, extra)
  }
  isEnabled(): boolean {
    return true
  }
  child(): Logger {
    return this
  }
  with(): Logger {
    return this
  }
}

/** Never ends, and keeps the event loop turning. */
async function hang(): Promise<void> {
  setInterval(() => {}, 1_000_000)
  say('preparing')
  await new Promise(() => {})
}

/** A mistake that the user can mend. */
function mistake(message: string, exitStatus?: number): Error {
  return Object.assign(new Error(message), { code: 'value', ...(exitStatus === undefined ? {} : { exitStatus }) })
}

/** Returns once another process has taken this one over, before anything else can run. */
function blockUntilOrphaned(): void {
  const supervisor = process.ppid
  while (process.ppid === supervisor) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
}

/** An event loop that turns no more. */
function block(): never {
  say('blocked')
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
}

class SayingService implements Servable {
  state: LifecycleState = 'new'
  #cancel: () => void = () => {}

  async start(): Promise<void> {
    say('starting')
    if (behaviour.start === 'fails') throw mistake('no driver')
    if (behaviour.start === 'has a bug') throw new TypeError('x is undefined')
    if (behaviour.start === 'hangs')
      await new Promise<void>((_, reject) => {
        this.#cancel = () => reject(new StartCancelled())
      })
    say('running')
    if (behaviour.start === 'outlasts its supervisor') blockUntilOrphaned()
    if (behaviour.running === 'blocks') setTimeout(() => block(), 300)
    if (behaviour.running === 'throws') setImmediate(() => JSON.parse('{'))
    if (behaviour.running === 'rejects') void Promise.reject(new Error('no one listens'))
  }

  async stop(): Promise<void> {
    say('stopping')
    this.#cancel()
    if (behaviour.stop === 'fails') throw new Error('stuck')
    if (behaviour.stop === 'hangs') await new Promise(() => {})
    say('stopped')
  }

  async reset(): Promise<void> {
    if (behaviour.reset === 'fails') throw mistake('no database')
    say('reset')
  }

  examine(): string | null {
    return behaviour.ailment ?? null
  }
}

async function prepare(): Promise<Program | null> {
  if (behaviour.prepare === 'fails') throw mistake('nova.conf:3: no such thing')
  if (behaviour.prepare === 'wrong usage') throw mistake('unknown option --frob', 2)
  if (behaviour.prepare === 'has a bug') throw new TypeError('x is undefined')
  if (behaviour.prepare === 'nothing to do') return null
  if (behaviour.prepare === 'hangs') await hang()
  if (behaviour.prepare === 'hangs up') {
    process.kill(process.pid, 'SIGHUP')
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve))) // until it has been received
  }
  return {
    log: new SayingLog(),
    workers: behaviour.workers ?? null,
    gracefulShutdownSeconds: () => behaviour.gracefulSeconds ?? 60,
    createService: () => new SayingService(),
    reload: async () => {
      if (behaviour.reload === 'fails') throw mistake('nova.conf:3: worse')
      say('reloaded')
    },
    close: async () => say('closed'),
  }
}

await runService('nova-test', prepare)
