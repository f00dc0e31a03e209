export {
  AlreadyServed,
  BadTemporaryFolder,
  InvalidWorkers,
  LoopingCallTimeout,
  ServiceError,
  StartCancelled,
  UnknownManager,
} from './errors.js'
export { ServiceHeartbeat, type ServiceHeartbeatDeps, type ServiceHeartbeatOptions } from './heartbeat.js'
export type { IdentityOptions } from './identity.js'
export { checkWorkers, Launcher, type Servable } from './launcher.js'
export { type LoopingCallDeps, LoopingCallDone, type LoopingCallOptions } from './looping-call.js'
export { BackOffLoopingCall, type BackOffOptions, DynamicLoopingCall, FixedIntervalLoopingCall } from './looping-calls.js'
export type { Manager, PeriodicTask } from './manager.js'
export { conductorWorkersOptions, hostOptions, type ServiceConfig, serviceOptions } from './options.js'
export { PeriodicRunner, type PeriodicRunnerDeps, type PeriodicRunnerOptions, type PeriodicTaskReport } from './periodic-runner.js'
export type { HeartbeatReport, ServiceReport } from './report.js'
export { type CreateServiceOptions, Service, type ServiceDeps } from './service.js'
export { type NewServiceRecord, SERVICE_VERSION, type ServiceIdentity, type ServiceRecord, type ServiceRecords } from './service-record.js'
export { isServiceUp, serviceDownTime } from './service-up.js'
export { type StartStep, StartSteps, type StartStepsDeps } from './start-steps.js'
export type { ConductorPing } from './wait-for-conductor.js'
