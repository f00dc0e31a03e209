import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { needs } from '@micronova/testing'
import { connect } from 'amqplib'
import { unwrap, wrap } from '../../src/envelope.js'
import { type JsonObject, MemoryBus, type RemoteFailure } from '../../src/index.js'
import { MemoryDriver } from '../../src/memory/driver.js'
import { decodeReply } from '../../src/message.js'
import { openTransport, plainSerializer, type TestContext, uniqueName } from '../harness.js'

const rabbit = await needs('rabbitmq')
const call = (msgId: string, replyQueue: string) => ({
  method: 'echo',
  args: { a: 1 },
  version: '1.0',
  _msg_id: msgId,
  _reply_q: replyQueue,
  _timeout: null,
  _unique_id: msgId,
})
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

/** Bodies that are no good requests, and the class of the answer; `null`: nobody can be answered. */
const poison: Readonly<Record<string, { readonly body: (replyQueue: string) => string; readonly answer: string | null }>> = {
  'a text that is not JSON': { body: () => 'not JSON at all', answer: null },
  'an empty body': { body: () => '', answer: null },
  'JSON that is no object': { body: () => '[1, 2]', answer: null },
  'a message that is not JSON in a good envelope': {
    body: () => JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': 'not JSON' }),
    answer: null,
  },
  'an envelope of an unknown version': {
    body: (queue) => JSON.stringify({ 'oslo.version': '3.0', 'oslo.message': JSON.stringify(call('01', queue)) }),
    answer: 'oslo_messaging._drivers.common.UnsupportedRpcEnvelopeVersion',
  },
  'a request without a method': {
    body: (queue) => wrap({ ...call('02', queue), method: null }),
    answer: 'oslo_messaging.rpc.dispatcher.NoSuchMethod',
  },
  'a method that is no text': { body: (queue) => wrap({ ...call('03', queue), method: { a: 1 } }), answer: 'builtins.ValueError' },
  'arguments that are no object': { body: (queue) => wrap({ ...call('04', queue), args: [1] }), answer: 'builtins.ValueError' },
  '100,000 nested lists': {
    body: (queue) =>
      JSON.stringify({
        'oslo.version': '2.0',
        'oslo.message': JSON.stringify(call('05', queue)).replace('"a":1', `"a":${nested(100_000)}`),
      }),
    answer: 'builtins.ValueError',
  },
  '100,000 nested lists without an envelope': { body: () => nested(100_000), answer: null },
  '50 MB': { body: (queue) => wrap({ ...call('06', queue), args: { a: 'x'.repeat(50_000_000) } }), answer: 'builtins.ValueError' },
}

/** A server and the means to send it any body and to see its answers. */
interface Victim {
  send(body: string): Promise<void>
  readonly replyQueue: string
  nextReply(): Promise<JsonObject>
}

for (const [name, { body, answer }] of Object.entries(poison)) {
  for (const bus of ['memory', 'rabbit'] as const) {
    const skip = bus === 'rabbit' && rabbit.skip
    test(`${bus}: ${name} is logged, answered where a caller waits, and does no harm`, { skip, timeout: 30_000 }, async (t) => {
      const exchange = uniqueName('exchange')
      const topic = uniqueName('topic')
      const memoryBus = new MemoryBus({ clock: systemClock })
      const url = bus === 'rabbit' ? rabbit.url.replace(/^amqp:/, 'rabbit:') : 'memory://'
      const { transport, log } = openTransport(t, url, { bus: memoryBus, controlExchange: exchange, rabbit: { autoDelete: true } })
      const echo = { parameters: [{ name: 'a' }], run: async (_: JsonObject, { a }: Readonly<Record<string, unknown>>) => a }
      const server = transport.server({ topic, server: 'host1' }, [{ target: {}, methods: { echo } }], { serializer: plainSerializer })
      t.after(() => server.stop(AbortSignal.timeout(1000)))
      await server.start(AbortSignal.timeout(5000))
      const victim = await (bus === 'rabbit' ? attackBroker(t, exchange, topic) : attackMemory(memoryBus, exchange, topic))

      await victim.send(body(victim.replyQueue))
      await log.seen(/^ERROR (refused a message|Exception during message handling)/)
      if (answer !== null) {
        const { class: className, module } = decodeReply(await victim.nextReply()).failure as RemoteFailure
        assert.equal(`${module}.${className}`, answer)
      }
      await victim.send(wrap(call('ff', victim.replyQueue)))
      assert.equal((await victim.nextReply()).result, 1)
      assert.equal(log.matching(/^ERROR/).length, 1)
      assert.ok(log.lines.every((line) => line.length < 1000))
    })
  }
}

async function attackMemory(bus: MemoryBus, exchange: string, topic: string): Promise<Victim> {
  const driver = new MemoryDriver({ bus, clock: systemClock })
  const replyQueue = `reply_${systemRandom.hex(16)}`
  const replies = new Inbox()
  await driver.listen([{ kind: 'queue', queue: replyQueue }], { prefetch: 0 }, (delivery) => replies.add(unwrap(delivery.body()).message))
  const destination = { kind: 'topic', exchange, routingKey: topic } as const
  return { replyQueue, nextReply: () => replies.next(), send: (body) => driver.publish({ destination, body, mandatory: true, retry: 0 }) }
}

async function attackBroker(t: TestContext, exchange: string, topic: string): Promise<Victim> {
  const connection = await connect(rabbit.url)
  t.after(() => connection.close())
  const channel = await connection.createConfirmChannel()
  const { queue: replyQueue } = await channel.assertQueue(`reply_${systemRandom.hex(16)}`, { exclusive: true })
  const replies = new Inbox()
  await channel.consume(replyQueue, (message) => message !== null && replies.add(unwrap(message.content.toString()).message), {
    noAck: true,
  })
  return {
    replyQueue,
    nextReply: () => replies.next(),
    async send(body) {
      channel.publish(exchange, topic, Buffer.from(body), { mandatory: true })
      await channel.waitForConfirms()
    },
  }
}

class Inbox {
  readonly #messages: JsonObject[] = []
  #waiting: ((message: JsonObject) => void) | null = null

  add(message: JsonObject): void {
    if (this.#waiting === null) this.#messages.push(message)
    else this.#waiting(message)
    this.#waiting = null
  }

  next(): Promise<JsonObject> {
    const first = this.#messages.shift()
    if (first !== undefined) return Promise.resolve(first)
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }
}
