import type { ParsedConfig } from '@micronova/config'
import type { Clock, LifecycleState } from '@micronova/lifecycle'
import type { PeriodicTaskReport, RequestInHand, StartStep, StartSteps } from '@micronova/service'

/** What of a running service can be looked at from inside. Each property is what holds when it is read. */
export interface ProcessView {
  readonly service: ServiceFacts
  /** Of the start, in their order. */
  readonly steps: readonly StartStep[]
  /** Requests being worked on, oldest first. */
  readonly inHand: readonly RequestInHand[]
  /** Null: no periodic task runs. */
  readonly periodic: readonly PeriodicTaskReport[] | null
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
  readonly state: LifecycleState
  /** Null until the service is made. */
  readonly host: string | null
  readonly topic: string | null
}

/** In MiB. */
export interface MemoryFigures {
  readonly resident: number
  readonly heapUsed: number
  readonly heapTotal: number
  readonly external: number
}

/** What a view needs of a `Service`. */
export interface WatchedService {
  readonly identity: { readonly host: string; readonly topic: string }
  readonly state: LifecycleState
  readonly inHand: readonly RequestInHand[]
  readonly periodic: { report(): readonly PeriodicTaskReport[] } | null
}

export interface ProcessViewDeps {
  readonly program: string
  readonly version: string
  readonly config: Pick<ParsedConfig, 'entries'>
  readonly steps: Pick<StartSteps, 'steps'>
  readonly clock: Clock
  readonly process: Pick<NodeJS.Process, 'pid' | 'memoryUsage'>
  /** Null until it is made. */
  service(): WatchedService | null
}

export function processView(deps: ProcessViewDeps): ProcessView {
  const { program, version, config, steps, clock, process } = deps
  const begunMs = clock.monotonicMs()
  return {
    get service() {
      const service = deps.service()
      return {
        program,
        version,
        pid: process.pid,
        upSeconds: Math.round((clock.monotonicMs() - begunMs) / 1000),
        state: service?.state ?? 'new',
        host: service?.identity.host ?? null,
        topic: service?.identity.topic ?? null,
      }
    },
    get steps() {
      return steps.steps
    },
    get inHand() {
      return deps.service()?.inHand ?? []
    },
    get periodic() {
      return deps.service()?.periodic?.report() ?? null
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
