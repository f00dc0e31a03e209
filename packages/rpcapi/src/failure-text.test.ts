import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PythonError } from '@micronova/messaging'
import { novaError } from '@micronova/model'
import { shortened, traceback, userMessage } from './failure-text.js'

test("a user reads the message of Nova's errors and only the class of all others", () => {
  assert.equal(userMessage(novaError('InstanceNotFound', { instance_id: 'x' })), 'Instance x could not be found.')
  assert.equal(userMessage(new TypeError('the password is hunter2')), 'TypeError')
  assert.equal(userMessage(new PythonError('NotImplementedError', 'secret')), 'NotImplementedError')
  assert.equal(userMessage('a string'), 'Exception')
})

test('a message is cut to 255 bytes and never inside a character', () => {
  assert.equal(shortened('x'.repeat(255)), 'x'.repeat(255))
  assert.equal(shortened('x'.repeat(256)), 'x'.repeat(255))
  const cut = shortened('ü'.repeat(200))
  assert.equal(cut, 'ü'.repeat(127))
  assert.equal(shortened('€'.repeat(85)), '€'.repeat(85))
  assert.equal(shortened(`x${'€'.repeat(85)}`), `x${'€'.repeat(84)}`)
})

test('a traceback has the causes, the first one first', () => {
  const text = traceback(new Error('above', { cause: new Error('below') }))
  assert.ok(text.indexOf('below') < text.indexOf('above') && text.includes('failure-text.test'))
})
