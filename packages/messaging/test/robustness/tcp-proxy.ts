import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { TestContext } from '../harness.js'

/** Stands between a client and a broker, so that a test can cut their connections without harm to the broker. */
export class TcpProxy {
  readonly #target: number
  readonly #tls: TlsOptions | null
  readonly #sockets = new Set<Socket>()
  #server: Server | null = null
  #port = 0

  constructor(targetPort: number, tls: TlsOptions | null) {
    this.#target = targetPort
    this.#tls = tls
  }

  get port(): number {
    return this.#port
  }

  /** Client connections now open. */
  get connections(): number {
    return this.#sockets.size / 2
  }

  /** Take connections; after the first time at the same port. */
  async start(): Promise<void> {
    const accept = (client: Socket) => this.#accept(client)
    const server = this.#tls === null ? createTcpServer(accept) : createTlsServer(this.#tls, accept)
    server.on('tlsClientError', () => {}) // the client refused our certificate: that is what the test is about
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#server = server
    this.#port = (server.address() as AddressInfo).port
  }

  /** Break every connection; new ones are taken. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Break every connection and refuse new ones. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => (this.#server === null ? resolve(null) : this.#server.close(resolve)))
    this.cut()
    await closed
    this.#server = null
  }

  #accept(client: Socket): void {
    const broker = connect(this.#target, '127.0.0.1')
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.#sockets.add(from)
      from.setNoDelay(true)
      from.pipe(to)
      from.on('error', () => {}) // 'close' follows
      from.on('close', () => {
        this.#sockets.delete(from)
        to.destroy()
      })
    }
  }
}

export async function startProxy(t: TestContext, targetPort: number, tls: TlsOptions | null = null): Promise<TcpProxy> {
  const proxy = new TcpProxy(targetPort, tls)
  await proxy.start()
  t.after(() => proxy.stop())
  return proxy
}
