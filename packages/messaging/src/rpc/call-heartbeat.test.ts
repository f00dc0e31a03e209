import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import { FakeClock } from '@micronova/testing'
import { LinesLog, RecordingDriver, teapotCatalogue } from '../../test/harness.js'
import type { Json } from '../json.js'
import { startCallHeartbeat } from './call-heartbeat.js'
import { Replier } from './replier.js'

function start(monitorTimeout: Json) {
  const clock = new FakeClock()
  const driver = new RecordingDriver()
  const log = new LinesLog()
  const replier = new Replier(
    { driver, clock, random: systemRandom, log, errors: teapotCatalogue },
    { mandatory: true, missingQueueTimeoutMs: 0 },
  )
  const end = startCallHeartbeat({ clock, log, replier }, { msgId: 'm', queue: 'reply_1', monitorTimeout })
  return { clock, driver, log, end }
}

test('a heartbeat goes out each half of the silence that the caller bears, until the end', async () => {
  const { clock, driver, end } = start(5.9)
  await clock.advance(2499)
  assert.equal(driver.publications.length, 0)
  await clock.advance(5001)
  assert.equal(driver.publications.length, 3)
  assert.match(driver.publications[0]?.body ?? '', /\\"ending\\":false/)
  end()
  await clock.advance(10_000)
  assert.equal(driver.publications.length, 3)
})

test('they end when one cannot be sent', async () => {
  const { clock, driver } = start(4)
  driver.failWith = new Error('gone')
  await clock.advance(10_000)
  assert.equal(driver.publications.length, 1)
})

test('an interval below a second, or no number, is refused with a warning', async () => {
  for (const timeout of [1, 'soon', -4]) {
    const { clock, driver, log } = start(timeout)
    await clock.advance(10_000)
    assert.equal(driver.publications.length, 0)
    assert.equal(log.matching(/invalid timeout/).length, 1)
  }
})
