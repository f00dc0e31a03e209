import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NoSuchMethod, UnsupportedVersion } from '../errors.js'
import { decodeRequest } from '../message.js'
import type { Endpoint } from '../transport.js'
import { findMethod } from './dispatcher.js'

const endpoint = (namespace: string | undefined, version: string | undefined, ...names: string[]): Endpoint<unknown> => ({
  target: { ...(namespace !== undefined && { namespace }), ...(version !== undefined && { version }) },
  methods: Object.fromEntries(names.map((name) => [name, { parameters: [], run: async () => `${namespace} ${version} ${name}` }])),
})
const endpoints = [
  endpoint(undefined, '5.13', 'old', 'both'),
  endpoint(undefined, '6.1', 'both', '_private'),
  endpoint('baseapi', undefined, 'ping'),
]

async function found(message: { method?: string; version?: string; namespace?: string }): Promise<unknown> {
  return findMethod(endpoints, decodeRequest({ args: {}, ...message })).run(null, {}, new AbortController().signal)
}

test('the first endpoint of the namespace and version that has the method runs it', async () => {
  assert.equal(await found({ method: 'both', version: '5.0' }), 'undefined 5.13 both')
  assert.equal(await found({ method: 'both', version: '6.0' }), 'undefined 6.1 both')
  assert.equal(await found({ method: 'ping', namespace: 'baseapi', version: '1.0' }), 'baseapi undefined ping')
})

test('without a version a request and an endpoint have 1.0', async () => {
  assert.equal(await found({ method: 'ping', namespace: 'baseapi' }), 'baseapi undefined ping')
  await assert.rejects(found({ method: 'ping', namespace: 'baseapi', version: '1.1' }), UnsupportedVersion)
})

test('a method that compatible endpoints lack is NoSuchMethod, a private or inherited one too', async () => {
  for (const method of ['old', 'missing', '_private', 'constructor', 'toString', '__proto__'])
    await assert.rejects(found({ method, version: '6.0' }), (err) => err instanceof NoSuchMethod && err.message.endsWith(` ${method}`))
})

test('a version or namespace that no endpoint has is UnsupportedVersion', async () => {
  for (const message of [{ version: '7.0' }, { version: '6.2' }, { version: 'six' }, { version: '6.0', namespace: 'none' }, {}])
    await assert.rejects(found({ method: 'both', ...message }), UnsupportedVersion)
})

test('a request without a method is answered as one with an unknown method', async () => {
  await assert.rejects(found({ version: '6.0' }), /does not support RPC method None/)
})
