import { writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import type { Sink } from './sink.js'

/** How long the last words wait for a full pipe. */
const syncPatienceMs = 200

/**
 * A stream of Node's: standard output or error that is a pipe or a socket, which Node writes without blocking.
 * The stream is not ours and is never closed.
 */
export class StreamSink implements Sink {
  readonly name: string
  readonly writeSync?: (chunk: Uint8Array) => void
  readonly #stream: Writable

  /** @param fd of the stream, where it has one: needed for the last words */
  constructor(stream: Writable, name: string, fd?: number) {
    this.#stream = stream
    this.name = name
    stream.on('error', ignore)
    if (fd !== undefined) this.writeSync = (chunk) => writeAllSync(fd, chunk)
  }

  write(chunk: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#stream.write(chunk, (err) => (err ? reject(err) : resolve(chunk.length)))
    })
  }
  async reopen(): Promise<boolean> {
    return false
  }
  async close(): Promise<void> {
    this.#stream.off('error', ignore)
  }
}

/** The write's callback tells; without a listener the event would end the process. */
function ignore(): void {}

/** Writes to a file descriptor that may not be ready for it, within `syncPatienceMs`. */
export function writeAllSync(fd: number, chunk: Uint8Array): void {
  const giveUpAt = performance.now() + syncPatienceMs
  for (let offset = 0; offset < chunk.length; ) {
    try {
      offset += writeSync(fd, chunk, offset)
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'EAGAIN' || performance.now() > giveUpAt) throw err
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
