import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { FakeClock } from '@micronova/testing'
import type { Channel, ChannelModel } from 'amqplib'
import type { Dial } from './dial.js'
import { Link } from './link.js'
import { defaultRabbitOptions } from './rabbit-options.js'

function open(dial: Dial) {
  const clock = new FakeClock()
  const random = { next: () => 0, uuid: () => 'uuid' } as never
  const hosts = [{ hostname: 'broker', port: 5672 }] as never
  const link = new Link<Channel>(
    { dial, clock, random, log: nullLogger },
    { hosts, clientName: 'test', rabbit: { ...defaultRabbitOptions, retryIntervalSeconds: 300, retryIntervalMaxSeconds: 300 } },
    {
      purpose: 'listen',
      open: async () => new EventEmitter() as Channel,
      setUp: async () => {},
      onUp() {},
      onDown() {},
      onAttemptFailed() {},
      onBlocked() {},
    },
  )
  return { clock, link }
}

test('a link that is up, or not wanted yet, is not stalled', async () => {
  const { clock, link } = open(async () => new EventEmitter() as ChannelModel)
  await clock.advance(500_000)
  assert.equal(link.stalledMs(), 0)
  await link.ready()
  await clock.advance(500_000)
  assert.equal(link.stalledMs(), 0)
})

test('a link that waits between its tries is not stalled, however long the waits are', async () => {
  let tries = 0
  const { clock, link } = open(async () => {
    tries++
    throw new Error('refused')
  })
  link.ready().catch(() => {})
  for (let minute = 0; minute < 20; minute++) {
    await clock.advance(60_000)
    assert.ok(link.stalledMs() < 1000, `${link.stalledMs()} ms`)
  }
  assert.ok(tries > 3)
  await link.close()
})

test('a try that never ends stalls the link', async () => {
  const { clock, link } = open(() => new Promise(() => {}))
  link.ready().catch(() => {})
  await clock.advance(130_000)
  assert.equal(link.stalledMs(), 130_000)
})

test('after the loss of a connection a try that never ends stalls it too', async () => {
  const connection = Object.assign(new EventEmitter(), {}) as unknown as ChannelModel
  let dialled = 0
  const { clock, link } = open(() => (dialled++ === 0 ? Promise.resolve(connection) : new Promise(() => {})))
  await link.ready()
  connection.emit('close', new Error('gone'))
  await clock.advance(10_000)
  await clock.advance(130_000)
  assert.ok(link.stalledMs() >= 130_000, `${link.stalledMs()} ms`)
})
