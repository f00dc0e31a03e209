import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '@micronova/lifecycle'
import { readFixtureLines } from '@micronova/testing'
import { unwrap } from '../../src/envelope.js'
import { type Endpoint, type JsonObject, MemoryBus, PythonError, type RemoteFailure } from '../../src/index.js'
import { parseJson } from '../../src/json-codec.js'
import { MemoryDriver } from '../../src/memory/driver.js'
import { decodeReply, type ReplyMessage } from '../../src/message.js'
import { openTransport, plainSerializer } from '../harness.js'

interface Recorded {
  readonly exchange: string
  readonly routing_key: string
  readonly envelope: JsonObject
  readonly message: JsonObject
}

/** What the recorded nova-compute had of the methods that were called. */
const computeEndpoints: readonly Endpoint<JsonObject>[] = [
  {
    target: { version: '6.1' },
    methods: {
      get_host_uptime: {
        parameters: [],
        run: async () => {
          throw new PythonError('NotImplementedError')
        },
      },
      get_console_output: { parameters: [{ name: 'instance' }, { name: 'tail_length' }], run: async () => null },
    },
  },
  {
    target: { namespace: 'baseapi', version: '1.1' },
    methods: { ping: { parameters: [{ name: 'arg' }], run: async (_, { arg }) => ({ service: 'compute', arg }) } },
  },
]

const recorded = readFixtureLines('wire/09-errors.jsonl').map((line) => parseJson(line) as unknown as Recorded)
const calls = recorded.filter(({ routing_key, message }) => routing_key === 'compute.compute1' && '_msg_id' in message)
const casts = recorded.filter(({ routing_key, message }) => routing_key === 'compute.compute1' && !('_msg_id' in message))

test('wrong calls of a recorded client are answered as the recorded nova-compute answered them', async (t) => {
  const bus = new MemoryBus({ clock: systemClock })
  const { transport, log } = openTransport(t, 'memory://', { bus })
  const server = transport.server({ topic: 'compute', server: 'compute1' }, computeEndpoints, { serializer: plainSerializer })
  await server.start(AbortSignal.timeout(1000))
  const client = new MemoryDriver({ bus, clock: systemClock })

  const replies = new Map<string, ReplyMessage>()
  let whenAll = () => {}
  const all = new Promise<void>((resolve) => {
    whenAll = resolve
  })
  const replyQueue = String(calls[0]?.message._reply_q)
  await client.listen([{ kind: 'queue', queue: replyQueue }], { prefetch: 0 }, (delivery) => {
    const reply = decodeReply(unwrap(delivery.body()).message)
    replies.set(reply.msgId, reply)
    if (replies.size === calls.length) whenAll()
  })
  for (const { exchange, routing_key: routingKey, envelope } of [...casts, ...calls])
    await client.publish({
      destination: { kind: 'topic', exchange, routingKey },
      body: JSON.stringify(envelope),
      mandatory: true,
      retry: 0,
    })
  await all

  assert.equal(calls.length, 9)
  for (const { message } of calls) {
    const expected = recorded.find((other) => other.exchange === '' && other.message._msg_id === message._msg_id)
    const theirs = decodeReply(expected?.message ?? {})
    const ours = replies.get(String(message._msg_id)) as ReplyMessage
    assert.deepEqual(ours.result, theirs.result)
    assert.deepEqual(comparable(ours.failure), comparable(theirs.failure))
    assert.equal(ours.ending, true)
    if (theirs.failure !== null) assert.equal(ours.failure?.tb.at(-1), theirs.failure.tb.at(-1))
  }
  assert.equal(log.matching(/Exception during message handling of no_such_cast/).length, 1)
  await server.stop(AbortSignal.timeout(1000))
})

/** All but the traceback, which names files. */
function comparable(failure: RemoteFailure | null) {
  if (failure === null) return null
  const { tb: _, ...rest } = failure
  return rest
}
