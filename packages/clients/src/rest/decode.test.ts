import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ClientError } from '../errors.js'
import { describeRefusal } from '../http/describe-refusal.js'
import { listIn, objectIn, objectWith, textsIn } from './decode.js'

/** `work` succeeds, or says that the answer is bad; it never fails in another way. */
function succeedsOrIsBad(work: () => unknown): void {
  try {
    work()
  } catch (err) {
    assert.ok(err instanceof ClientError && err.code === 'bad_response', String(err))
  }
}

test('an object with the fields that are needed is handed on whole', () => {
  const port = { id: 'p', extra: [1] }
  assert.equal(objectIn({ port }, 'port', { id: 'string' }), port)
  assert.deepEqual(listIn({ ports: [port] }, 'ports', { id: 'string', extra: 'array' }), [port])
  assert.throws(() => objectIn({ port: { id: 7 } }, 'port', { id: 'string' }), /port without id/)
  assert.throws(() => listIn({ ports: [port, null] }, 'ports'), /one of ports/)
  assert.throws(() => textsIn({ traits: ['A', 1] }, 'traits'), /without traits/)
})

test('whatever comes as an answer is read, or is a bad response', () => {
  const body = fc.oneof(fc.anything(), fc.record({ ports: fc.anything() }), fc.record({ ports: fc.array(fc.anything()) }))
  fc.assert(
    fc.property(body, (value) => {
      succeedsOrIsBad(() => listIn(value, 'ports', { id: 'string' }))
      succeedsOrIsBad(() => objectIn(value, 'ports', { id: 'string' }))
      succeedsOrIsBad(() => objectWith(value, 'an answer', { ports: 'array' }))
      succeedsOrIsBad(() => textsIn(value, 'ports'))
    }),
  )
})

test('whatever comes with a refusal is described, in a line that is not too long', () => {
  const request = { service: 'network', method: 'GET', path: '/v2.0/ports' }
  const text = fc.oneof(
    fc.string({ maxLength: 3000 }),
    fc.json(),
    fc.record({ NeutronError: fc.anything() }).map((value) => JSON.stringify(value) ?? ''),
  )
  fc.assert(
    fc.property(text, fc.integer({ min: 300, max: 599 }), (text, status) => {
      const error = describeRefusal(request, { status, headers: {}, text })
      assert.equal(error.status, status)
      assert.ok(error.message.length < 700)
      assert.doesNotMatch(error.message, /[\n\r]/)
    }),
  )
})
