import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger as log } from '@micronova/log'
import { Aggregate, contextFromDict } from '@micronova/model'
import type { JsonObject } from '@micronova/versionedobjects'
import { recordingEmitter } from '../test/support/recording-emitter.js'
import { AggregateNotifications, MetricsNotifications } from './index.js'

const ctx = contextFromDict({})
const timestamp = '2026-11-22T12:06:05.693000'
const metrics = [
  { name: 'cpu.percent', timestamp, source: 'fake.FakeDriver', value: 0.17 },
  { name: 'cpu.frequency', timestamp, source: 'fake.FakeDriver', value: 1600 },
]

test('metrics are told as they stand in the record of the node, and as objects with whole hundredths', async () => {
  const { emitter, told } = recordingEmitter()
  await new MetricsNotifications({ emitter, log }, { host: 'compute1', hostIp: '192.0.2.31' }).measured(ctx, 'node1', metrics)
  assert.deepEqual(told[0], {
    key: 'notifications.info',
    publisher: 'compute.node1',
    event: 'compute.metrics.update',
    payload: { nodename: 'node1', host: 'compute1', host_ip: '192.0.2.31', metrics },
  })
  const [, { event, publisher, payload } = {}] = told
  assert.deepEqual([event, publisher], ['metrics.update', 'nova-compute:compute1'])
  assert.deepEqual(dataOf((dataOf(payload).metrics as JsonObject[])[0]), {
    name: 'cpu.percent',
    numa_membw_values: null,
    source: 'fake.FakeDriver',
    timestamp: '2026-11-22T12:06:05Z',
    value: 17,
  })
})

test('a host of which nothing was measured is not told of', async () => {
  const { emitter, told } = recordingEmitter()
  await new MetricsNotifications({ emitter, log }, { host: 'compute1', hostIp: '192.0.2.31' }).measured(ctx, 'node1', [])
  assert.deepEqual(told, [])
})

test('the caching of images in an aggregate is told from its start to its end, host by host', async () => {
  const { emitter, told } = recordingEmitter()
  const aggregate = Aggregate.objStored({
    id: 4,
    uuid: '788608ec-ebdc-45c5-bc7f-e5f24ab92c80',
    name: 'my-aggregate',
    hosts: ['compute1', 'compute2'],
    metadata: { availability_zone: 'nova' },
  })
  const notifications = new AggregateNotifications({ emitter, log }, { host: 'controller1' })
  await notifications.caching(ctx, aggregate, 'start')
  const results = { a: 'cached', b: 'existing', c: 'error', d: 'skipped' }
  await notifications.progress(ctx, aggregate, { host: 'compute1', results, index: 1, total: 2 })
  await notifications.caching(ctx, aggregate, 'end')
  assert.deepEqual(
    told.map(({ event, publisher }) => [event, publisher]),
    [
      ['aggregate.cache_images.start', 'nova-api:controller1'],
      ['aggregate.cache_images.progress', 'nova-conductor:controller1'],
      ['aggregate.cache_images.end', 'nova-api:controller1'],
    ],
  )
  const { id, uuid, name, hosts, metadata } = aggregate
  assert.deepEqual(dataOf(told[0]?.payload), { id, uuid, name, hosts, metadata })
  const counts = { host: 'compute1', index: 1, total: 2, images_cached: ['a', 'b'], images_failed: ['c', 'd'] }
  assert.deepEqual(dataOf(told[1]?.payload), { id, uuid, name, ...counts })
})

function dataOf(primitive: unknown): JsonObject {
  return (primitive as JsonObject)['nova_object.data'] as JsonObject
}
