import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CommandFailed } from '../usage-error.js'
import { isLocal, parseHealthAddress, showAddress } from './address.js'

test('addresses of health_listen are read, and said as they are written', () => {
  assert.deepEqual(parseHealthAddress('127.0.0.1:9100'), { kind: 'tcp', host: '127.0.0.1', port: 9100 })
  assert.deepEqual(parseHealthAddress('[::1]:9100'), { kind: 'tcp', host: '::1', port: 9100 })
  assert.deepEqual(parseHealthAddress('unix:/run/nova/health.sock'), { kind: 'unix', path: '/run/nova/health.sock' })
  for (const text of ['127.0.0.1:9100', '[::1]:9100', 'controller:80', 'unix:/run/nova/health.sock'])
    assert.equal(showAddress(parseHealthAddress(text)), text)
})

test('what is no address is refused in one sentence that names the option', () => {
  for (const text of ['9100', ':9100', 'host', 'host:', 'host:65536', '::1:9100', '[::1]', 'unix:run/x', 'http://host:80', 'a b:80'])
    assert.throws(
      () => parseHealthAddress(text),
      (err) => err instanceof CommandFailed && err.message.startsWith(`[micronova] health_listen is ${text},`),
      text,
    )
})

test('an address that others can reach is told from one that they cannot', () => {
  for (const text of ['127.0.0.1:1', '127.1.2.3:1', 'localhost:1', '[::1]:1', 'unix:/x'])
    assert.equal(isLocal(parseHealthAddress(text)), true, text)
  for (const text of ['0.0.0.0:1', '[::]:1', '192.0.2.1:1', 'controller:1', '127.0.0.1.example.org:1'])
    assert.equal(isLocal(parseHealthAddress(text)), false, text)
})
