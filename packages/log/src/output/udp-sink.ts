import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Sink } from './sink.js'

/** A syslog server by UDP: each line is a datagram. What the network loses is lost. */
export class UdpSink implements Sink {
  readonly name: string
  readonly #host: string
  readonly #port: number
  #socket: Socket | null = null

  constructor(host: string, port: number) {
    this.name = `syslog at ${host}:${port}`
    this.#host = host
    this.#port = port
  }

  async write(chunk: Uint8Array): Promise<number> {
    this.#socket ??= this.#opened()
    const socket = this.#socket
    const end = chunk.indexOf(0x0a)
    await new Promise<void>((resolve, reject) =>
      socket.send(chunk, 0, end, this.#port, this.#host, (err) => (err ? reject(err) : resolve())),
    )
    return end + 1
  }

  async reopen(): Promise<boolean> {
    await this.close()
    return false
  }
  async close(): Promise<void> {
    this.#socket?.close()
    this.#socket = null
  }

  #opened(): Socket {
    const socket = createSocket(isIPv6(this.#host) ? 'udp6' : 'udp4')
    socket.on('error', () => {})
    socket.unref()
    return socket
  }
}
