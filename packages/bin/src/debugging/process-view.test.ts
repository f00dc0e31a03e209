import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigEntry, defineOptions, opt } from '@micronova/config'
import { systemClock } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import type { TransportReport } from '@micronova/messaging'
import { StartSteps } from '@micronova/service'
import { Inspection } from '../inspection.js'
import { processView } from './process-view.js'

const { options } = defineOptions('database', { connection: opt.string({ secret: true }), slave_connection: opt.string({ secret: true }) })
const entries = () =>
  [
    { group: 'database', name: 'connection', spec: options.connection, value: 'mysql://nova:S3CRET@db/nova' },
    { group: 'database', name: 'slave_connection', spec: options.slave_connection, value: null },
  ] as unknown as ConfigEntry[]

test('a view shows what holds when it is looked at: before the service is made, and with its work', async () => {
  const steps = new StartSteps({ log: nullLogger, clock: systemClock })
  const inspection = new Inspection('nova-compute', steps)
  const view = processView({ inspection, version: '26.2.2', config: { entries }, process })
  assert.deepEqual([view.service.program, view.service.state, view.service.host], ['nova-compute', 'new', null])
  assert.deepEqual([view.inHand, view.periodic, view.steps], [[], [], []])
  const inHand = [{ method: 'reboot_instance', requestId: null, sinceMs: 1 }]
  const report: TransportReport = {
    connections: [],
    calls: [],
    unsent: 0,
    servers: [{ topic: 'compute', server: 'h', state: 'running', inHand, waiting: 0 }],
  }
  const identity = { host: 'h', binary: 'nova-compute', topic: 'compute' }
  const service = () => ({ identity, managerName: '', state: 'running' as const, heartbeat: null, periodicTasks: [] })
  inspection.show({ service: { report: service }, transports: () => ({ rpc: { report: () => report } }) })
  await steps.run('rpc_server', () => {})
  assert.deepEqual([view.service.state, view.service.host, view.inHand], ['running', 'h', inHand])
  assert.equal(view.steps[0]?.name, 'rpc_server')
})

test('secrets of the configuration are masked; that one is not set can be seen', () => {
  const inspection = new Inspection('nova-compute', new StartSteps({ log: nullLogger, clock: systemClock }))
  const { config } = processView({ inspection, version: '', config: { entries }, process })
  assert.deepEqual(config, { database: { connection: '***', slave_connection: null } })
})
