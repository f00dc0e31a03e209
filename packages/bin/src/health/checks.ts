import type { ConnectionReport, TransportReport } from '@micronova/messaging'
import type { HeartbeatReport, ServiceReport, StartStep } from '@micronova/service'

/** One thing that must be so for a service to be ready. */
export interface Check {
  readonly name: string
  /** What is wrong; null: nothing. */
  readonly failure: string | null
  /** Wall time in milliseconds since 1970; null: unknown, or nothing is wrong. */
  readonly sinceMs: number | null
}

/** What is looked at. */
export interface ServiceView {
  readonly isStopping: boolean
  /** Null before the service is made. */
  readonly service: ServiceReport | null
  readonly steps: readonly StartStep[]
  /** That of RPC; null before it is made. Notifications, and cells that are asked now and then, keep no service from its work. */
  readonly rpc: TransportReport | null
  readonly nowMs: number
}

/** So many reports of the service that it is alive may be missing before it counts as failing, though none has failed yet. */
const missedReports = 3

export function passed(name: string): Check {
  return { name, failure: null, sinceMs: null }
}

/** Whether a service consumes its queues and can tell the others so. */
export function serviceChecks(view: ServiceView): Check[] {
  const { service, rpc, nowMs } = view
  const heartbeat = service?.heartbeat ?? null
  return [
    startCheck(view),
    ...(rpc?.connections ?? []).map(connectionCheck),
    ...(heartbeat === null ? [] : [heartbeatCheck(heartbeat, nowMs)]),
  ]
}

function startCheck({ isStopping, service, steps }: ServiceView): Check {
  const name = 'start'
  const state = service?.state ?? 'new'
  if (isStopping || state === 'stopping' || state === 'stopped') return { name, failure: 'stopping', sinceMs: null }
  if (state === 'running') return passed(name)
  const step = steps.findLast(({ outcome }) => outcome === 'running') // the innermost: init_host has steps of its own
  if (step === undefined) return { name, failure: 'starting', sinceMs: null }
  return { name, failure: `in step ${step.name}`, sinceMs: step.startedAt }
}

function connectionCheck({ purpose, state, address, isBlocked, sinceMs }: ConnectionReport): Check {
  const name = `broker-${purpose}`
  if (isBlocked) return { name, failure: `${address} takes nothing from us (memory or disk space)`, sinceMs: null }
  if (state === 'connecting' || state === 'closed') return { name, failure: `not connected to ${address}`, sinceMs }
  return passed(name) // unused: it is made when it is needed
}

function heartbeatCheck({ isFailing, lastReportedAt, intervalSeconds }: HeartbeatReport, nowMs: number): Check {
  const name = 'heartbeat'
  const isLate = lastReportedAt !== null && nowMs - lastReportedAt > missedReports * intervalSeconds * 1000
  if (isFailing) return { name, failure: 'the last report that it is alive has failed', sinceMs: lastReportedAt }
  return isLate ? { name, failure: 'it could not report that it is alive', sinceMs: lastReportedAt } : passed(name)
}
