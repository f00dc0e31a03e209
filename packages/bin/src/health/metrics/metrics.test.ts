import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { systemClock } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { StartSteps } from '@micronova/service'
import { figure, parsePrometheusText } from '../../../test/prometheus-text.js'
import { Inspection } from '../../inspection.js'
import { Metrics } from './metrics.js'

function fixture() {
  const inspection = new Inspection('nova-compute', new StartSteps({ log: nullLogger, clock: systemClock }))
  return new Metrics({ release: '26.2.2', inspection, logging: { stats: { outputs: [], failed: 0 } }, now: () => 0 })
}

test('docs/metrics.md has every metric with its type and labels, and no other', () => {
  const page = readFileSync(new URL('../../../../../../docs/metrics.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `(micronova_\w+)` \| (\w+) \| (.*?) \| /gm)].map(
    ([, name, type, labels]) => `${name} ${type} ${labels}`,
  )
  const metrics = fixture().describe() as readonly { name: string; type?: unknown; labelNames?: readonly string[] }[]
  const ours = metrics.filter(({ name }) => name.startsWith('micronova_'))
  const made = ours.map((metric) =>
    `${metric.name} ${metric.constructor.name.toLowerCase()} ${(metric.labelNames ?? []).join(', ')}`.trimEnd(),
  )
  assert.deepEqual(rows.map((row) => row.trimEnd()).sort(), [...made, 'micronova_workers gauge state'].sort())
})

test('requests and calls are counted by method, with their durations', async () => {
  const metrics = fixture()
  const request = { topic: 'compute', namespace: null, method: 'stop_instance', durationMs: 30, outcome: 'done' } as const
  metrics.traffic.handled(request)
  metrics.traffic.handled({ ...request, outcome: 'failed' })
  metrics.traffic.handled({ ...request, method: null, outcome: 'failed' })
  metrics.traffic.called({ topic: 'conductor', method: 'object_action', durationMs: 60_001, outcome: 'timeout' })
  metrics.traffic.requested({ service: 'placement', method: 'GET', status: 200, durationMs: 20 })
  metrics.traffic.requested({ service: 'placement', method: 'GET', status: null, durationMs: 20 })
  const families = parsePrometheusText(await metrics.text())
  assert.equal(figure(families, 'micronova_rpc_requests_total', { method: 'stop_instance' }), 2)
  assert.equal(figure(families, 'micronova_rpc_requests_total', { method: 'unknown', outcome: 'failed' }), 1)
  assert.equal(figure(families, 'micronova_rpc_request_duration_seconds_bucket', { method: 'stop_instance', le: '0.025' }), 0)
  assert.equal(figure(families, 'micronova_rpc_request_duration_seconds_bucket', { method: 'stop_instance', le: '0.1' }), 2)
  assert.equal(figure(families, 'micronova_rpc_calls_total', { outcome: 'timeout' }), 1)
  assert.equal(figure(families, 'micronova_rpc_call_duration_seconds_bucket', { le: '60' }), 0)
  assert.equal(figure(families, 'micronova_rest_requests_total', { status: '200' }), 1)
  assert.equal(figure(families, 'micronova_rest_requests_total', { status: 'none' }), 1)
})
