import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { FakeClock } from '@micronova/testing'
import { FakeDriver } from '@micronova/virt'
import { host, storedInstance } from '../../test/support/compute-fixture.js'
import { trackerFixture } from '../../test/support/tracker-fixture.js'
import { CpuMonitor, cpuMetrics } from './cpu-monitor.js'

const log = new RecordingLogger('nova')
const monitor = (driver: Partial<FakeDriver> & { readonly name: string }, ...names: string[]) =>
  new CpuMonitor({ driver, clock: new FakeClock(Date.UTC(2023, 0, 2, 3, 4, 5, 67)), log }, names)

test('shares are those of the time since the last look, in hundredths; times are absolute', () => {
  const before = { user: 100, kernel: 100, idle: 100, iowait: 100, frequency: 800 }
  const now = { user: 400, kernel: 200, idle: 1000, iowait: 100, frequency: 900 }
  assert.deepEqual(cpuMetrics(now, before), {
    'cpu.frequency': 900,
    'cpu.user.time': 400,
    'cpu.kernel.time': 200,
    'cpu.idle.time': 1000,
    'cpu.iowait.time': 100,
    'cpu.user.percent': 0.23,
    'cpu.kernel.percent': 0.07,
    'cpu.idle.percent': 0.69,
    'cpu.iowait.percent': 0,
    'cpu.percent': 0.3,
  })
  assert.equal(cpuMetrics(now, now)['cpu.percent'], 0, 'no time has passed')
})

test('the monitor goes by each of its names, and nothing is measured without one', async () => {
  const driver = new FakeDriver({ log })
  for (const name of ['virt_driver', 'cpu.virt_driver', 'nova.compute.monitors.cpu.virt_driver'])
    assert.equal((await monitor(driver, name).metrics()).length, 10)
  assert.deepEqual(await monitor(driver).metrics(), [])
  log.clear()
  assert.deepEqual(await monitor(driver, 'gpu').metrics(), [])
  assert.match(log.messages('WARNING').join(), /There is no monitor gpu/)
})

test('a metric has the form in which the record of a node holds it', async () => {
  const [metric] = await monitor(new FakeDriver({ log }), 'cpu.virt_driver').metrics()
  assert.deepEqual(metric, { name: 'cpu.frequency', timestamp: '2023-01-02T03:04:05.067000', source: 'fake.FakeDriver', value: 800 })
})

test('a driver that cannot measure, or fails to, is a warning and no metrics', async () => {
  log.clear()
  assert.deepEqual(await monitor({ name: 'other' }, 'cpu.virt_driver').metrics(), [])
  const broken = { hostCpuTimes: async () => Promise.reject(new Error('no counters')) }
  assert.deepEqual(await monitor({ name: 'other', hostCpuMetering: broken }, 'cpu.virt_driver').metrics(), [])
  assert.equal(log.messages('WARNING').length, 2)
})

test('an audit writes what the monitor measures, a claim leaves it as it is', async () => {
  const fixture = await trackerFixture({ resources: { compute_monitors: ['cpu.virt_driver'] } })
  const { tracker, ctx, measured } = fixture
  await tracker.updateAvailableResource(ctx, host)
  const { metrics } = tracker.nodes.get(host)!
  const names = (JSON.parse(metrics ?? '[]') as { readonly name: string }[]).map(({ name }) => name)
  assert.ok(names.includes('cpu.percent'))
  assert.deepEqual(measured, [[host, JSON.parse(metrics ?? '')]])
  await tracker.instanceClaim(ctx, await storedInstance(fixture), host)
  assert.equal(tracker.nodes.get(host)!.metrics, metrics)
})
