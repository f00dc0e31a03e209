import { fstatSync, write } from 'node:fs'
import type { Writable } from 'node:stream'
import type { Sink } from './sink.js'
import { StreamSink, writeAllSync } from './stream-sink.js'

/** Standard output or error that is a file or a terminal. Node's own stream would block on these. */
export class DescriptorSink implements Sink {
  readonly name: string
  readonly #fd: number

  constructor(fd: number, name: string) {
    this.#fd = fd
    this.name = name
  }

  write(chunk: Uint8Array): Promise<number> {
    return writeTo(this.#fd, chunk)
  }
  writeSync(chunk: Uint8Array): void {
    writeAllSync(this.#fd, chunk)
  }
  async reopen(): Promise<boolean> {
    return false
  }
  async close(): Promise<void> {}
}

/** One write(2) on Node's thread pool; resolves with the number of bytes. */
export function writeTo(fd: number, chunk: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, chunk, 0, chunk.length, null, (err, bytes) => (err ? reject(err) : resolve(bytes)))
  })
}

/** Node's streams of standard output and error have the descriptor; a stream in a test has none. */
export type ConsoleStream = Writable & { readonly fd?: number; readonly isTTY?: boolean }

/**
 * The sink for standard output or error. A pipe must not be written on the thread pool: a write that no reader
 * takes would keep the process from exiting.
 */
export function consoleSink(stream: ConsoleStream, name: string): Sink {
  if (stream.fd === undefined) return new StreamSink(stream, name)
  const status = fstatSync(stream.fd)
  const seekableOrTerminal = status.isFile() || status.isCharacterDevice()
  return seekableOrTerminal ? new DescriptorSink(stream.fd, name) : new StreamSink(stream, name, stream.fd)
}
