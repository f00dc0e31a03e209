import { type ChildProcess, spawn } from 'node:child_process'
import { dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { Clock, Timer } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { PrivilegedCallFailed, PrivsepError } from '../errors.js'
import type { ChannelValue } from '../privileged/definition.js'
import { encodeFrame, FrameReader } from '../wire/frames.js'
import {
  decodeHelperMessage,
  type FailureMessage,
  type HelperMessage,
  type ReadyMessage,
  type ResultMessage,
  refused,
} from '../wire/messages.js'

export interface HelperProcessDeps {
  /** For the lines of this side. */
  readonly log: Logger
  /** For the lines of the helper. */
  readonly helperLog: Logger
  readonly clock: Clock
}

/** The next call is refused: each holds memory on both sides, and so many mean that the helper does not get on. */
const maxCallsInHand = 512
/** sudo may ask a directory server; Node itself takes 50 ms. */
const startTimeoutMs = 30_000

/**
 * A closed channel ends a helper that is well, and it takes the commands that it runs along; one that hangs is killed after this. Only
 * without sudo, which a service may not kill: then the closed channel must do.
 */
const killAfterMs = 500

/** Ids and capabilities that a helper has. */
export type HelperFacts = ReadyMessage['ready']

interface WaitingCall {
  readonly name: string
  readonly timer: Timer
  resolve(value: ChannelValue): void
  reject(err: PrivsepError): void
}

/**
 * One helper, from its start to its end. Dies once: whatever breaks its channel, its silence included, ends it, and each call that it
 * had is rejected. Nothing is ever sent twice.
 */
export class HelperProcess {
  readonly #deps: HelperProcessDeps
  readonly #child: ChildProcess
  readonly #toHelper: Writable
  readonly #calls = new Map<number, WaitingCall>()
  readonly #frames = new FrameReader()
  readonly #ready: Promise<void>
  #setReady = () => {}
  #facts: HelperFacts | null = null
  #setFailed = (_: PrivsepError) => {}
  readonly #exited: Promise<void>
  #lastCall = 0
  #alive = true
  /** The last lines on its standard error: why a start failed. */
  #complaint = ''

  private constructor(deps: HelperProcessDeps, command: readonly string[]) {
    this.#deps = deps
    const [program = '', ...args] = command
    // A session of its own: a Ctrl-C in the terminal of the service is not for the helper, whom its service still needs to stop.
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, cwd: '/', env: { PATH: helperPath() } })
    this.#child = child
    this.#toHelper = child.stdin
    this.#ready = new Promise((resolve, reject) => {
      this.#setReady = resolve
      this.#setFailed = reject
    })
    this.#exited = new Promise((resolve) => {
      child.once('close', () => resolve())
      child.once('error', () => resolve())
    })
    child.on('error', (err) => this.#end(`cannot be run: ${err.message}`))
    child.once('close', (status, signal) => this.#end(status === null ? `was ended by ${signal}` : `ended with status ${status}`))
    child.stdin.on('error', (err) => this.#end(`takes nothing any more: ${err.message}`))
    child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk))
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#complain(text))
  }

  /**
   * Start a helper and wait until it serves.
   *
   * @param command words of the command line
   * @param signal gives the start up
   * @throws PrivsepError start_failed; then no helper is left
   */
  static async start(deps: HelperProcessDeps, command: readonly string[], signal: AbortSignal): Promise<HelperProcess> {
    deps.log.info(`Running privsep helper: ${JSON.stringify(command)}`)
    const helper = new HelperProcess(deps, command)
    const timer = deps.clock.setTimer(startTimeoutMs, () => helper.#end(`did not answer in ${startTimeoutMs / 1000} s`))
    const giveUp = () => helper.#end('was stopped before it was up')
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      await helper.#ready
      return helper
    } finally {
      signal.removeEventListener('abort', giveUp)
      timer.cancel()
    }
  }

  /** What it said of itself when it was up. */
  get facts(): HelperFacts | null {
    return this.#facts
  }

  /** False once its channel is broken. */
  get alive(): boolean {
    return this.#alive
  }

  /** @throws PrivsepError */
  call(name: string, args: unknown, timeoutMs: number): Promise<ChannelValue> {
    if (!this.#alive) return Promise.reject(new PrivsepError('helper_died', `${name} was not sent: the privsep helper has ended`))
    if (this.#calls.size >= maxCallsInHand)
      return Promise.reject(new PrivsepError('too_many_calls', `${name} was not sent: ${maxCallsInHand} calls wait for the privsep helper`))
    const call = ++this.#lastCall
    let frame: Buffer
    try {
      frame = encodeFrame({ call, name, args })
    } catch (err) {
      return Promise.reject(new PrivsepError('too_large', `${name} was not sent: ${(err as Error).message}`, { cause: err }))
    }
    return new Promise((resolve, reject) => {
      const timer = this.#deps.clock.setTimer(timeoutMs, () => {
        this.#take(call)?.reject(new PrivsepError('timeout', `${name} did not answer in ${timeoutMs} ms; the privsep helper is given up`))
        this.#end(`did not answer ${name} in ${timeoutMs} ms`)
      })
      this.#calls.set(call, { name, timer, resolve, reject })
      this.#toHelper.write(frame)
    })
  }

  /** Close the channel, which ends the helper and what it runs. Resolves when it is gone, or cannot be waited for any longer. */
  async stop(): Promise<void> {
    this.#alive = false
    this.#toHelper.end()
    const killing = this.#killLater()
    await new Promise<void>((resolve) => {
      const waiting = this.#deps.clock.setTimer(2 * killAfterMs, resolve)
      void this.#exited.then(() => {
        waiting.cancel()
        resolve()
      })
    })
    killing.cancel()
  }

  #killLater(): Timer {
    return this.#deps.clock.setTimer(killAfterMs, () => this.#child.kill('SIGKILL'))
  }

  #receive(chunk: Buffer): void {
    try {
      for (const message of this.#frames.push(chunk)) if (this.#alive || this.#calls.size > 0) this.#dispatch(decodeHelperMessage(message))
    } catch (err) {
      this.#end(`broke its channel: ${(err as Error).message}`)
    }
  }

  #dispatch(message: HelperMessage): void {
    if ('ready' in message) this.#becomeReady(message.ready)
    else if ('log' in message) this.#deps.helperLog[message.log](message.message)
    else this.#settle(message)
  }

  #settle(message: ResultMessage | FailureMessage): void {
    const call = this.#take(message.reply)
    if (call === undefined) return
    if ('failure' in message) call.reject(failureOf(call.name, message.failure))
    else call.resolve(message.result)
  }

  #becomeReady(facts: HelperFacts): void {
    const { pid, uid, gid, effective, permitted, inheritable } = facts
    this.#facts = facts
    const sets = [effective, permitted, inheritable].map((names) => names.join('|') || 'none').join('/')
    this.#deps.helperLog.info(`privsep process running with uid/gid: ${uid}/${gid}`)
    this.#deps.helperLog.info(`privsep process running with capabilities (eff/prm/inh): ${sets}`)
    this.#deps.helperLog.info(`privsep daemon running as pid ${pid}`)
    this.#setReady()
  }

  #take(number: number): WaitingCall | undefined {
    const call = this.#calls.get(number)
    this.#calls.delete(number)
    call?.timer.cancel()
    return call
  }

  #complain(text: string): void {
    this.#complaint = (this.#complaint + text).slice(-1024)
    for (const line of text.split('\n')) if (line.trim() !== '') this.#deps.log.warning(`privsep log: ${line.trimEnd()}`)
  }

  /** @param how what the helper did, after its name */
  #end(how: string): void {
    const wasAlive = this.#alive
    this.#alive = false
    const why = this.#complaint.trim() === '' ? how : `${how}: ${this.#complaint.trim()}`
    this.#setFailed(new PrivsepError('start_failed', `the privsep helper ${why}`))
    for (const [number, { name }] of this.#calls)
      this.#take(number)?.reject(new PrivsepError('helper_died', `${name} may have run or not: the privsep helper ${why}`))
    if (!wasAlive) return
    this.#toHelper.destroy()
    ;(this.#child.stdout as Readable).destroy()
    const killing = this.#killLater()
    void this.#exited.then(() => killing.cancel())
  }
}

/** What sudo would set; first the folder of this very Node, which is what the launcher then runs. */
function helperPath(): string {
  return `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
}

function failureOf(name: string, failure: FailureMessage['failure']): PrivsepError {
  if (failure.kind === refused) return new PrivsepError('refused', failure.message)
  return new PrivilegedCallFailed(name, failure)
}
