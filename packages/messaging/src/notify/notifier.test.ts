import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock, readFixtureLines } from '@micronova/testing'
import { LinesLog, plainSerializer, RecordingDriver } from '../../test/harness.js'
import { unwrap } from '../envelope.js'
import type { JsonObject } from '../json.js'
import type { NotifierOptions } from '../transport.js'
import { DriverNotifier } from './notifier.js'

const context = {
  user_id: 'u',
  auth_token: 'secret',
  service_catalog: [{ type: 'image' }],
  remote_address: '10.0.0.1',
  request_id: 'req-1',
  is_admin: true,
}

function createNotifier(options: Partial<NotifierOptions<JsonObject>>) {
  const driver = new RecordingDriver()
  const log = new LinesLog()
  const random = { next: () => 0, uuid: () => '24a92903-0225-47fe-a576-5b33530386e0', hex: (bytes: number) => 'ab'.repeat(bytes) }
  const clock = new FakeClock(Date.UTC(2026, 10, 22, 12, 6, 2, 289))
  const notifier = new DriverNotifier(
    { driver, clock, random, log, controlExchange: 'nova' },
    { serializer: plainSerializer, publisherId: 'compute.host1', topics: ['notifications'], drivers: ['messagingv2'], ...options },
  )
  return { notifier, driver, log }
}

test('a v2 notification is enveloped and has the keys of a recorded one in their order', async () => {
  const { notifier, driver } = createNotifier({})
  await notifier.notify(context, 'info', 'compute.instance.update', { k: 'v' })
  const [publication] = driver.publications
  assert.deepEqual(publication?.destination, { kind: 'notification', exchange: 'nova', routingKey: 'notifications.info' })
  assert.equal(publication?.expirationMs, undefined)
  assert.equal(publication?.mandatory, false)
  const { message } = unwrap(publication?.body ?? '')
  assert.notEqual(unwrap(publication?.body ?? '').text, publication?.body)
  const own = Object.keys(message).filter((key) => !key.startsWith('_context_'))
  assert.deepEqual(
    own,
    Object.keys(recordedNotification()).filter((key) => !key.startsWith('_context_')),
  )
  assert.equal(message.timestamp, '2026-11-22 12:06:02.289000')
  assert.equal(message.priority, 'INFO')
})

test('a v1 notification is the bare message', async () => {
  const { notifier, driver } = createNotifier({ drivers: ['messaging'] })
  await notifier.notify(context, 'error', 'x', { big: 2n ** 70n })
  const body = driver.publications[0]?.body ?? ''
  assert.deepEqual(unwrap(body).text, body)
  assert.deepEqual(unwrap(body).message.payload, { big: 2n ** 70n })
})

test('each topic and each driver gets the notification, by its priority', async () => {
  const { notifier, driver } = createNotifier({ drivers: ['messaging', 'messagingv2', 'noop'], topics: ['a', 'b'] })
  await notifier.notify({}, 'sample', 'x', null)
  const keys = driver.publications.map(({ destination }) => destination.kind === 'notification' && destination.routingKey)
  assert.deepEqual(keys, ['a.sample', 'b.sample', 'a.sample', 'b.sample'])
})

test('secrets of the context do not reach the notification bus', async () => {
  const { notifier, driver } = createNotifier({})
  await notifier.notify(context, 'info', 'x', null)
  const { message } = unwrap(driver.publications[0]?.body ?? '')
  assert.equal(message._context_auth_token, null)
  assert.deepEqual(message._context_service_catalog, [])
  assert.equal(message._context_remote_address, null)
  assert.equal(message._context_user_id, 'u')
})

test('the noop driver alone does nothing, not even serialise', async () => {
  const serializer = { ...plainSerializer, serializeEntity: () => assert.fail('serialised') }
  const { notifier, driver } = createNotifier({ drivers: ['noop'], serializer })
  await notifier.notify({}, 'info', 'x', null)
  assert.deepEqual(driver.publications, [])
})

test('the log driver writes the message at the level of its priority, without the context', async () => {
  const { notifier, log } = createNotifier({ drivers: ['log'] })
  await notifier.notify(context, 'warn', 'compute.x', { k: 'v' })
  assert.equal(log.lines.length, 1)
  assert.match(log.lines[0] ?? '', /^WARNING \{"message_id":.*"payload":\{"k":"v"\}.*\}$/)
  assert.doesNotMatch(log.lines[0] ?? '', /secret/)
})

test('a notification that cannot be sent or made is logged and nobody is bothered', async () => {
  const { notifier, driver, log } = createNotifier({ topics: ['a', 'b'], retry: 0 })
  driver.failWith = new Error('no broker')
  await notifier.notify({}, 'info', 'x', null)
  assert.equal(log.matching(/could not be sent to (a|b)\.info/).length, 2)
  assert.equal(driver.publications[0]?.retry, 0)
  const broken = createNotifier({
    serializer: {
      ...plainSerializer,
      serializeEntity: () => {
        throw new Error('no')
      },
    },
  })
  await broken.notifier.notify({}, 'info', 'x', null)
  assert.equal(broken.log.matching(/could not be made/).length, 1)
})

function recordedNotification(): JsonObject {
  const messages = readFixtureLines('wire/10-notifications.jsonl').map((line) => JSON.parse(line).message as JsonObject)
  return messages.find((message) => 'event_type' in message) as JsonObject
}
