import type { LifecycleState } from '@micronova/lifecycle'
import type { PeriodicTaskReport } from './periodic-runner.js'
import type { ServiceIdentity } from './service-record.js'

/** How a service is at this moment. */
export interface ServiceReport {
  readonly identity: ServiceIdentity
  readonly managerName: string
  readonly state: LifecycleState
  /** Null while it does not report itself alive, and where it never does. */
  readonly heartbeat: HeartbeatReport | null
  /** In the order in which they run; none before the last step of the start. */
  readonly periodicTasks: readonly PeriodicTaskReport[]
}

export interface HeartbeatReport {
  readonly intervalSeconds: number
  /** Wall time, milliseconds since 1970, of the last report that the record took; null: none yet. */
  readonly lastReportedAt: number | null
  /** The last report failed. */
  readonly isFailing: boolean
}
