import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { Instance, isNovaError } from '@micronova/model'
import { FakeClock } from '@micronova/testing'
import { InstanceEventTimeout } from '../errors.js'
import { type ExpectedEvent, InstanceEvents } from './instance-events.js'

const uuid = 'aaaaaaaa-0000-4000-8000-000000000001'
const instance = Instance.objStored({ uuid })
const plugged: ExpectedEvent = { name: 'network-vif-plugged', tag: 'port1' }
const other: ExpectedEvent = { name: 'network-vif-plugged', tag: 'port2' }
const completed = (event: ExpectedEvent) => ({ ...event, status: 'completed' })
const failed = (event: ExpectedEvent) => ({ ...event, status: 'failed' })
const timeoutSeconds = 300

function prepared() {
  const clock = new FakeClock()
  return { clock, events: new InstanceEvents({ clock, log: nullLogger }) }
}

test('an event that comes before the waiting begins is not lost', async () => {
  const { events } = prepared()
  const body = async () => {
    assert.equal(events.deliver(uuid, completed(plugged)), true)
    return 'done'
  }
  assert.equal(await events.waitFor(instance, [plugged], { timeoutSeconds: 0 }, body), 'done')
  assert.equal(events.size, 0)
})

test('all events are waited for, and each for its own instance and part', async () => {
  const { events } = prepared()
  let isOver = false
  const waiting = events
    .waitFor(instance, [plugged, other], { timeoutSeconds }, async () => {})
    .then(() => {
      isOver = true
    })
  assert.equal(events.deliver('bbbbbbbb-0000-4000-8000-000000000001', completed(plugged)), false)
  assert.equal(events.deliver(uuid, completed({ ...plugged, tag: null })), false)
  assert.equal(events.deliver(uuid, completed(plugged)), true)
  await Promise.resolve()
  assert.equal(isOver, false)
  assert.equal(events.deliver(uuid, completed(other)), true)
  await waiting
  assert.equal(events.deliver(uuid, completed(other)), false)
})

test('two who wait for the same event are both told', async () => {
  const { events } = prepared()
  const waits = [1, 2].map(() => events.waitFor(instance, [plugged], { timeoutSeconds }, async () => {}))
  events.deliver(uuid, completed(plugged))
  await Promise.all(waits)
})

test('what does not come in time is named, and is not expected any more', async () => {
  const { clock, events } = prepared()
  const waiting = events.waitFor(instance, [plugged, other], { timeoutSeconds }, async () => {
    events.deliver(uuid, completed(plugged))
  })
  const rejected = assert.rejects(
    waiting,
    (err) => err instanceof InstanceEventTimeout && err.missing.join() === 'network-vif-plugged-port2',
  )
  await clock.advance(timeoutSeconds * 1000)
  await rejected
  assert.equal(events.size, 0)
})

test('an event that says something else than completed ends the waiting with an error', async () => {
  const { events } = prepared()
  const waiting = events.waitFor(instance, [plugged], { timeoutSeconds }, async () => {})
  const rejected = assert.rejects(waiting, (err) => isNovaError(err, 'NovaException') && err.message === 'Instance event failed')
  events.deliver(uuid, failed(plugged))
  await rejected
})

test('who waits decides whether a failed event matters', async () => {
  const { events } = prepared()
  const seen: string[] = []
  const onFailure = (key: string) => {
    seen.push(key)
    return 'continue' as const
  }
  await events.waitFor(instance, [plugged, other], { timeoutSeconds, onFailure }, async () => {
    events.deliver(uuid, failed(plugged))
    events.deliver(uuid, completed(other))
  })
  assert.deepEqual(seen, ['network-vif-plugged-port1'])
  await events.waitFor(instance, [plugged, other], { timeoutSeconds, onFailure: () => 'stop' }, async () => {
    events.deliver(uuid, failed(plugged))
  })
})

test('nothing is expected after a body that failed', async () => {
  const { events } = prepared()
  const waiting = events.waitFor(instance, [plugged], { timeoutSeconds }, async () => {
    throw new Error('not plugged')
  })
  await assert.rejects(waiting, /not plugged/)
  assert.equal(events.size, 0)
})

test('an instance that goes takes its events along', async () => {
  const { events } = prepared()
  const waiting = events.waitFor(instance, [plugged], { timeoutSeconds }, async () => {})
  const rejected = assert.rejects(waiting, (err) => isNovaError(err, 'NovaException'))
  events.clear(uuid)
  await rejected
  events.clear(uuid)
})

test('a stop ends all waiting, and no further one begins', async () => {
  const { events } = prepared()
  const waiting = assert.rejects(events.waitFor(instance, [plugged], { timeoutSeconds }, async () => {}))
  events.cancelAll()
  await waiting
  await assert.rejects(events.waitFor(instance, [plugged], { timeoutSeconds }, async () => {}))
  assert.equal(events.size, 0)
})
