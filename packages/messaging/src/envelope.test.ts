import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unwrap, wrap } from './envelope.js'
import { MalformedMessage, UnsupportedEnvelope } from './errors.js'

test('an envelope holds the message as JSON text beside the version', () => {
  const body = wrap({ method: 'grüß "x"', args: { big: 2n ** 70n } })
  assert.deepEqual(JSON.parse(body), {
    'oslo.version': '2.0',
    'oslo.message': '{"method": "grüß \\"x\\"", "args": {"big": 1180591620717411303424}}',
  })
  assert.deepEqual(unwrap(body).message, { method: 'grüß "x"', args: { big: 2n ** 70n } })
})

test('unwrap refuses another major version before it parses the message', () => {
  const body = JSON.stringify({ 'oslo.version': '3.0', 'oslo.message': 'not even JSON' })
  assert.throws(
    () => unwrap(body),
    (err) => err instanceof UnsupportedEnvelope && err.version === '3.0',
  )
})

test('unwrap refuses a newer minor version and takes an older one of the same major', () => {
  assert.throws(() => unwrap(JSON.stringify({ 'oslo.version': '2.1', 'oslo.message': '{}' })), UnsupportedEnvelope)
  assert.throws(() => unwrap(JSON.stringify({ 'oslo.version': 'two', 'oslo.message': '{}' })), UnsupportedEnvelope)
  assert.deepEqual(unwrap(JSON.stringify({ 'oslo.version': '2.0', 'oslo.message': '{"a": 1}' })), { message: { a: 1 }, text: '{"a": 1}' })
})

test('a body without both keys is a bare message, with its big integers and NaN', () => {
  assert.deepEqual(unwrap('{"event_type": "x", "n": 1180591620717411303424}').message, { event_type: 'x', n: 2n ** 70n })
  assert.deepEqual(unwrap('{"event_type": "x", "n": NaN}').message, { event_type: 'x', n: Number.NaN })
  assert.deepEqual(unwrap('{"oslo.version": "2.0"}').message, { 'oslo.version': '2.0' })
})

test('what is no message is refused', () => {
  const bodies = [
    '',
    'plain text',
    '[]',
    'null',
    '7',
    '{"oslo.version": "2.0", "oslo.message": 7}',
    '{"oslo.version": "2.0", "oslo.message": "[]"}',
  ]
  for (const body of bodies) assert.throws(() => unwrap(body), MalformedMessage, body)
})
