import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { FakeRecords } from '../test/fake-records.js'
import { never, novaError } from '../test/support.js'
import { registerService } from './service-record.js'

const identity = { host: 'compute1', binary: 'nova-compute', topic: 'compute' }

test('a service that never ran here gets a row with the fields that Nova sends', async () => {
  const records = new FakeRecords()
  const record = await registerService({ records, log: new RecordingLogger() }, identity, never)
  assert.deepEqual(records.calls, ['find compute1 nova-compute', 'create'])
  assert.deepEqual(record, { host: 'compute1', binary: 'nova-compute', topic: 'compute', report_count: 0, version: 64 })
})

test('the row of an older release is brought to this version, with a line', async () => {
  const records = new FakeRecords({ version: 61, report_count: 7 })
  const log = new RecordingLogger()
  const record = await registerService({ records, log }, identity, never)
  assert.deepEqual(record, { version: 64, report_count: 7 })
  assert.deepEqual(records.calls, ['find compute1 nova-compute', 'save'])
  assert.deepEqual(log.messages(), ['Updating service version for nova-compute on compute1 from 61 to 64'])
})

test('a row of this version is left alone', async () => {
  const records = new FakeRecords({ version: 64, report_count: 7 })
  await registerService({ records, log: new RecordingLogger() }, identity, never)
  assert.deepEqual(records.calls, ['find compute1 nova-compute'])
})

for (const kind of ['ServiceTopicExists', 'ServiceBinaryExists']) {
  test(`a sibling that makes the row first (${kind}) is no error: its row is taken`, async () => {
    const records = new FakeRecords()
    records.createFails = novaError(kind)
    records.siblingMakes = { version: 64, report_count: 3 }
    const record = await registerService({ records, log: new RecordingLogger() }, identity, never)
    assert.equal(record, records.siblingMakes)
    assert.deepEqual(records.calls, ['find compute1 nova-compute', 'create', 'find compute1 nova-compute'])
  })
}

test('a row that exists and cannot be found is the error of its making', async () => {
  const records = new FakeRecords()
  records.createFails = novaError('ServiceBinaryExists')
  await assert.rejects(registerService({ records, log: new RecordingLogger() }, identity, never), records.createFails)
})

test('any other failure to make the row is not swallowed', async () => {
  const records = new FakeRecords()
  records.createFails = novaError('DBConnectionError')
  await assert.rejects(registerService({ records, log: new RecordingLogger() }, identity, never), records.createFails)
})

test('the wait for the records ends when it is cancelled', async () => {
  const halt = new AbortController()
  const records = new FakeRecords()
  records.find = () => new Promise(() => {})
  const done = registerService({ records, log: new RecordingLogger() }, identity, halt.signal)
  halt.abort(new Error('enough'))
  await assert.rejects(done, /enough/)
})
