import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareWithReference, type OptionGroup, type Section } from '@micronova/config'
import { createTransport } from './create-transport.js'
import { ConfigurationError, InvalidTransportUrl } from './errors.js'
import { messagingOptions, notificationOptions, rabbitOptions, rpcOptions } from './options.js'
import { defaultRabbitOptions } from './rabbit/rabbit-options.js'
import { notifierOptions, rabbitOptionsOfQuery, transportOptions } from './read-options.js'

test('every option is declared as Nova declares it', () => {
  assert.deepEqual(compareWithReference(messagingOptions), [])
})

test('without configuration the driver has its defaults', () => {
  const { verifyHostName: _, ...defaultsOfFile } = defaultRabbitOptions
  const options = transportOptions({ rpc: defaultsOf(rpcOptions), rabbit: defaultsOf(rabbitOptions) })
  assert.deepEqual(options, {
    controlExchange: 'nova',
    responseTimeoutSeconds: 60,
    maxInHand: 64,
    pingEnabled: false,
    rabbit: defaultsOfFile,
  })
})

test('options that upstream knows and we do not support are refused by name', () => {
  for (const [option, value] of [
    ['ssl_enforce_fips_mode', true],
    ['ssl_version', 'SSLv3'],
    ['rabbit_login_method', 'RABBIT-CR-DEMO'],
    ['kombu_compression', 'bzip2'],
  ] as const) {
    const rabbit = { ...defaultsOf(rabbitOptions), [option]: value }
    assert.throws(
      () => transportOptions({ rpc: defaultsOf(rpcOptions), rabbit }),
      (err) => err instanceof ConfigurationError && err.message.includes(option),
    )
  }
})

test('the query of a URL sets options, and is alone in turning off the verification of host names', () => {
  assert.deepEqual(
    rabbitOptionsOfQuery({ ssl: 'yes', heartbeat_timeout_threshold: '10', kombu_reconnect_delay: '0.5', ssl_ca_file: '/ca.pem' }),
    {
      tls: true,
      heartbeatSeconds: 10,
      reconnectDelaySeconds: 0.5,
      tlsCaFile: '/ca.pem',
    },
  )
  assert.deepEqual(rabbitOptionsOfQuery({ ssl_enforce_hostname_verification: 'false' }), { verifyHostName: false })
  const rabbit = { ...defaultsOf(rabbitOptions), ssl_enforce_hostname_verification: false }
  assert.equal('verifyHostName' in (transportOptions({ rpc: defaultsOf(rpcOptions), rabbit }).rabbit ?? {}), false)
})

test('a query that is unknown or not of its type is refused', () => {
  for (const [name, value] of [
    ['hartbeat_rate', '2'],
    ['constructor', '2'],
    ['ssl', 'perhaps'],
    ['heartbeat_rate', 'two'],
    ['heartbeat_rate', '1.5'],
    ['rabbit_transient_queues_ttl', '0'],
  ] as const)
    assert.throws(
      () => rabbitOptionsOfQuery({ [name]: value }),
      (err) => err instanceof InvalidTransportUrl && err.message.includes(name),
    )
})

test('mirrored and quorum queues exclude each other', () => {
  const deps = {} as Parameters<typeof createTransport>[1]
  const url = 'rabbit://h/?rabbit_quorum_queue=true&rabbit_ha_queues=true'
  assert.throws(() => createTransport(url, deps), ConfigurationError)
})

test('notification drivers are read, an unknown one is refused', () => {
  const section = { ...defaultsOf(notificationOptions), driver: ['messagingv2', 'log'] }
  assert.deepEqual(notifierOptions(section), { drivers: ['messagingv2', 'log'], topics: ['notifications'], retry: -1 })
  assert.throws(() => notifierOptions({ ...section, driver: ['routing'] }), /'routing' is not one of/)
})

function defaultsOf<G extends OptionGroup>(group: G): Section<G> {
  return Object.fromEntries(Object.entries(group.options).map(([name, spec]) => [name, spec.default])) as Section<G>
}
