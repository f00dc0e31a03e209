import assert from 'node:assert/strict'
import { test } from 'node:test'
import { novaError } from '@micronova/model'
import { errorText } from './error-text.js'
import { CommandFailed } from './usage-error.js'

const withCause = (message: string, cause: unknown) => Object.assign(new CommandFailed(message), { cause })

test('what a user can mend is one sentence', () => {
  assert.equal(errorText(new CommandFailed('no such host')), 'no such host')
  assert.equal(errorText(novaError('InvalidConfiguration', {}, 'wrong')), 'wrong')
})

test('causes follow, as far as they say more', () => {
  const denied = Object.assign(new Error('EACCES: permission denied, open'), { code: 'EACCES' })
  assert.equal(errorText(withCause('cannot open the journal /j', denied)), 'cannot open the journal /j: EACCES: permission denied, open')
  assert.equal(errorText(withCause('outer', withCause('middle', new Error('inner')))), 'outer: middle: inner')
  assert.equal(errorText(withCause('it failed: EACCES: permission denied, open', denied)), 'it failed: EACCES: permission denied, open')
  assert.equal(errorText(withCause('outer', 'no error')), 'outer')
})

test('a mistake in the program keeps its stack', () => {
  assert.match(errorText(new TypeError('x is undefined')), /TypeError: x is undefined\n +at /)
  assert.match(errorText(Object.assign(new Error('bad argument'), { code: 'ERR_INVALID_ARG_TYPE' })), /\n +at /)
})
