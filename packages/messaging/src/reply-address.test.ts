import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wrap } from './envelope.js'
import { findReplyAddress } from './reply-address.js'

const ids = { _msg_id: 'fd9bfc1ea4a0', _reply_q: 'reply_0a243fd2b4384d0f', _timeout: null, _unique_id: 'x' }

test('the reply address of a body that is not decoded is found, in an envelope or bare', () => {
  const expected = { msgId: 'fd9bfc1ea4a0', queue: 'reply_0a243fd2b4384d0f', monitorTimeout: null }
  assert.deepEqual(findReplyAddress(wrap({ method: 'm', args: { text: 'x'.repeat(100_000) }, ...ids })), expected)
  assert.deepEqual(findReplyAddress(JSON.stringify({ method: 'm', args: {}, ...ids, context: 'y'.repeat(100_000) })), expected)
  assert.deepEqual(findReplyAddress(wrap({ method: 'm', args: { a: { _reply_q: 'reply_of_another', _msg_id: 'ff' } }, ...ids })), expected)
})

test('a cast, and what is no message, has no reply address', () => {
  for (const body of ['', 'plain _reply_q text', wrap({ method: 'm', args: {}, _unique_id: 'x' }), '{"_reply_q": 7, "_msg_id": "a"}'])
    assert.equal(findReplyAddress(body), null)
})
