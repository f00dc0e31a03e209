import { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect, type Options } from 'amqplib'
import type { Cleanup } from './cleanups.js'

/** The exchange of Nova's topics. */
export const novaExchange = 'nova'

/** The broker without any of our own code in between: bytes in, bytes out. */
export class RawBroker {
  readonly #connection: ChannelModel
  readonly #publishing: ConfirmChannel

  static async open(cleanup: Cleanup, url: string, durable = false): Promise<RawBroker> {
    const connection = await connect(url)
    connection.on('error', () => {}) // whoever uses it sees it
    cleanup.after(() => connection.close().catch(() => {})) // its broker may be gone
    const broker = new RawBroker(connection, await connection.createConfirmChannel())
    await broker.declareTopic(novaExchange, durable)
    return broker
  }

  private constructor(connection: ChannelModel, publishing: ConfirmChannel) {
    this.#connection = connection
    this.#publishing = publishing
  }

  /** Resolves when the broker has the message. */
  async publish(routingKey: string, body: string | Buffer, properties: Options.Publish = {}, exchange = novaExchange): Promise<void> {
    this.#publishing.publish(exchange, routingKey, Buffer.from(body), properties)
    await this.#publishing.waitForConfirms()
  }

  /** As Nova declares its exchange. */
  async declareTopic(exchange: string, durable = false): Promise<void> {
    await this.#publishing.assertExchange(exchange, 'topic', { durable, autoDelete: false })
  }

  /** Take every message of a queue that is gone with this connection. */
  async consume(queue: string, take: (message: ConsumeMessage) => void, binding?: { exchange: string; routingKey: string }): Promise<void> {
    const channel: Channel = await this.#connection.createChannel()
    await channel.assertQueue(queue, { exclusive: true })
    if (binding !== undefined) await channel.bindQueue(queue, binding.exchange, binding.routingKey)
    await channel.consume(queue, (message) => message !== null && take(message), { noAck: true })
  }

  /** Messages that wait in `queue`, and its consumers; none of either if there is no such queue. */
  async queue(queue: string): Promise<{ readonly messages: number; readonly consumers: number }> {
    const channel = await this.#connection.createChannel()
    channel.on('error', () => {}) // a queue that is missing costs the channel
    try {
      const { messageCount, consumerCount } = await channel.checkQueue(queue)
      await channel.close()
      return { messages: messageCount, consumers: consumerCount }
    } catch {
      return { messages: 0, consumers: 0 }
    }
  }
}
