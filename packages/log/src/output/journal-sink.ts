import { connect, type Socket } from 'node:net'
import type { Sink } from './sink.js'

/** Where systemd-journald takes what services write to their standard output. */
export const journalSocketPath = '/run/systemd/journal/stdout'

/**
 * systemd's journal, by its stream socket. A connection begins with seven lines: identifier, unit, default priority,
 * whether lines have a `<priority>` prefix, and whether they are forwarded to syslog, kernel log and console.
 *
 * The journal's native protocol, which upstream uses, needs datagrams of a Unix socket, and Node has none. What it
 * would add are fields of their own for request, user and project ids; here they are in the line alone.
 *
 * @see systemd 252, `journald-stream.c`
 */
export class JournalSink implements Sink {
  readonly name = "systemd's journal"
  readonly #path: string
  readonly #header: string
  #socket: Socket | null = null

  constructor(identifier: string, path = journalSocketPath) {
    this.#path = path
    this.#header = `${identifier}\n\n6\n1\n0\n0\n0\n`
  }

  async write(chunk: Uint8Array): Promise<number> {
    this.#socket ??= await connected(this.#path, this.#header)
    await written(this.#socket, chunk)
    return chunk.length
  }

  async reopen(): Promise<boolean> {
    await this.close()
    return true
  }

  async close(): Promise<void> {
    this.#socket?.end()
    this.#socket = null
  }
}

function connected(path: string, header: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.unref()
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      socket.on('error', () => {}) // the write in hand, or the next one, tells
      socket.resume() // journald never sends; this notices that it has gone
      socket.write(header)
      resolve(socket)
    })
  })
}

function written(socket: Socket, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(chunk, (err) => (err ? reject(err) : resolve()))
  })
}
