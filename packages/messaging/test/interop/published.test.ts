import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { inflateSync } from 'node:zlib'
import { needs, readFixtureLines } from '@micronova/testing'
import { type ConsumeMessage, connect } from 'amqplib'
import type { JsonObject } from '../../src/index.js'
import { openTransport, plainSerializer, type TestContext, uniqueName } from '../harness.js'

const { url, skip } = await needs('rabbitmq')

/** Take messages off a queue bound to `exchange` by `key` as they come. */
async function tap(t: TestContext, exchange: string, key: string): Promise<{ next(): Promise<ConsumeMessage> }> {
  const connection = await connect(url)
  t.after(() => connection.close())
  const channel = await connection.createChannel()
  await channel.assertExchange(exchange, 'topic', { durable: false, autoDelete: true })
  const { queue } = await channel.assertQueue('', { exclusive: true })
  await channel.bindQueue(queue, exchange, key)
  const messages: ConsumeMessage[] = []
  const waiting: ((message: ConsumeMessage) => void)[] = []
  await channel.consume(queue, (message) => {
    if (message === null) return
    const first = waiting.shift()
    if (first === undefined) messages.push(message)
    else first(message)
  })
  return {
    next: () => new Promise((resolve) => (messages.length > 0 ? resolve(messages.shift() as ConsumeMessage) : waiting.push(resolve))),
  }
}

function setProperties(message: ConsumeMessage): Record<string, unknown> {
  const { properties } = message
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined))
}

const recordedHeaders = readFixtureLines('wire/14-amqp-frames.jsonl')
  .map((line) => JSON.parse(line))
  .filter(({ frame, dir }) => frame === 'header' && dir === 'client->broker')
  .map(({ properties }) => properties)

test('a call and a cast have the properties of recorded ones, the call its expiration too', { skip, timeout: 30_000 }, async (t) => {
  const exchange = uniqueName('exchange')
  const taken = await tap(t, exchange, 'compute')
  const { transport } = openTransport(t, url.replace(/^amqp/, 'rabbit'), { controlExchange: exchange, rabbit: { autoDelete: true } })
  const client = transport.client({ topic: 'compute', version: '6.0' }, { serializer: plainSerializer })
  await client.cast({}, 'm', {})
  const cast = setProperties(await taken.next())
  client
    .prepare({ timeoutSeconds: 10 })
    .call({}, 'm', {})
    .catch(() => {}) // nobody answers
  const call = setProperties(await taken.next())

  const common = { contentType: 'application/json', contentEncoding: 'utf-8', headers: {}, deliveryMode: 2, priority: 0 }
  assert.deepEqual(cast, common)
  assert.deepEqual(call, { ...common, expiration: '10000' })
  const recorded = { content_type: 'application/json', content_encoding: 'utf-8', headers: {}, delivery_mode: 2, priority: 0 }
  assert.ok(recordedHeaders.some((properties) => isDeepStrictEqual(properties, recorded)))
  assert.ok(recordedHeaders.some((properties) => isDeepStrictEqual(properties, { ...recorded, expiration: '10000' })))
})

test('with kombu_compression a message is compressed as kombu compresses it, and read back', { skip, timeout: 30_000 }, async (t) => {
  const exchange = uniqueName('exchange')
  const { transport } = openTransport(t, `${url.replace(/^amqp/, 'rabbit')}?kombu_compression=gzip`, {
    controlExchange: exchange,
    rabbit: { autoDelete: true, transientQueuesTtlSeconds: 60 },
  })
  const echo = { parameters: [{ name: 'a' }], run: async (_: JsonObject, { a }: Readonly<Record<string, unknown>>) => a }
  const topic = uniqueName('topic')
  const server = transport.server({ topic, server: 'host1' }, [{ target: {}, methods: { echo } }], { serializer: plainSerializer })
  await server.start(AbortSignal.timeout(5000))
  t.after(() => server.stop(AbortSignal.timeout(1000)))
  const taken = await tap(t, exchange, topic)
  const client = transport.client({ topic, version: '1.0' }, { serializer: plainSerializer })
  assert.equal(await client.call({}, 'echo', { a: 'x'.repeat(10_000) }), 'x'.repeat(10_000))
  const message = await taken.next()
  assert.deepEqual(message.properties.headers, { compression: 'application/x-gzip' })
  assert.match(inflateSync(message.content).toString(), /^\{"oslo\.version": "2\.0"/)
})

test('a notification makes its queue before it is sent, so that a later consumer finds it', { skip, timeout: 30_000 }, async (t) => {
  const exchange = uniqueName('exchange')
  const topic = uniqueName('notifications')
  const { transport } = openTransport(t, url.replace(/^amqp/, 'rabbit'), { controlExchange: exchange })
  const notifier = transport.notifier({
    serializer: plainSerializer,
    publisherId: 'compute.host1',
    topics: [topic],
    drivers: ['messaging', 'messagingv2'],
  })
  await notifier.notify({}, 'info', 'compute.x', { k: 'v' })
  const connection = await connect(url)
  const channel = await connection.createChannel()
  t.after(async () => {
    await channel.deleteQueue(`${topic}.info`)
    await channel.deleteExchange(exchange)
    await connection.close()
  })
  const bodies: Record<string, unknown>[] = []
  for (let message = await channel.get(`${topic}.info`); message; message = await channel.get(`${topic}.info`)) {
    channel.ack(message)
    bodies.push(JSON.parse(message.content.toString()))
  }
  assert.deepEqual(
    bodies.map((body) => [body.event_type, body['oslo.version']]),
    [
      ['compute.x', undefined],
      [undefined, '2.0'],
    ],
  )
})
