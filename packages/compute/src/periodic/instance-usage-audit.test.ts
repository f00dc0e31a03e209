import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TaskLog } from '@micronova/model'
import type { JsonObject } from '@micronova/versionedobjects'
import { runningInstance, tablesOf } from '../../test/support/compute-fixture.js'
import { type PeriodicFixtureOptions, periodicFixture } from '../../test/support/periodic-fixture.js'

const name = '_instance_usage_audit'
const hour = 3_600_000
const usageAudit = { isOn: true, period: 'hour' }

async function audited(options: PeriodicFixtureOptions = {}) {
  const told: [event: string, payload: JsonObject][] = []
  const fixture = await periodicFixture({ usageAudit, told: (...args) => void told.push(args), ...options })
  await fixture.clock.advance(hour - (fixture.clock.now() % hour) + hour / 2)
  const launched_at = new Date(fixture.clock.now())
  const there = await runningInstance(fixture, { launched_at })
  const gone = await runningInstance(fixture, { launched_at: new Date(0), terminated_at: new Date(0) })
  const elsewhere = await runningInstance(fixture, { launched_at, host: 'compute2' })
  await fixture.clock.advance(hour)
  told.length = 0
  const logs = () => tablesOf(fixture.stores).taskLogs.filter(() => true)
  return { fixture, told, there, gone, elsewhere, logs }
}

test('each instance that lived on this host in the hour that is over is told of, once', async () => {
  const { fixture, told, there, logs } = await audited()
  await fixture.run(name)
  await fixture.run(name)
  assert.deepEqual(
    told.map(([event]) => event),
    ['compute.instance.exists', 'instance.exists'],
  )
  const [, payload] = told[0]!
  const [log, ...others] = logs()
  const printed = (time: Date) => time.toISOString().slice(0, 19).replace('T', ' ')
  assert.deepEqual(others, [])
  assert.deepEqual(
    [payload.instance_id, payload.audit_period_beginning, payload.audit_period_ending],
    [there.uuid, printed(log!.period_beginning), printed(log!.period_ending)],
  )
  assert.equal(log!.period_ending.getTime() - log!.period_beginning.getTime(), hour)
  const { task_name, host, state, task_items, errors } = log!
  assert.deepEqual([task_name, host, state, task_items, errors], ['instance_usage_audit', 'compute1', 'DONE', 1, 0])
})

test('the next hour is an audit of its own', async () => {
  const { fixture, told, logs } = await audited()
  await fixture.run(name)
  await fixture.clock.advance(hour)
  await fixture.run(name)
  assert.equal(told.length, 4)
  assert.equal(logs().length, 2)
})

test('an instance that cannot be told of is counted', async () => {
  const { fixture, logs } = await audited({
    told: () => {
      throw new Error('no broker')
    },
  })
  await fixture.run(name)
  assert.deepEqual(
    logs().map(({ errors, state }) => [errors, state]),
    [[1, 'DONE']],
  )
})

test('an audit that another process has begun is left to it', async () => {
  const { fixture, told } = await audited()
  const end = new Date(Math.floor(fixture.clock.now() / hour) * hour)
  const period = { period_beginning: new Date(end.getTime() - hour), period_ending: end }
  const task = new TaskLog({ task_name: 'instance_usage_audit', host: 'compute1', ...period, message: 'begun', task_items: 1, errors: 0 })
  await fixture.stores.taskLogs.begin(fixture.ctx, task)
  await fixture.run(name)
  assert.deepEqual(told, [])
})

test('without instance_usage_audit nothing is asked', async () => {
  const { fixture, told } = await audited({ usageAudit: { isOn: false, period: 'hour' } })
  await fixture.run(name)
  assert.deepEqual([told, fixture.calls], [[], []])
})
