import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type PrivateBroker, privateBrokerSkip, readFixtureJson, startPrivateBroker } from '@micronova/testing'
import { type Endpoint, type JsonObject, MessagingError, MessagingTimeout, type TransportOptions } from '../../src/index.js'
import { deferred, openTransport, plainSerializer, type TestContext, uniqueName } from '../harness.js'

// Tests that break the broker, or look at all that it holds: it is their own. They run in order, one start for all.

const skip = privateBrokerSkip()
const options = { skip, timeout: 60_000 }
let broker: PrivateBroker

const cleanUps: (() => void | Promise<void>)[] = []

before(async () => {
  if (!skip) broker = await startPrivateBroker({ after: (fn) => void cleanUps.unshift(fn) })
})
after(async () => {
  for (const cleanUp of cleanUps) await cleanUp()
})

const url = () => broker.url.replace(/^amqp/, 'rabbit')
/** As rabbitmqctl prints an AMQP table. */
type Table = readonly (readonly [name: string, type: string, value: unknown])[]

const soon = () => AbortSignal.timeout(10_000)
const echo = { parameters: [{ name: 'n' }], run: async (_: JsonObject, { n }: Readonly<Record<string, unknown>>) => n }

async function openCloud(t: TestContext, methods: Endpoint<JsonObject>['methods'] = { echo }, transportOptions: TransportOptions = {}) {
  const topic = uniqueName('topic')
  const serverSide = openTransport(t, url(), transportOptions)
  const clientSide = openTransport(t, url(), transportOptions)
  const server = serverSide.transport.server({ topic, server: 'host1' }, [{ target: {}, methods }], { serializer: plainSerializer })
  await server.start(soon())
  t.after(() => server.stop(AbortSignal.timeout(1000)))
  const client = clientSide.transport.client<JsonObject>({ topic, version: '1.0' }, { serializer: plainSerializer })
  return { client, server, serverSide, clientSide, topic }
}

interface Topology {
  readonly exchanges: readonly { readonly name: string; readonly type: string; readonly durable: boolean; readonly auto_delete: boolean }[]
  readonly queues: readonly {
    readonly name: string
    readonly durable: boolean
    readonly auto_delete: boolean
    readonly exclusive: boolean
    readonly arguments: Table
    readonly consumed_by: readonly string[]
  }[]
  readonly bindings: readonly { readonly source_name: string; readonly destination_name: string; readonly routing_key: string }[]
  readonly consumers: readonly {
    readonly queue_name: string
    readonly consumer_tag: string
    readonly ack_required: boolean
    readonly service: string
  }[]
  readonly connections: readonly { readonly client_properties: { readonly capabilities: object; readonly connection_name: string } }[]
}

test('a server of compute and a call declare what the recorded nova-compute declared', options, async (t) => {
  const { transport } = openTransport(t, url(), { clientName: 'nova-compute:10212' })
  const server = transport.server({ topic: 'compute', server: 'compute1' }, [{ target: {}, methods: { echo } }], {
    serializer: plainSerializer,
  })
  await server.start(soon())
  await transport.client({ topic: 'compute', version: '1.0' }, { serializer: plainSerializer }).call({}, 'echo', { n: 1 })

  const list = async (what: string, ...columns: string[]) =>
    JSON.parse(await broker.ctl(what, ...columns, '--formatter', 'json')) as Record<string, unknown>[]
  const recorded = readFixtureJson<Topology>('wire/00-topology.json')
  const theirQueues = recorded.queues.filter(({ consumed_by }) => consumed_by.includes('nova-compute'))
  const theirNames = new Set(theirQueues.map(({ name }) => name))
  assert.equal(theirQueues.length, 4)

  const queues = await list('list_queues', 'name', 'durable', 'auto_delete', 'exclusive', 'arguments')
  assert.deepEqual(
    sorted(queues.map(({ name, ...rest }) => ({ name: generic(name), ...rest, arguments: fromTable(rest.arguments) }))),
    sorted(
      theirQueues.map(({ name, durable, auto_delete, exclusive, arguments: args }) => ({
        name: generic(name),
        durable,
        auto_delete,
        exclusive,
        arguments: fromTable(args),
      })),
    ),
  )

  const exchanges = await list('list_exchanges', 'name', 'type', 'durable', 'auto_delete', 'internal', 'arguments')
  assert.deepEqual(
    sorted(exchanges.filter(({ name }) => !String(name).startsWith('amq.'))),
    sorted(recorded.exchanges.filter(({ name }) => ['', 'nova', 'compute_fanout'].includes(name))),
  )

  const bindings = await list('list_bindings', 'source_name', 'destination_name', 'destination_kind', 'routing_key', 'arguments')
  const genericBinding = (binding: Record<string, unknown>) => ({
    ...binding,
    destination_name: generic(binding.destination_name),
    routing_key: generic(binding.routing_key),
  })
  assert.deepEqual(
    sorted(bindings.map(genericBinding)),
    sorted(recorded.bindings.filter(({ destination_name }) => theirNames.has(destination_name)).map((each) => genericBinding({ ...each }))),
  )

  const consumers = await list('list_consumers')
  const consumer = ({ queue_name, consumer_tag, ack_required }: Record<string, unknown>) => ({
    queue: generic(queue_name),
    consumer_tag,
    ack_required,
  })
  assert.deepEqual(
    sorted(consumers.map(consumer)),
    sorted(recorded.consumers.filter(({ service }) => service === 'nova-compute').map((each) => consumer({ ...each }))),
  )

  const connections = await list(
    'list_connections',
    'client_properties',
    'timeout',
    'frame_max',
    'channel_max',
    'auth_mechanism',
    'channels',
  )
  assert.equal(connections.length, 3)
  for (const { client_properties: properties, ...tuning } of connections) {
    const named = fromTable(properties)
    assert.match(String(named.connection_name), /^nova-compute:10212:[0-9a-f]{8}-[0-9a-f-]{27}$/)
    assert.deepEqual(fromTable(named.capabilities), recorded.connections[0]?.client_properties.capabilities)
    assert.deepEqual(tuning, { timeout: 60, frame_max: 131072, channel_max: 2047, auth_mechanism: 'AMQPLAIN', channels: 1 })
  }

  await server.stop(soon())
  const left = await list('list_queues', 'name')
  // The fanout queue and the replies' expire.
  assert.deepEqual(left.map(({ name }) => generic(name)).sort(), ['compute', 'compute.compute1', 'compute_fanout_<id>', 'reply_<id>'])
})

test('over quorum queues calls, casts and replies work as over others', options, async (t) => {
  const { client } = await openCloud(t, { echo }, { controlExchange: 'quorum', rabbit: { quorumQueue: true, quorumDeliveryLimit: 5 } })
  assert.equal(await client.call({}, 'echo', { n: 1 }), 1)
  await client.prepare({ server: 'host1', atLeastOnce: true }).cast({}, 'echo', { n: 2 })
})

test('after a restart of an idle broker a server consumes again and calls go through', options, async (t) => {
  const { client, serverSide, clientSide } = await openCloud(t)
  assert.equal(await client.call({}, 'echo', { n: 1 }), 1)
  await broker.ctl('stop_app')
  await serverSide.log.seen(/Trying again in/)
  await broker.ctl('start_app')
  const returned = performance.now()
  await Promise.all([serverSide.log.seen(/^INFO Reconnected .*listen/), clientSide.log.seen(/^INFO Reconnected/, 2)])
  t.diagnostic(`after ${(performance.now() - returned).toFixed(0)} ms`)
  assert.equal(await client.call({}, 'echo', { n: 2 }), 2)
})

test('over a restart under load every call ends in a result or an error, and work goes on after it', options, async (t) => {
  const { client, serverSide } = await openCloud(t)
  const outcomes = { results: 0, timeouts: 0 }
  let isOver = false
  let resultsAfter = 0
  const prepared = client.prepare({ timeoutSeconds: 4 })
  const worker = async () => {
    while (!isOver) {
      try {
        assert.equal(await prepared.call({}, 'echo', { n: 7 }), 7)
        outcomes.results++
        if (serverSide.log.matching(/^INFO Reconnected .*listen/).length > 0) resultsAfter++
      } catch (err) {
        if (!(err instanceof MessagingTimeout)) throw err
        outcomes.timeouts++
      }
    }
  }
  const workers = Array.from({ length: 16 }, worker)
  await broker.ctl('stop_app')
  await broker.ctl('start_app')
  await serverSide.log.seen(/^INFO Reconnected .*listen/)
  while (resultsAfter < 100) await new Promise((resolve) => setTimeout(resolve, 50))
  isOver = true
  await Promise.all(workers)
  assert.ok(outcomes.results > 100)
  assert.ok(outcomes.timeouts <= 16, `${outcomes.timeouts} calls lost`)
})

test('while the broker blocks publishers, messages wait; calls time out; all goes on after it', options, async (t) => {
  const { client, clientSide } = await openCloud(t)
  await client.call({}, 'echo', { n: 1 })
  await broker.ctl('eval', 'vm_memory_monitor:set_vm_memory_high_watermark(0.00001).')
  const short = client.prepare({ timeoutSeconds: 1 })
  while (clientSide.log.matching(/The broker has blocked/).length === 0) await short.call({}, 'echo', { n: 2 }).catch(onlyTimeouts)
  let isSent = false
  const cast = client.cast({}, 'echo', { n: 3 }).then(() => {
    isSent = true
  })
  await assert.rejects(short.call({}, 'echo', { n: 4 }), MessagingTimeout)
  assert.equal(isSent, false)
  await broker.ctl('eval', 'vm_memory_monitor:set_vm_memory_high_watermark(0.4).')
  await cast
  assert.equal(await client.call({}, 'echo', { n: 5 }), 5)
  assert.equal(clientSide.log.matching(/^INFO The broker has unblocked/).length >= 1, true)
})

test('a transport stops while the broker blocks it', options, async (t) => {
  const { client, clientSide } = await openCloud(t)
  await client.call({}, 'echo', { n: 1 })
  await broker.ctl('eval', 'vm_memory_monitor:set_vm_memory_high_watermark(0.00001).')
  client.cast({}, 'echo', { n: 2 }).catch(() => {})
  const cast = client.cast({}, 'echo', { n: 3 })
  const ended = cast.catch((err) => err)
  await clientSide.transport.stop(AbortSignal.timeout(500))
  const outcome = await ended
  assert.ok(outcome === undefined || outcome instanceof MessagingError)
  await broker.ctl('eval', 'vm_memory_monitor:set_vm_memory_high_watermark(0.4).')
})

test('a broker that dies without a word is told from one that is silent by its closed port', options, async (t) => {
  const release = deferred()
  const slow = { parameters: [], run: () => release.promise }
  const { client, serverSide, clientSide } = await openCloud(t, { echo, slow })
  const call = client.prepare({ timeoutSeconds: 40 }).call({}, 'slow', {})
  await client.call({}, 'echo', { n: 1 })
  await broker.kill()
  await serverSide.log.seen(/Trying again in/)
  await broker.start()
  await Promise.all([serverSide.log.seen(/^INFO Reconnected .*listen/), clientSide.log.seen(/^INFO Reconnected/, 2)])
  release.resolve()
  await call // its reply queue was declared again under its name
  assert.equal(await client.call({}, 'echo', { n: 2 }), 2)
})

function onlyTimeouts(err: unknown): void {
  if (!(err instanceof MessagingTimeout)) throw err
}

/** Names with an id of one run, without it. */
function generic(name: unknown): string {
  return String(name).replace(/[0-9a-f]{32}$/, '<id>')
}

function fromTable(table: unknown): Record<string, unknown> {
  return Object.fromEntries((table as Table).map(([name, , value]) => [name, value]))
}

function sorted(items: readonly object[]): object[] {
  return [...items].sort((one, other) => JSON.stringify(one, sortedKeys).localeCompare(JSON.stringify(other, sortedKeys)))
}

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => one.localeCompare(other)))
}
