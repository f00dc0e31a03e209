import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redact } from './redact.js'

test('passwords and tokens are replaced under whatever name Nova has for them', () => {
  const names = [
    'admin_password',
    'adminPass',
    'new_pass',
    'auth_password',
    'auth_token',
    '_context_auth_token',
    'token',
    'secret',
    'password',
  ]
  const redacted = redact(Object.fromEntries(names.map((name) => [name, 'hunter2'])))
  assert.deepEqual(redacted, Object.fromEntries(names.map((name) => [name, 'REDACTED'])))
})

test('they are found inside lists, objects, URLs and texts', () => {
  const token = `gAAAAA${'x'.repeat(80)}==`
  const value = { args: [{ new_pass: 'hunter2' }, `as ${token} said`, 'rabbit://nova:hunter2@broker:5672/'] }
  assert.deepEqual(redact(value), { args: [{ new_pass: 'REDACTED' }, 'as REDACTED said', 'rabbit://nova:REDACTED@broker:5672/'] })
})

test('everything else is kept', () => {
  const value = { admin_password: null, token_count: 3, host: 'compute1', big: 2n ** 70n, none: '' }
  assert.deepEqual(redact(value), value)
})
