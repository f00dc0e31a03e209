import type { Logger } from '@micronova/log'
import type { RequestSpec } from '@micronova/model'
import type { HostState } from '../hosts/host-state.js'
import type { FilterSchedulerSettings, MetricsSettings } from '../options.js'

/** What weighers know besides host and request. */
export interface WeigherDeps {
  readonly log: Logger
  readonly settings: FilterSchedulerSettings
  readonly metrics: MetricsSettings
}

/** Says which of the hosts that a request may have are better for it. */
export interface HostWeigher {
  /** Of the Python class. */
  readonly name: string
  /** Its Python module below `nova.scheduler.weights`, for `weight_classes`. */
  readonly module: string
  /** Weights below count as this, and the best hosts are measured from here. Without it: from the least weight that there is. */
  readonly minimum?: number
  /** Under this name the aggregates of a host may say another multiplier than the options. */
  readonly multiplierName: string
  /** More is worse: the multiplier is turned round. */
  readonly against?: true
  multiplier(deps: WeigherDeps): number
  /** Looks at what is the same for all hosts. More is better, unless `against`. */
  prepare(spec: RequestSpec, deps: WeigherDeps): (host: HostState) => number
}
