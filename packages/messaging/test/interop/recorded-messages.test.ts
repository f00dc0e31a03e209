import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureLines, recordings } from '@micronova/testing'
import { unwrap, wrap } from '../../src/envelope.js'
import type { JsonObject } from '../../src/index.js'
import { parseJson } from '../../src/json-codec.js'
import { decodeMessage, encodeNotification, encodeReply, encodeRequest, type Message } from '../../src/message.js'

for (const recording of recordings) {
  test(`every message of wire/${recording} decodes to typed data and encodes back to equal JSON`, () => {
    for (const line of readFixtureLines(`wire/${recording}.jsonl`)) {
      const recorded = parseJson(line) as { readonly seq: number; readonly envelope: JsonObject; readonly message: JsonObject }
      const unwrapped = unwrap(JSON.stringify(recorded.envelope)).message
      assert.deepEqual(unwrapped, recorded.message)
      const decoded = decodeMessage(unwrapped)
      const sentAgain = unwrap(wrap(encode(decoded))).message
      assert.deepEqual(withFailureParsed(sentAgain), withFailureParsed(recorded.message), `message ${recorded.seq}`)
      assert.deepEqual(Object.keys(sentAgain), Object.keys(recorded.message), `keys of message ${recorded.seq} in their order`)
      assert.equal(decoded.kind, kindOf(recorded.message))
    }
  })
}

test('the recordings hold every kind of message', () => {
  const kinds = new Map<string, number>()
  for (const recording of recordings)
    for (const line of readFixtureLines(`wire/${recording}.jsonl`)) {
      const kind = kindOf((parseJson(line) as { readonly message: JsonObject }).message)
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
  assert.deepEqual(Object.fromEntries(kinds), { request: 664, reply: 588, notification: 94 })
})

function encode(message: Message): JsonObject {
  switch (message.kind) {
    case 'request':
      return encodeRequest(message)
    case 'reply':
      return encodeReply(message)
    case 'notification':
      return encodeNotification(message)
  }
}

function kindOf(message: JsonObject): Message['kind'] {
  if ('event_type' in message) return 'notification'
  return 'method' in message ? 'request' : 'reply'
}

/** The failure of a reply is JSON in a text, where white space is free. */
function withFailureParsed(message: JsonObject): JsonObject {
  return typeof message.failure === 'string' ? { ...message, failure: parseJson(message.failure) } : message
}
