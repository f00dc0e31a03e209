import type { ParsedConfig } from '@micronova/config'
import type { RequestInHand, TransportReport } from '@micronova/messaging'
import type { PeriodicTaskReport, ServiceReport, StartStep } from '@micronova/service'
import type { Inspection } from '../inspection.js'

/** What of a running service can be looked at from inside. Each property is what holds when it is read. */
export interface ProcessView {
  readonly service: ServiceFacts
  /** Of the start, in their order. */
  readonly steps: readonly StartStep[]
  /** Requests being worked on. */
  readonly inHand: readonly RequestInHand[]
  /** By what they are for: `rpc`, `notifications`. */
  readonly transports: Readonly<Record<string, TransportReport>>
  /** In the order in which they run; none before the start is over. */
  readonly periodic: readonly PeriodicTaskReport[]
  /** Values in force by option, by group; a secret that is set is `***`. */
  readonly config: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly memory: MemoryFigures
}

export interface ServiceFacts {
  /** `nova-compute` */
  readonly program: string
  readonly version: string
  readonly pid: number
  readonly upSeconds: number
  /** `new` until the service is made. */
  readonly state: ServiceReport['state']
  /** Null until the service is made. */
  readonly host: string | null
  readonly topic: string | null
  /** Null while it does not report itself alive. */
  readonly heartbeat: ServiceReport['heartbeat']
}

/** In MiB. */
export interface MemoryFigures {
  readonly resident: number
  readonly heapUsed: number
  readonly heapTotal: number
  readonly external: number
}

export interface ProcessViewDeps {
  readonly inspection: Pick<Inspection, 'program' | 'steps' | 'service' | 'transports'>
  readonly version: string
  readonly config: Pick<ParsedConfig, 'entries'>
  readonly process: Pick<NodeJS.Process, 'pid' | 'memoryUsage' | 'uptime'>
}

export function processView({ inspection, version, config, process }: ProcessViewDeps): ProcessView {
  return {
    get service() {
      const report = inspection.service()
      return {
        program: inspection.program,
        version,
        pid: process.pid,
        upSeconds: Math.round(process.uptime()),
        state: report?.state ?? 'new',
        host: report?.identity.host ?? null,
        topic: report?.identity.topic ?? null,
        heartbeat: report?.heartbeat ?? null,
      }
    },
    get steps() {
      return inspection.steps.steps
    },
    get inHand() {
      return Object.values(inspection.transports()).flatMap(({ servers }) => servers.flatMap(({ inHand }) => inHand))
    },
    get transports() {
      return inspection.transports()
    },
    get periodic() {
      return inspection.service()?.periodicTasks ?? []
    },
    get config() {
      return maskedConfig(config)
    },
    get memory() {
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
      return { resident: mib(rss), heapUsed: mib(heapUsed), heapTotal: mib(heapTotal), external: mib(external) }
    },
  }
}

function maskedConfig(config: Pick<ParsedConfig, 'entries'>): ProcessView['config'] {
  const groups: Record<string, Record<string, unknown>> = {}
  for (const { group, name, spec, value } of config.entries()) {
    groups[group] ??= {}
    groups[group][name] = spec.secret && value !== null ? '***' : value
  }
  return groups
}

function mib(bytes: number): number {
  return Math.round((bytes / 1024 ** 2) * 10) / 10
}
