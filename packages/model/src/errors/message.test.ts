import assert from 'node:assert/strict'
import { test } from 'node:test'
import { novaError } from '../index.js'
import { formatMessage } from './message.js'

test('values are put into a message as Python prints them', () => {
  assert.equal(formatMessage('%(a)s %(b)s %(c)r %(d)d%% %(e)x', { a: 'x', b: null, c: 'y', d: 5, e: 255 }), "x None 'y' 5% ff")
  assert.equal(formatMessage('%(states)s', { states: ['active', null] }), "['active', None]")
})

test('a message of which a part is missing is its template', () => {
  assert.equal(novaError('InstanceNotFound').message, 'Instance %(instance_id)s could not be found.')
  assert.equal(formatMessage('100% sure', {}), '100% sure')
})

test('a value is not a template', () => {
  assert.equal(formatMessage('%(a)s', { a: '%(b)s $& $1', b: 'no' }), '%(b)s $& $1')
})

test("a message of one's own goes before the template, and a base's template holds for what has none", () => {
  assert.equal(novaError('NovaException', {}, 'No compute host specified').message, 'No compute host specified')
  assert.equal(novaError('NovaException', {}, { message: 'same' }).message, 'same')
  const parts = { instance_uuid: 'u', expected: { task_state: [null] }, actual: { task_state: 'deleting' } }
  assert.equal(
    novaError('UnexpectedTaskStateError', parts).message,
    "Conflict updating instance u. Expected: {'task_state': [None]}. Actual: {'task_state': 'deleting'}",
  )
})
