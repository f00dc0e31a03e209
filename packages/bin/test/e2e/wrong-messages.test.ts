import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type JsonObject, parseJson } from '@micronova/messaging'
import { Cell } from './support/cell.js'
import { eventually } from './support/eventually.js'
import { RawBroker } from './support/raw-broker.js'
import { bodyOf, contextOf, type Recorded, recordings } from './support/recorded.js'
import { servicesSkip } from './support/services.js'

const recorded = recordings('09-errors.jsonl')
const requests = recorded.filter(({ sender, routing_key: key }) => sender === 'test-client' && key !== 'compute.nohost')
const calls = requests.filter(({ message }) => message._msg_id !== undefined)
const casts = requests.filter(({ message }) => message._msg_id === undefined)
const [someCall] = calls
const replyQueue = String(someCall?.message._reply_q)

/** Bodies that no peer of ours sends, and how often each is answered. */
const poison: readonly (readonly [what: string, body: string | Buffer, answers: 0 | 1])[] = [
  ['no JSON', 'hello', 0],
  ['nothing', '', 0],
  ['no text', Buffer.from([0xff, 0xfe, 0x00, 0x80]), 0],
  ['JSON that is no object', '[1, 2]', 0],
  ['an envelope of a later version', '{"oslo.version": "3.0", "oslo.message": "{}"}', 0],
  ['an envelope around no text', '{"oslo.version": "2.0", "oslo.message": {"method": "ping"}}', 0],
  ['an envelope around no JSON', '{"oslo.version": "2.0", "oslo.message": "{"}', 0],
  ['a message without a method', envelope(`{"args": {}, "_msg_id": "11111111111111111111111111111111", "_reply_q": "${replyQueue}"}`), 1],
  [
    'arguments that are no object',
    envelope(`{"method": "ping", "args": 1, "_msg_id": "22222222222222222222222222222222", "_reply_q": "${replyQueue}"}`),
    1,
  ],
  [
    'a message nested 60,000 deep',
    envelope(
      `{"method": "ping", "args": {"arg": ${nested(60_000)}}, "_msg_id": "33333333333333333333333333333333", "_reply_q": "${replyQueue}"}`,
    ),
    1,
  ],
  ['a cast nested 60,000 deep', envelope(`{"method": "stop_instance", "version": "6.0", "args": {"instance": ${nested(60_000)}}}`), 0],
  ['a body of 33 MiB', Buffer.alloc(33 * 2 ** 20, 0x20), 0],
]

test('wrong messages', { skip: servicesSkip }, async (t) => {
  const cell = await Cell.create(t)
  await cell.start('nova-conductor')
  const compute = await cell.start('nova-compute')
  const broker = await RawBroker.open(cell.cleanups, cell.brokerUrl)
  const replies = new Map<string, JsonObject>()
  await broker.consume(replyQueue, ({ content }) => {
    const reply = parseJson(JSON.parse(content.toString())['oslo.message']) as JsonObject
    replies.set(String(reply._msg_id), reply)
  })
  const answerTo = (id: unknown) => eventually(`there is a reply to ${id}`, () => replies.get(String(id)))

  for (const request of calls) {
    const { message, seq } = request
    await t.test(`the call ${message.method} (09-errors.jsonl ${seq}) is answered as recorded`, async () => {
      await broker.publish(request.routing_key, bodyOf(request), request.properties)
      assertEqualReply(await answerTo(message._msg_id), recordedReply(request))
    })
  }

  await t.test('wrong casts are logged and not answered', async () => {
    const from = compute.lines.length
    for (const cast of casts) await broker.publish(cast.routing_key, bodyOf(cast), cast.properties)
    await compute.logged(/ERROR .*no_such_cast/, { from })
    await compute.logged(/ERROR .*get_host_uptime/, { from })
    assert.equal(casts.length, 2)
    assert.equal(replies.size, calls.length)
  })

  for (const [what, body, answers] of poison) {
    await t.test(`${what}: one error in the log${answers ? ', and an error for whoever waits' : ''}`, async () => {
      const [from, before] = [compute.lines.length, replies.size]
      await broker.publish('compute.compute1', body, { contentType: 'application/json' })
      await compute.logged(/ ERROR /, { from })
      if (answers) {
        const [id] = /\d{32}/.exec(String(body)) ?? []
        assert.notEqual((await answerTo(id)).failure, null)
      } else assert.equal(replies.size, before)
    })
  }

  await t.test('none of it came twice, and the service works on', async () => {
    const plane = cell.controlPlane()
    const context = contextOf(someCall!)
    assert.deepEqual(await plane.base('compute').ping(context, { arg: 1 }), { service: 'compute', arg: 1 })
    const errors = compute.matching(/ ERROR [^|]*(refused a message|Exception during message handling)/)
    const wrong = calls.filter((request) => request.routing_key !== 'conductor' && recordedReply(request).failure !== null)
    assert.equal(errors.length, wrong.length + casts.length + poison.length)
    assert.deepEqual(await compute.stop(), { status: 0, signal: null })
    for (const queue of ['compute', 'compute.compute1']) assert.deepEqual(await broker.queue(queue), { messages: 0, consumers: 0 })
  })
})

function recordedReply({ message }: Recorded): JsonObject {
  const reply = recorded.find((other) => other.message._msg_id === message._msg_id && other.message.method === undefined)
  return parseJson(reply?.text ?? '') as JsonObject
}

/** But for the traceback, and the values of a row. */
function assertEqualReply(ours: JsonObject, theirs: JsonObject): void {
  const { _unique_id: _ours, failure: ourFailure, result: ourResult, ...ourRest } = ours
  const { _unique_id: _theirs, failure: theirFailure, result: theirResult, ...theirRest } = theirs
  assert.deepEqual(ourRest, theirRest)
  assert.deepEqual(withoutTraceback(ourFailure), withoutTraceback(theirFailure))
  assert.deepEqual(withoutRowValues(ourResult), withoutRowValues(theirResult))
}

function withoutTraceback(failure: unknown): unknown {
  if (failure === null) return null
  const { tb, ...rest } = JSON.parse(String(failure)) as JsonObject
  assert.ok(Array.isArray(tb))
  return rest
}

function withoutRowValues(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('nova_object.data' in result)) return result
  const { id, report_count, ...data } = result['nova_object.data'] as JsonObject
  assert.ok(id !== undefined && report_count !== undefined)
  const fields = Object.entries(data).map(([field, value]) => [field, /_at$|_up$/.test(field) ? null : value])
  return { ...result, 'nova_object.data': Object.fromEntries(fields) }
}

function envelope(text: string): string {
  return JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': text })
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}
