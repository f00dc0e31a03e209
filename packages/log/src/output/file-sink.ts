import { close, constants, fstat, fstatSync, open, openSync, type Stats, stat } from 'node:fs'
import { promisify } from 'node:util'
import type { Clock } from '@micronova/lifecycle'
import { LogError, reasonOf } from '../errors.js'
import { writeTo } from './descriptor-sink.js'
import type { Rotation } from './rotation.js'
import type { Sink } from './sink.js'
import { writeAllSync } from './stream-sink.js'

const openFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND
/** The owner writes, the group (`adm` on Debian) reads; the process's umask may take more away. */
const fileMode = 0o640
/** How long lines may still go to a file that has been moved. */
const identityCheckMs = 1_000
/** After a rotation that failed. */
const rotationRetryMs = 60_000

const descriptor = { open: promisify(open), stat: promisify(fstat), close: promisify(close) }
const statPath = promisify(stat)

export interface FileSinkOptions {
  /** Look before each write whether the file is still the one at its path, not only once a second. */
  readonly watch?: boolean
  readonly rotation?: Rotation | undefined
}

interface OpenFile {
  readonly fd: number
  /** Our count of its bytes; too large if someone has truncated it. */
  size: number
}

/**
 * A log file, opened for appending. When it has been moved or removed (logrotate), the next write makes it anew;
 * a file that logrotate has truncated (`copytruncate`) goes on from its beginning. The folder is not made.
 */
export class FileSink implements Sink {
  readonly name: string
  readonly #clock: Clock
  readonly #watch: boolean
  readonly #rotation: Rotation | undefined
  #file: OpenFile | null
  /** Of the file that was last open. */
  #status: Stats
  #checkedAt: number
  #rotateNotBefore = Number.NEGATIVE_INFINITY

  /**
   * Opens the file, at once and blocking: a path that cannot be written is found at the start.
   *
   * @throws LogError cannot_open
   */
  constructor(path: string, clock: Clock, { watch = false, rotation }: FileSinkOptions = {}) {
    this.name = path
    this.#clock = clock
    this.#watch = watch
    this.#rotation = rotation
    this.#checkedAt = clock.monotonicMs()
    try {
      const fd = openSync(path, openFlags, fileMode)
      this.#status = fstatSync(fd)
      this.#file = { fd, size: this.#status.size }
    } catch (err) {
      throw new LogError('cannot_open', `cannot write the log file ${path}: ${reasonOf(err)}`, { cause: err })
    }
    rotation?.begin(this.#status, clock.now())
  }

  async write(chunk: Uint8Array): Promise<number> {
    if (await this.#hasMoved()) await this.reopen()
    await this.#rotateIfDue(chunk.length)
    const file = this.#file ?? (await this.#openAnew())
    const bytes = await writeTo(file.fd, chunk)
    file.size += bytes
    return bytes
  }

  writeSync(chunk: Uint8Array): void {
    writeAllSync(this.#file?.fd ?? openSync(this.name, openFlags, fileMode), chunk)
  }

  async reopen(): Promise<boolean> {
    const before = this.#status
    await this.close()
    await this.#openAnew()
    return !isSameFile(before, this.#status)
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = null
    if (file !== null) await descriptor.close(file.fd)
  }

  async #openAnew(): Promise<OpenFile> {
    const fd = await descriptor.open(this.name, openFlags, fileMode)
    this.#status = await descriptor.stat(fd)
    this.#checkedAt = this.#clock.monotonicMs()
    this.#file = { fd, size: this.#status.size }
    return this.#file
  }

  async #hasMoved(): Promise<boolean> {
    if (this.#file === null) return false
    if (!this.#watch && this.#clock.monotonicMs() - this.#checkedAt < identityCheckMs) return false
    this.#checkedAt = this.#clock.monotonicMs()
    try {
      return !isSameFile(await statPath(this.name), this.#status)
    } catch (err) {
      return (err as NodeJS.ErrnoException).code === 'ENOENT'
    }
  }

  async #rotateIfDue(nextBytes: number): Promise<void> {
    const now = this.#clock.now()
    const file = this.#file
    if (this.#rotation === undefined || file === null || now < this.#rotateNotBefore) return
    if (!this.#rotation.isDue(file.size, nextBytes, now)) return
    file.size = (await descriptor.stat(file.fd)).size
    if (!this.#rotation.isDue(file.size, nextBytes, now)) return
    try {
      await this.#rotation.rotate(this.name, now)
    } catch {
      this.#rotateNotBefore = now + rotationRetryMs // the lines go on into the same file
      return
    }
    await this.reopen()
  }
}

function isSameFile(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino
}
