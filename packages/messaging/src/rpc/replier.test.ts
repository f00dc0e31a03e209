import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import { FakeClock } from '@micronova/testing'
import { LinesLog, RecordingDriver, Teapot, teapotCatalogue } from '../../test/harness.js'
import { unwrap } from '../envelope.js'
import { MessageUndeliverable } from '../errors.js'
import { decodeReply } from '../message.js'
import { Replier } from './replier.js'

const to = (msgId: string) => ({ msgId, queue: 'reply_1', monitorTimeout: null })

function createReplier() {
  const clock = new FakeClock()
  const driver = new RecordingDriver()
  const log = new LinesLog()
  const replier = new Replier(
    { driver, clock, random: systemRandom, log, errors: teapotCatalogue },
    { mandatory: true, missingQueueTimeoutMs: 60_000 },
  )
  return { clock, driver, log, replier }
}

test('a result and a failure are replied to the default exchange, mandatory, without expiration', async () => {
  const { driver, replier } = createReplier()
  await replier.reply(to('m1'), { result: { a: 1 } })
  await replier.reply(to('m2'), { error: new Teapot(2) })
  const [result, failure] = driver.publications.map(({ body }) => decodeReply(unwrap(body).message))
  assert.deepEqual([result?.result, result?.failure, result?.ending, result?.msgId], [{ a: 1 }, null, true, 'm1'])
  assert.deepEqual(
    [failure?.result, failure?.failure?.class, failure?.failure?.kwargs, failure?.ending],
    [null, 'Teapot', { size: 2 }, true],
  )
  const { body: _, ...flags } = driver.publications[0] ?? {}
  assert.deepEqual(flags, { destination: { kind: 'queue', queue: 'reply_1' }, mandatory: true, retry: -1 })
})

test('a reply is tried again while its queue is missing', async () => {
  const { clock, driver, replier } = createReplier()
  driver.failWith = new MessageUndeliverable('', 'reply_1')
  const reply = replier.reply(to('m1'), { result: 1 })
  await clock.advance(600)
  driver.failWith = null
  await clock.advance(250)
  await reply
  assert.equal(driver.publications.length, 4)
})

test('a queue that stays away is given up after the timeout and remembered as gone for a minute', async () => {
  const { clock, driver, log, replier } = createReplier()
  driver.failWith = new MessageUndeliverable('', 'reply_1')
  const replies = [replier.reply(to('m1'), { result: 1 }), replier.reply(to('m2'), { result: 2 })]
  await clock.advance(61_000)
  await Promise.all(replies)
  assert.equal(log.matching(/^ERROR the reply to m1 is given up: .*reply_1 has been missing for 60 s/).length, 1)
  const tries = driver.publications.length
  await replier.reply(to('m3'), { result: 3 })
  assert.equal(driver.publications.length, tries)
  assert.equal(log.matching(/^WARNING reply_1 does not exist, the reply to m3 is dropped/).length, 1)
  driver.failWith = null
  await clock.advance(60_000)
  await replier.reply(to('m4'), { result: 4 })
  assert.equal(driver.publications.length, tries + 1)
})

test('a result that cannot be serialised is answered as a failure', async () => {
  const { driver, log, replier } = createReplier()
  const circular: Record<string, never> = {}
  circular.self = circular as never
  await replier.reply(to('m1'), { result: circular })
  const reply = decodeReply(unwrap(driver.publications[0]?.body ?? '').message)
  assert.equal(reply.failure?.class, 'Exception')
  assert.equal(log.matching(/cannot be serialised/).length, 1)
})

test('a reply that the broker refuses is logged', async () => {
  const { driver, log, replier } = createReplier()
  driver.failWith = new Error('refused')
  await replier.reply(to('m1'), { result: 1 })
  assert.equal(log.matching(/^ERROR the reply to m1 could not be sent/).length, 1)
})
