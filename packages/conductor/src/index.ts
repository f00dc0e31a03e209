export type { CachingObserver, TaskFailure } from './compute-task/compute-task-deps.js'
export type { TaskOptions, TaskParts } from './compute-task/create-task-deps.js'
export {
  allowsOldComputes,
  asksForLimits,
  type ComputeTaskSettings,
  computeTaskOptionGroups,
  computeTaskSettings,
  defaultComputeTaskSettings,
} from './compute-task/options.js'
export { ConductorManager, type ConductorManagerDeps } from './conductor-manager.js'
export { type ConductorServiceDeps, type ConductorServiceOptions, createConductorService } from './conductor-service.js'
