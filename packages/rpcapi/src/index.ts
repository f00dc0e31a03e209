export {
  type ApiDeps,
  type ApiOptions,
  type BaseApi,
  type ComputeApi,
  type ComputeTaskApi,
  type ConductorApi,
  createBaseApi,
  createComputeApi,
  createComputeTaskApi,
  createConductorApi,
  createSchedulerApi,
  type SchedulerApi,
} from './apis.js'
export { AutomaticCap, type AutomaticCapDeps } from './automatic-cap.js'
export { baseEndpoint } from './base-endpoint.js'
export { checkOldComputes } from './check-old-computes.js'
export type { Argument, MethodContract, MethodForm, RpcContract, ServerRule } from './contract.js'
export { baseContract } from './contracts/base.js'
export { computeContract } from './contracts/compute.js'
export { computeTaskContract } from './contracts/compute-task.js'
export { conductorContract, type VersionManifest } from './contracts/conductor.js'
export { schedulerContract } from './contracts/scheduler.js'
export { RpcapiError } from './errors.js'
export { type FailureText, failureText, messageOf, traceback } from './failure-text.js'
export { FakeStores } from './fake-stores/fake-stores.js'
export type { ActionEventRow, ActionRow, Tables } from './fake-stores/tables.js'
export { type FaultDeps, recordFault } from './record-fault.js'
export { type Backport, contextOnlySerializer, createNovaSerializer, type NovaSerializerDeps } from './serializer.js'
export { noHooks, type ServiceHooks } from './service-hooks.js'
export { serviceRecords } from './service-records.js'
export { createConductorStores } from './stores/conductor-stores.js'
export { createServerGroups, type ServerGroups } from './stores/server-groups.js'
export type { StubCallOptions, Stubs, StubTimeouts } from './stubs.js'
export { AUTOMATIC_LEVEL, checkUpgradeLevels, noUpgradeLevels, type UpgradeLevels, upgradeLevelOptions } from './upgrade-levels.js'
export { automaticComputeCap, versionCap } from './version-caps.js'
