import type { Channel, Options } from 'amqplib'
import type { Destination, Subscription } from '../driver.js'
import type { RabbitOptions } from './rabbit-options.js'

/** An exchange as it is declared; `null` stands for the default exchange, which always exists. */
interface Exchange {
  readonly name: string
  readonly type: 'topic' | 'fanout'
  readonly durable: boolean
  readonly autoDelete: boolean
}

/** Where a publication goes, in AMQP's terms. */
export interface Address {
  readonly exchange: string
  readonly routingKey: string
}

export function addressOf(destination: Destination): Address {
  switch (destination.kind) {
    case 'fanout':
      return { exchange: fanoutExchange(destination.topic), routingKey: '' }
    case 'queue':
      return { exchange: '', routingKey: destination.queue }
    default:
      return destination
  }
}

export function queueOf(subscription: Subscription): string {
  return subscription.kind === 'topic' ? subscription.routingKey : subscription.queue
}

/** Names what `declareDestination` would declare, for declaring it once a channel; `null`: nothing. */
export function declarationKey(destination: Destination): string | null {
  switch (destination.kind) {
    case 'queue':
      return null
    case 'notification':
      return `queue ${destination.exchange} ${destination.routingKey}`
    case 'topic':
      return `exchange ${destination.exchange}`
    case 'fanout':
      return `exchange ${fanoutExchange(destination.topic)}`
  }
}

/**
 * What a publisher declares before it publishes for the first time on a channel: the exchange, and for a notification
 * the queue too.
 *
 * @see oslo.messaging 14.0.3, `_drivers/impl_rabbit.py`, `_publish`, `_publish_and_creates_default_queue`
 */
export async function declareDestination(channel: Channel, destination: Destination, options: RabbitOptions): Promise<void> {
  if (destination.kind === 'queue') return
  if (destination.kind === 'notification') return declareTopicQueue(channel, destination, options)
  await declareExchange(channel, destination.kind === 'fanout' ? fanout(destination.topic) : topic(destination.exchange, options))
}

/** Queue, exchange and binding of a subscription. @see `declare_topic_consumer`, `declare_fanout_consumer`, `declare_direct_consumer` */
export async function declareSubscription(channel: Channel, subscription: Subscription, options: RabbitOptions): Promise<void> {
  switch (subscription.kind) {
    case 'topic':
      return declareTopicQueue(channel, subscription, options)
    case 'fanout':
      await declareExchange(channel, fanout(subscription.topic))
      await channel.assertQueue(subscription.queue, transientQueue(options))
      await channel.bindQueue(subscription.queue, fanoutExchange(subscription.topic), subscription.topic)
      return
    case 'queue':
      await channel.assertQueue(subscription.queue, transientQueue(options))
  }
}

async function declareTopicQueue(channel: Channel, { exchange, routingKey }: Address, options: RabbitOptions): Promise<void> {
  await declareExchange(channel, topic(exchange, options))
  await channel.assertQueue(routingKey, {
    durable: isDurable(options),
    autoDelete: options.autoDelete,
    arguments: { ...haArguments(options), ...quorumArguments(options) },
  })
  await channel.bindQueue(routingKey, exchange, routingKey)
}

async function declareExchange(channel: Channel, { name, type, durable, autoDelete }: Exchange): Promise<void> {
  if (name !== '') await channel.assertExchange(name, type, { durable, autoDelete })
}

function topic(name: string, options: RabbitOptions): Exchange {
  return { name, type: 'topic', durable: isDurable(options), autoDelete: options.autoDelete }
}

function fanout(topicName: string): Exchange {
  return { name: fanoutExchange(topicName), type: 'fanout', durable: false, autoDelete: true }
}

function fanoutExchange(topicName: string): string {
  return `${topicName}_fanout`
}

/** Quorum queues are durable by nature, and their exchange with them. */
function isDurable(options: RabbitOptions): boolean {
  return options.durableQueues || options.quorumQueue
}

/** Fanout and reply queues die with their owner: never durable, never quorum. */
function transientQueue(options: RabbitOptions): Options.AssertQueue {
  return {
    durable: false,
    autoDelete: false,
    arguments: { ...haArguments(options), 'x-expires': options.transientQueuesTtlSeconds * 1000 },
  }
}

function haArguments(options: RabbitOptions): Record<string, unknown> {
  return options.haQueues ? { 'x-ha-policy': 'all' } : {}
}

function quorumArguments(options: RabbitOptions): Record<string, unknown> {
  if (!options.quorumQueue) return {}
  return {
    'x-queue-type': 'quorum',
    ...(options.quorumDeliveryLimit > 0 && { 'x-delivery-limit': options.quorumDeliveryLimit }),
    ...(options.quorumMaxMemoryLength > 0 && { 'x-max-in-memory-length': options.quorumMaxMemoryLength }),
    ...(options.quorumMaxMemoryBytes > 0 && { 'x-max-in-memory-bytes': options.quorumMaxMemoryBytes }),
  }
}
