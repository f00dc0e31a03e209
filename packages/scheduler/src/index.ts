export { HostManager, type HostManagerDeps, type HostManagerOptions } from './hosts/host-manager.js'
export {
  type FilterSchedulerSettings,
  filterSchedulerOptions,
  type MetricsSettings,
  metricsOptions,
  numaPackingOptions,
  pinningWorkaroundOptions,
  type SchedulerSettings,
  schedulerOptionGroups,
  schedulerOptions,
  zoneOptions,
} from './options.js'
export { type DestinationsRequest, Scheduler, type SchedulerDeps, type SchedulerOptions } from './scheduler.js'
export { SchedulerManager, type SchedulerManagerDeps, type SchedulerManagerOptions } from './scheduler-manager.js'
export { createSchedulerService, type SchedulerServiceDeps, type SchedulerServiceOptions } from './scheduler-service.js'
export { UnknownWeigher } from './weights/index.js'
