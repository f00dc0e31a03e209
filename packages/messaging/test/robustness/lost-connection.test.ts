import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { needs } from '@micronova/testing'
import { connect } from 'amqplib'
import { type Endpoint, type JsonObject, MessageDeliveryFailure, MessagingTimeout } from '../../src/index.js'
import { deferred, openTransport, plainSerializer, removeAfter, type TestContext, uniqueName } from '../harness.js'
import { startProxy } from './tcp-proxy.js'

const { url: amqpUrl, skip } = await needs('rabbitmq')
const brokerPort = Number(new URL(amqpUrl).port)
const soon = () => AbortSignal.timeout(8000)
/** Quick to reconnect, so that the tests are quick too. */
const rabbit = { reconnectDelaySeconds: 0.05, transientQueuesTtlSeconds: 60 }

async function openCloud(t: TestContext, methods: Endpoint<JsonObject>['methods'], options: { maxInHand?: number } = {}) {
  const proxy = await startProxy(t, brokerPort)
  const shared = { controlExchange: uniqueName('exchange'), rabbit }
  const topic = uniqueName('topic')
  const url = `rabbit://guest:guest@127.0.0.1:${proxy.port}/`
  const serverSide = openTransport(t, url, shared)
  const clientSide = openTransport(t, url, shared)
  const server = serverSide.transport.server({ topic, server: 'host1' }, [{ target: {}, methods }], {
    serializer: plainSerializer,
    ...options,
  })
  t.after(() => server.stop(AbortSignal.timeout(500)))
  removeAfter(t, amqpUrl, { queues: [topic, `${topic}.host1`], exchange: shared.controlExchange }) // hooks run in this order
  await server.start(soon())
  const client = clientSide.transport.client<JsonObject>({ topic, version: '1.0' }, { serializer: plainSerializer })
  return { proxy, client, server, serverSide, clientSide, topic }
}

const echo = { parameters: [{ name: 'n' }], run: async (_: JsonObject, { n }: Readonly<Record<string, unknown>>) => n }

test('when its connections are cut while idle, a server consumes again and calls go through', { skip, timeout: 30_000 }, async (t) => {
  const { proxy, client, serverSide } = await openCloud(t, { echo })
  assert.equal(await client.call({}, 'echo', { n: 1 }), 1)
  proxy.cut()
  await serverSide.log.seen(/^INFO Reconnected .*listen/)
  assert.equal(await client.call({}, 'echo', { n: 2 }), 2)
  const consuming = serverSide.transport.report().connections.find(({ purpose }) => purpose === 'listen')
  assert.deepEqual([consuming?.state, consuming?.address, consuming?.reconnects], ['up', `127.0.0.1:${proxy.port}`, 1])
  assert.equal(serverSide.log.matching(/^ERROR Lost the connection to the AMQP server on 127\.0\.0\.1/).length >= 1, true)
})

test('when connections are cut under load, every call ends and each request runs once', { skip, timeout: 30_000 }, async (t) => {
  const runs = new Map<number, number>()
  const count = {
    ...echo,
    run: async (_: JsonObject, { n }: Readonly<Record<string, unknown>>) => {
      runs.set(Number(n), (runs.get(Number(n)) ?? 0) + 1)
      return n
    },
  }
  const { proxy, client } = await openCloud(t, { count })
  let next = 0
  let ended = 0
  const until = Date.now() + 1500
  const cutter = setInterval(() => proxy.cut(), 400)
  const worker = async () => {
    while (Date.now() < until) {
      const n = next++
      assert.equal(await client.call({}, 'count', { n }), n)
      ended++
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  clearInterval(cutter)
  assert.equal(ended, next)
  assert.deepEqual(
    [...runs].filter(([, times]) => times !== 1),
    [],
  )
})

test('a request that waits for a free hand when the connection breaks is run once after it', { skip, timeout: 30_000 }, async (t) => {
  const release = deferred()
  const started = deferred()
  const runs: unknown[] = []
  const work = {
    ...echo,
    run: async (_: JsonObject, { n }: Readonly<Record<string, unknown>>) => {
      runs.push(n)
      started.resolve()
      await release.promise
    },
  }
  const { proxy, client, serverSide } = await openCloud(t, { work }, { maxInHand: 1 })
  const calls = [client.call({}, 'work', { n: 1 }), client.call({}, 'work', { n: 2 }), client.call({}, 'work', { n: 3 })]
  await started.promise
  await client.prepare({ fanout: true }).cast({}, 'work', { n: 4 })
  proxy.cut()
  await serverSide.log.seen(/^INFO Reconnected .*listen/)
  release.resolve()
  await Promise.all(calls)
  assert.deepEqual(
    runs.filter((n) => n !== 4),
    [1, 2, 3],
  )
})

test('a call keeps waiting over a reconnect and gets its reply', { skip, timeout: 30_000 }, async (t) => {
  const release = deferred<string>()
  const started = deferred()
  const slow = {
    parameters: [],
    run: () => {
      started.resolve()
      return release.promise
    },
  }
  const { proxy, client, clientSide } = await openCloud(t, { slow })
  const call = client.call({}, 'slow', {})
  await started.promise
  proxy.cut()
  await clientSide.log.seen(/^INFO Reconnected/, 2) // the connection that sends and the one that listens for replies
  release.resolve('done')
  assert.equal(await call, 'done')
})

test('what is sent while the broker is away waits for it; a call that timed out meanwhile is not sent', {
  skip,
  timeout: 30_000,
}, async (t) => {
  const seen: unknown[] = []
  const note = { ...echo, run: async (_: JsonObject, { n }: Readonly<Record<string, unknown>>) => void seen.push(n) }
  const { proxy, client, clientSide } = await openCloud(t, { note })
  await client.call({}, 'note', { n: 'before' })
  await proxy.stop()
  await clientSide.log.seen(/Lost the connection/)
  const cast = client.cast({}, 'note', { n: 'cast' })
  await assert.rejects(client.prepare({ timeoutSeconds: 0.1 }).call({}, 'note', { n: 'too late' }), MessagingTimeout)
  await proxy.start()
  await cast
  await client.call({}, 'note', { n: 'after' })
  assert.deepEqual(seen, ['before', 'cast', 'after'])
})

test('a notification without retries is given up while the broker is away', { skip, timeout: 30_000 }, async (t) => {
  const { proxy, clientSide, client } = await openCloud(t, { echo })
  await client.call({}, 'echo', { n: 1 })
  await proxy.stop()
  await clientSide.log.seen(/Lost the connection/)
  const notifier = clientSide.transport.notifier({
    serializer: plainSerializer,
    publisherId: 'x',
    topics: ['t'],
    drivers: ['messagingv2'],
    retry: 0,
  })
  await notifier.notify({}, 'info', 'x', null)
  assert.equal(clientSide.log.matching(/^ERROR a notification could not be sent to t\.info/).length, 1)
})

test('a host that is dead, deaf or speaks another protocol is passed over for the next one', { skip, timeout: 30_000 }, async (t) => {
  const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const closing = createServer((socket) => socket.destroy())
  for (const server of [other, closing]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => void server.close())
  }
  const ports = [1, ...[other, closing].map((server) => (server.address() as { port: number }).port)]
  const url = `rabbit://${ports.map((port) => `guest:guest@127.0.0.1:${port}`).join(',')},guest:guest@127.0.0.1:${brokerPort}/`
  const { transport, log } = openTransport(t, url, { controlExchange: uniqueName('exchange'), rabbit: { ...rabbit, autoDelete: true } })
  await transport.client({ topic: 'nobody', fanout: true }, { serializer: plainSerializer }).cast({}, 'm', {})
  assert.deepEqual(log.matching(/Trying again in/), [])
})

test('while no host answers a call ends in a timeout, and the log says where and when next', { skip, timeout: 30_000 }, async (t) => {
  const { transport, log } = openTransport(t, 'rabbit://nova:t0psecret@127.0.0.1:1,nova:t0psecret@[::1]:1/')
  const client = transport.client({ topic: 'nobody', version: '1.0' }, { serializer: plainSerializer })
  await assert.rejects(client.prepare({ timeoutSeconds: 0.3 }).call({}, 'm', {}), MessagingTimeout)
  await log.seen(/^ERROR AMQP server on 127\.0\.0\.1:1 is unreachable: .*ECONNREFUSED/)
  await log.seen(/^ERROR AMQP server on \[::1\]:1 is unreachable/)
  await log.seen(/Trying again in \d\.\d seconds\.$/)
  assert.doesNotMatch(log.lines.join('\n'), /t0psecret/)
})

test('a wrong password is told in one line that names the user and not the password', { skip, timeout: 30_000 }, async (t) => {
  const { transport, log } = openTransport(t, `rabbit://guest:t0psecret@127.0.0.1:${brokerPort}/`)
  const server = transport.server({ topic: uniqueName('topic'), server: 'host1' }, [], { serializer: plainSerializer })
  const halt = new AbortController()
  const starting = assert.rejects(server.start(halt.signal), /enough/)
  await log.seen(/^ERROR .*the login of user 'guest' was refused; check transport_url/)
  halt.abort(new Error('enough'))
  await starting
  assert.doesNotMatch(log.lines.join('\n'), /t0psecret|\n.*\n {4}at /)
})

test('a queue that is deleted is declared again and consumed', { skip, timeout: 30_000 }, async (t) => {
  const { client, serverSide, topic } = await openCloud(t, { echo })
  const connection = await connect(amqpUrl)
  const channel = await connection.createChannel()
  await channel.deleteQueue(`${topic}.host1`)
  await connection.close()
  await serverSide.log.seen(/^WARNING The broker no longer delivers from queue/)
  await serverSide.log.seen(/^INFO Reconnected .*listen/)
  assert.equal(await client.prepare({ server: 'host1' }).call({}, 'echo', { n: 1 }), 1)
})

test('when the last server of a topic stops, a peer can still tell all of them something', { skip, timeout: 30_000 }, async (t) => {
  const { server, topic } = await openCloud(t, { echo })
  const connection = await connect(amqpUrl)
  t.after(() => connection.close())
  const channel = await connection.createConfirmChannel()
  await server.stop(soon())
  channel.publish(`${topic}_fanout`, '', Buffer.from('{}')) // without declaring it again, as a Python peer
  await channel.waitForConfirms()
})

test('an exchange that exists with other properties fails the message at once and spares the others', {
  skip,
  timeout: 30_000,
}, async (t) => {
  const { client, clientSide, topic } = await openCloud(t, { echo })
  const clash = clientSide.transport.client({ topic, exchange: 'amq.direct' }, { serializer: plainSerializer })
  await assert.rejects(clash.cast({}, 'echo', { n: 1 }), (err) => err instanceof MessageDeliveryFailure && /amq\.direct/.test(err.message))
  assert.equal(await client.call({}, 'echo', { n: 2 }), 2)
})

test('a message that the broker refuses fails at once', { skip, timeout: 30_000 }, async (t) => {
  const connection = await connect(amqpUrl)
  const channel = await connection.createChannel()
  const exchange = uniqueName('exchange')
  await channel.assertExchange(exchange, 'topic', { durable: false, autoDelete: true })
  const { queue } = await channel.assertQueue('', { exclusive: true, maxLength: 1, overflow: 'reject-publish' })
  await channel.bindQueue(queue, exchange, 'full')
  t.after(() => connection.close())
  const { transport } = openTransport(t, amqpUrl.replace(/^amqp/, 'rabbit'), {
    controlExchange: exchange,
    rabbit: { ...rabbit, autoDelete: true },
  })
  const client = transport.client({ topic: 'full' }, { serializer: plainSerializer })
  await client.cast({}, 'm', {})
  await assert.rejects(client.cast({}, 'm', {}), (err) => err instanceof MessageDeliveryFailure && /refused/.test(err.message))
})
