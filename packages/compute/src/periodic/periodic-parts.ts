import type { PeriodicTask } from '@micronova/service'
import type { ComputeParts } from '../parts.js'
import type { PeriodicSection } from './options.js'
import type { SelfRequests } from './self-requests.js'

/** What the periodic tasks work with besides the parts of the manager. */
export interface PeriodicParts extends ComputeParts {
  /** Read at each run, so that a reload takes effect. */
  readonly periodic: PeriodicSection
  readonly requests: SelfRequests
  /** A service that is silent for longer is down. */
  readonly serviceDownTimeSeconds: number
}

/** Makes one periodic task of the compute manager; the file of the task has its name. */
export type PeriodicTaskFactory = (parts: PeriodicParts) => PeriodicTask
