import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { RequestSpec } from '@micronova/model'
import type { HostState } from '../hosts/host-state.js'
import type { FilterSchedulerSettings, MetricsSettings } from '../options.js'

/** What filters know besides host and request. */
export interface FilterDeps {
  readonly log: Logger
  readonly clock: Pick<Clock, 'now'>
  readonly settings: FilterSchedulerSettings
  readonly metrics: Pick<MetricsSettings, 'weight_setting'>
  /** Seconds after which a service that reports nothing counts as down. */
  readonly serviceDownTimeSeconds: number
  readonly defaultAvailabilityZone: string | null
}

/** Whether a host passes, for one request. */
export type HostTest = (host: HostState) => boolean

/** Decides which hosts a request may have. */
export interface HostFilter {
  /** Of the Python class, as in `enabled_filters`. */
  readonly name: string
  /** Its Python module below `nova.scheduler.filters`, for `available_filters`. */
  readonly module: string
  /** The answer does not change while the instances of a request are placed one after another. */
  readonly oncePerRequest: boolean
  /** Also asked when an instance is rebuilt where it is. */
  readonly onRebuild: boolean
  /** Looks at what is the same for all hosts, once for each instance. */
  prepare(spec: RequestSpec, deps: FilterDeps): HostTest
}

export const passesAll: HostTest = () => true
