import { Duplex } from 'node:stream'
import type { ChannelModel } from 'amqplib'

/**
 * Gathers what is written to a connection within one turn of the event loop into one system call. amqplib passes frames
 * to the socket one by one, in an immediate of the same turn; at 32 calls in flight that was a third of the time of a
 * client and of a server (`bench/rpc.mjs`).
 *
 * amqplib does not offer its socket; where it is not found, everything works without this.
 */
export class WriteBatch {
  readonly #socket: Duplex | null
  #isOpen = false

  constructor(connection: ChannelModel) {
    const { stream } = connection.connection as { readonly stream?: unknown }
    this.#socket = stream instanceof Duplex ? stream : null
  }

  /** Hold back what is written in this turn, until amqplib has passed on all of it. Costs more than it saves for one frame. */
  gather(): void {
    const socket = this.#socket
    if (socket === null || this.#isOpen) return
    this.#isOpen = true
    // After this tick amqplib's immediate is set; ours then runs behind it.
    process.nextTick(() => {
      socket.cork()
      setImmediate(() => {
        this.#isOpen = false
        socket.uncork()
      })
    })
  }
}
