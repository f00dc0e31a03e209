import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Channel } from 'amqplib'
import { defaultRabbitOptions, type RabbitOptions } from './rabbit-options.js'
import { declareDestination, declareSubscription } from './topology.js'

/** What would be declared, in order. */
async function declared(declare: (channel: Channel) => Promise<void>): Promise<unknown[]> {
  const calls: unknown[] = []
  const record =
    (name: string) =>
    async (...args: unknown[]) => {
      calls.push([name, ...args])
    }
  await declare({ assertExchange: record('exchange'), assertQueue: record('queue'), bindQueue: record('bind') } as unknown as Channel)
  return calls
}

const topic = { kind: 'topic', exchange: 'nova', routingKey: 'compute' } as const
const fanout = { kind: 'fanout', topic: 'compute', queue: 'compute_fanout_1' } as const
const reply = { kind: 'queue', queue: 'reply_1' } as const
const options = (some: Partial<RabbitOptions>): RabbitOptions => ({ ...defaultRabbitOptions, ...some })

test('durable and auto-delete are options of the topic alone', async () => {
  const changed = options({ durableQueues: true, autoDelete: true })
  assert.deepEqual(await declared((channel) => declareSubscription(channel, topic, changed)), [
    ['exchange', 'nova', 'topic', { durable: true, autoDelete: true }],
    ['queue', 'compute', { durable: true, autoDelete: true, arguments: {} }],
    ['bind', 'compute', 'nova', 'compute'],
  ])
  assert.deepEqual(await declared((channel) => declareSubscription(channel, fanout, changed)), [
    ['exchange', 'compute_fanout', 'fanout', { durable: false, autoDelete: true }],
    ['queue', 'compute_fanout_1', { durable: false, autoDelete: false, arguments: { 'x-expires': 1_800_000 } }],
    ['bind', 'compute_fanout_1', 'compute_fanout', 'compute'],
  ])
})

test('a quorum queue is durable with its exchange and has its limits; reply queues stay as they are', async () => {
  const quorum = options({ quorumQueue: true, quorumDeliveryLimit: 3, quorumMaxMemoryLength: 4, quorumMaxMemoryBytes: 5 })
  const queueArguments = { 'x-queue-type': 'quorum', 'x-delivery-limit': 3, 'x-max-in-memory-length': 4, 'x-max-in-memory-bytes': 5 }
  const calls = await declared((channel) => declareSubscription(channel, topic, quorum))
  assert.deepEqual(calls[0], ['exchange', 'nova', 'topic', { durable: true, autoDelete: false }])
  assert.deepEqual(calls[1], ['queue', 'compute', { durable: true, autoDelete: false, arguments: queueArguments }])
  const transient = { durable: false, autoDelete: false, arguments: { 'x-expires': 1_800_000 } }
  assert.deepEqual(await declared((channel) => declareSubscription(channel, reply, quorum)), [['queue', 'reply_1', transient]])
})

test('mirrored queues are asked for on every queue, the lifetime of transient ones is an option', async () => {
  const mirrored = options({ haQueues: true, transientQueuesTtlSeconds: 60 })
  const calls = await declared((channel) => declareSubscription(channel, reply, mirrored))
  assert.deepEqual(calls, [
    ['queue', 'reply_1', { durable: false, autoDelete: false, arguments: { 'x-ha-policy': 'all', 'x-expires': 60_000 } }],
  ])
})

test('a publisher declares the exchange, for a notification the queue too, for a reply nothing', async () => {
  assert.equal((await declared((channel) => declareDestination(channel, topic, defaultRabbitOptions))).length, 1)
  assert.equal(
    (await declared((channel) => declareDestination(channel, { ...topic, kind: 'notification' }, defaultRabbitOptions))).length,
    3,
  )
  assert.deepEqual(await declared((channel) => declareDestination(channel, reply, defaultRabbitOptions)), [])
  assert.equal((await declared((channel) => declareDestination(channel, { ...topic, exchange: '' }, defaultRabbitOptions))).length, 0)
})
