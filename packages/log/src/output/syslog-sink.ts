import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { access } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import type { Sink } from './sink.js'

/** The datagram socket of the syslog daemon. */
export const syslogSocketPath = '/dev/log'
/** A datagram larger than this may be refused by the kernel. `logger` cuts longer lines. */
const maxLine = '128KiB'

type LoggerProcess = ChildProcessByStdio<Writable, null, null>

export interface SyslogSinkOptions {
  readonly path?: string
  /** The program of util-linux. */
  readonly command?: string
}

/**
 * The syslog daemon, through one long-lived `logger` of util-linux: Node has no datagram sockets of the Unix kind.
 * Each line begins with `<facility * 8 + severity>`; `logger` sends it as `<N>Mmm dd hh:mm:ss identifier: line`.
 *
 * The child is in a session of its own, so that Ctrl-C does not take it away before the last lines, and ends when
 * this process does. If it dies, or the daemon's socket is not there, the next write starts another.
 */
export class SyslogSink implements Sink {
  readonly name = 'syslog'
  readonly #identifier: string
  readonly #path: string
  readonly #command: string
  #child: LoggerProcess | null = null
  /** That the last child has failed: told by the next write, since the one before could not know. */
  #failure: Error | null = null

  constructor(identifier: string, { path = syslogSocketPath, command = 'logger' }: SyslogSinkOptions = {}) {
    this.#identifier = identifier
    this.#path = path
    this.#command = command
  }

  async write(chunk: Uint8Array): Promise<number> {
    if (this.#failure !== null) throw this.#failure
    this.#child ??= await this.#started()
    const { stdin } = this.#child
    await new Promise<void>((resolve, reject) => stdin.write(chunk, (err) => (err ? reject(err) : resolve())))
    return chunk.length
  }

  async reopen(): Promise<boolean> {
    this.#failure = null
    await this.close()
    return true
  }

  /** Resolves when `logger` has sent what it was given. */
  async close(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    child.ref()
    await new Promise<void>((resolve) => {
      child.once('close', () => resolve())
      child.stdin.end()
    })
  }

  async #started(): Promise<LoggerProcess> {
    await access(this.#path) // otherwise `logger` takes lines before it notices
    const options = ['--socket', this.#path, '--socket-errors=on', '--prio-prefix', '--size', maxLine, '--tag', this.#identifier]
    const child = spawn(this.#command, options, { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject)
      child.once('spawn', () => resolve())
    })
    child.on('error', () => {})
    child.stdin.on('error', () => {}) // the write in hand, or the next one, tells
    child.once('exit', (status, signal) => {
      if (this.#child !== child) return
      this.#child = null
      if (status !== 0) this.#failure = new Error(`${this.#command} ended with ${signal ?? `status ${status}`}`)
    })
    child.unref()
    return child
  }
}
