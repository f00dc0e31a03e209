import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectionReport, TransportReport } from '@micronova/messaging'
import type { HeartbeatReport, ServiceReport, StartStep } from '@micronova/service'
import { answerOf } from './answers.js'
import { type ServiceView, serviceChecks } from './checks.js'

const nowMs = 1_000_000
const up: ConnectionReport = { purpose: 'listen', address: 'mq:5672', state: 'up', sinceMs: 1, reconnects: 0, isBlocked: false, queues: [] }
const heartbeat: HeartbeatReport = { intervalSeconds: 10, lastReportedAt: nowMs - 10_000, isFailing: false }
const service: ServiceReport = {
  identity: { binary: 'nova-compute', host: 'h', topic: 'compute' },
  managerName: 'm',
  state: 'running',
  heartbeat,
  periodicTasks: [],
}
const healthy: ServiceView = { isStopping: false, service, steps: [], rpc: rpcWith(up, { ...up, purpose: 'send' }), nowMs }

function rpcWith(...connections: readonly ConnectionReport[]): TransportReport {
  return { connections, servers: [], calls: [], unsent: 0 }
}

/** What /readyz says. */
function said(change: Partial<ServiceView>, verbose = false): string {
  return answerOf(serviceChecks({ ...healthy, ...change }), { what: 'readyz', verbose, nowMs }).body
}

test('a service that runs, is connected and reports itself alive is ready', () => {
  assert.equal(said({}), 'ok\n')
  assert.equal(said({}, true), '[+]start ok\n[+]broker-listen ok\n[+]broker-send ok\n[+]heartbeat ok\nreadyz: ok\n')
})

test('the innermost step under way is named while a service starts', () => {
  const step = (name: string, outcome: StartStep['outcome']): StartStep => ({ name, startedAt: nowMs - 12_000, durationMs: null, outcome })
  const steps = [step('objects', 'done'), step('init_host', 'running'), step('open_journal', 'running')]
  const starting = { ...service, state: 'starting', heartbeat: null } as const
  assert.equal(
    said({ service: starting, steps }),
    '[-]start in step open_journal for 12 s, since 1970-01-01T00:16:28.000Z\nreadyz: failed\n',
  )
  assert.equal(said({ service: null, rpc: null }), '[-]start starting\nreadyz: failed\n')
})

test('a stop makes a service not ready at once', () => {
  assert.match(said({ isStopping: true }), /^\[-\]start stopping\n/)
  assert.match(said({ service: { ...service, state: 'stopping' } }), /^\[-\]start stopping\n/)
})

test('a connection that is being made, closed or blocked is named with its address; one that was never needed is not', () => {
  const lost = { ...up, state: 'connecting', sinceMs: nowMs - 3000 } as const
  assert.match(said({ rpc: rpcWith(lost) }), /^\[-\]broker-listen not connected to mq:5672 for 3 s, since /)
  assert.match(said({ rpc: rpcWith({ ...up, isBlocked: true }) }), /^\[-\]broker-listen mq:5672 takes nothing from us/)
  assert.equal(said({ rpc: rpcWith({ ...up, state: 'unused', sinceMs: null }) }), 'ok\n')
})

test('a heartbeat that fails, or is three reports late, is named; none at all is fine', () => {
  const withHeartbeat = (change: Partial<HeartbeatReport> | null) =>
    said({ service: { ...service, heartbeat: change === null ? null : { ...heartbeat, ...change } } })
  assert.match(withHeartbeat({ isFailing: true }), /^\[-\]heartbeat the last report that it is alive has failed for 10 s, since /)
  assert.match(withHeartbeat({ lastReportedAt: nowMs - 31_000 }), /^\[-\]heartbeat it could not report that it is alive for 31 s, since /)
  assert.equal(withHeartbeat({ lastReportedAt: nowMs - 30_000 }), 'ok\n')
  assert.equal(withHeartbeat({ lastReportedAt: null }), 'ok\n')
  assert.equal(withHeartbeat(null), 'ok\n')
})
