import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Flavor, Instance, Service } from '@micronova/model'
import { snapshotOf, updatesSince } from './object-updates.js'

test('what a method set or changed is told as primitives, the rest is not', () => {
  const service = Service.objStored({ id: 5, host: 'compute1', report_count: 1 })
  const before = snapshotOf(service)
  service.objSetStored({ report_count: 2, last_seen_up: new Date(Date.UTC(2026, 10, 22, 11, 58, 46)) })
  assert.deepEqual(updatesSince(service, before), { last_seen_up: '2026-11-22T11:58:46Z', report_count: 2, obj_what_changed: [] })
})

test('a dict that was changed in place is told', () => {
  const instance = Instance.objStored({ metadata: { a: '1' }, system_metadata: { b: '2' } })
  const before = snapshotOf(instance)
  instance.metadata.a = '2'
  assert.deepEqual(updatesSince(instance, before), { metadata: { a: '2' }, obj_what_changed: ['metadata'] })
})

test('an object in the object is always told; null and an empty list are not', () => {
  const instance = Instance.objStored({ flavor: Flavor.objStored({ name: 'm1.tiny' }), numa_topology: null })
  const updates = updatesSince(instance, snapshotOf(instance))
  assert.deepEqual(Object.keys(updates), ['flavor', 'obj_what_changed'])
})

test('fields that still count as changed are named', () => {
  const service = new Service({ host: 'compute1' })
  assert.deepEqual(updatesSince(service, snapshotOf(service)), { obj_what_changed: ['host'] })
})
