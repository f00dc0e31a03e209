import type { TransportReport } from '@micronova/messaging'
import { type ReportObject, type Section, seconds, timeText } from '@micronova/reports'
import type { Inspection } from '../inspection.js'

/** The steps of the start with their durations, and how the service is. */
export function startUpSection({ steps, ...inspection }: Pick<Inspection, 'steps'> & { service: Inspection['service'] }): Section {
  const service = inspection.service()
  const rows = steps.steps.map(({ name, startedAt, durationMs, outcome }) => ({
    step: name,
    started: timeText(startedAt),
    seconds: durationMs === null ? null : seconds(durationMs),
    outcome,
  }))
  const heartbeat = service?.heartbeat ?? null
  const state: ReportObject =
    service === null
      ? {}
      : {
          state: service.state,
          binary: service.identity.binary,
          host: service.identity.host,
          topic: service.identity.topic,
          manager: service.managerName,
          last_reported_alive: heartbeat?.lastReportedAt ? timeText(heartbeat.lastReportedAt) : null,
          reporting_fails: heartbeat?.isFailing ?? false,
        }
  return { name: 'start_up', title: 'Start-up', form: 'tables', model: { ...state, steps: rows } }
}

export function periodicTasksSection({ service }: { service: Inspection['service'] }): Section {
  const tasks = (service()?.periodicTasks ?? []).map(({ name, spacingSeconds, lastStartedAt, lastDurationMs, lastResult }) => ({
    task: name,
    spacing_seconds: spacingSeconds,
    last_started: lastStartedAt === null ? null : timeText(lastStartedAt),
    seconds: lastDurationMs === null ? null : seconds(lastDurationMs),
    result: lastResult,
  }))
  return { name: 'periodic_tasks', title: 'Periodic Tasks', form: 'tables', model: { tasks } }
}

/** Brokers and queues, calls that wait for their replies, requests to other services, privileged helpers. */
export function connectionsSection(inspection: Inspection, now: number): Section {
  const transports = Object.entries(inspection.transports())
  const rows = <T>(pick: (report: TransportReport) => readonly T[], row: (item: T) => ReportObject) =>
    transports.flatMap(([transport, report]) => pick(report).map((item) => ({ transport, ...row(item) })))
  const model = {
    connections: rows(
      ({ connections }) => connections,
      ({ purpose, address, state, sinceMs, reconnects, isBlocked, queues }) => ({
        purpose,
        address,
        state: isBlocked ? `${state}, blocked` : state,
        since: sinceMs === null ? null : timeText(sinceMs),
        reconnects,
        queues: [...queues],
      }),
    ),
    servers: rows(
      ({ servers }) => servers,
      ({ topic, server, state, inHand, waiting }) => ({ topic, server, state, in_hand: inHand.length, waiting }),
    ),
    calls: rows(
      ({ calls }) => calls,
      ({ to, method, requestId, sinceMs }) => ({ to, method, request: requestId, seconds: seconds(now - sinceMs) }),
    ),
    unsent: rows(
      ({ unsent }) => [unsent],
      (messages) => ({ messages }),
    ),
    requests_to_services: inspection.requests().map(({ service, method, path, attempt, requestId, sinceMs }) => ({
      service,
      method,
      path,
      attempt: attempt + 1,
      request: requestId,
      seconds: seconds(now - sinceMs),
    })),
    privileged_helpers: inspection.privsep().map(({ context, running, started }) => ({ context, running, started })),
  }
  return { name: 'connections', title: 'Connections', form: 'tables', model }
}
