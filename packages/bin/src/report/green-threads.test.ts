import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import type { TransportReport } from '@micronova/messaging'
import { StartSteps } from '@micronova/service'
import { FakeClock } from '@micronova/testing'
import { type InspectedParts, Inspection } from '../inspection.js'
import { greenThreadsSection } from './green-threads.js'

const now = 1_000_000

function threadsOf(parts: Omit<InspectedParts, 'service' | 'transports'>, report: Partial<TransportReport>) {
  const inspection = new Inspection('nova-compute', new StartSteps({ log: nullLogger, clock: new FakeClock() }))
  const transport = { report: () => ({ connections: [], servers: [], calls: [], unsent: 0, ...report }) }
  inspection.show({ service: {} as InspectedParts['service'], transports: () => ({ rpc: transport }), ...parts })
  return greenThreadsSection(inspection, now).model['threads'] as readonly { notes: readonly string[] }[]
}

const server = (inHand: TransportReport['servers'][number]['inHand']) => ({
  topic: 'compute',
  server: 'host1',
  state: 'running',
  inHand,
  waiting: 0,
})

test('work in hand is shown with its age and all that it waits for', () => {
  const sinceMs = now - 12_300
  const threads = threadsOf(
    {
      places: () => [
        { requestId: 'req-1', method: 'reboot_instance', place: 'driver: reboot', sinceMs: now - 4000 },
        { requestId: 'req-2', method: 'reboot_instance', place: 'of another request', sinceMs },
      ],
      requests: () => [{ service: 'network', method: 'GET', path: '/v2.0/ports', attempt: 1, requestId: 'req-1', sinceMs: now - 500 }],
    },
    {
      servers: [server([{ method: 'reboot_instance', requestId: 'req-1', sinceMs }])],
      calls: [{ to: 'conductor', method: 'object_action', requestId: 'req-1', sinceMs: now - 20 }],
    },
  )
  assert.deepEqual(threads[0]?.notes, [
    'reboot_instance on compute.host1, request req-1, for 12.3 s',
    '  driver: reboot, for 4 s',
    '  reply to object_action from conductor, for 0.02 s',
    '  network: GET /v2.0/ports, attempt 2, for 0.5 s',
  ])
})

test('work that goes on after its message is done with is shown once, from its first place on', () => {
  const place = { requestId: 'req-1', method: 'live_migration' }
  const threads = threadsOf(
    {
      places: () => [
        { ...place, place: 'live migration to host2', sinceMs: now - 9000 },
        { ...place, place: 'driver: liveMigrate', sinceMs: now - 1000 },
      ],
    },
    {},
  )
  assert.deepEqual(
    threads.map(({ notes }) => notes),
    [['live_migration, request req-1, for 9 s', '  live migration to host2, for 9 s', '  driver: liveMigrate, for 1 s']],
  )
})
