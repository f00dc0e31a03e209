import type { PeriodicTask } from '@micronova/service'
import type { ComputeParts } from '../parts.js'
import type { PeriodicSection } from './options.js'
import type { SelfRequests } from './self-requests.js'

export interface UsageAudit {
  /** `[DEFAULT] instance_usage_audit`. */
  readonly isOn: boolean
  /** `[DEFAULT] instance_usage_audit_period`: `month`, `day@18` ... */
  readonly period: string
}

/** What the periodic tasks work with besides the parts of the manager. */
export interface PeriodicParts extends ComputeParts {
  /** Read at each run, so that a reload takes effect. */
  readonly periodic: PeriodicSection
  readonly requests: SelfRequests
  /** Whether `_instance_usage_audit` does anything, and the span of an audit. */
  readonly usageAudit: UsageAudit
  /** A service that is silent for longer is down. */
  readonly serviceDownTimeSeconds: number
}

/** Makes one periodic task of the compute manager; the file of the task has its name. */
export type PeriodicTaskFactory = (parts: PeriodicParts) => PeriodicTask
