export type * from './api-stores.js'
export { CELL0_UUID } from './api-stores.js'
export type * from './cell-stores.js'
export {
  adminContext,
  type ContextDeps,
  contextFromDict,
  contextToDict,
  elevated,
  notificationContext,
  type RequestContext,
  userIdentity,
} from './context.js'
export * as enums from './enums.js'
export { type Failure, isKindOf, novaErrorCatalogue } from './errors/catalogue.js'
export { isNovaError, isNovaErrorKind, NovaError, type NovaErrorOptions, novaError } from './errors/nova-error.js'
export { type NovaErrorEntry, type NovaErrorKind, novaErrors } from './errors/nova-errors.js'
export {
  cpuPolicy,
  cpuThreadPolicy,
  dedicatedCpus,
  emulatorThreadsPolicy,
  ephemeralEncryptionFormat,
  extraSpecsOf,
  imageProperty,
  pciNumaPolicy,
  persistentMemoryLabels,
  realtimeCpus,
  secureBootPolicy,
  tpmVersion,
  wantsEphemeralEncryption,
  wantsMemoryEncryption,
} from './flavors/constraints.js'
export type * from './host-survey.js'
export { type InstanceAttribute, instanceAttributes } from './instance-attributes.js'
export { defaultInstanceNameTemplate, instanceName } from './instance-name.js'
export {
  hydrateVif,
  type NetworkFixedIp,
  type NetworkIp,
  type NetworkRoute,
  type NetworkSubnet,
  type Vif,
  type VifNetwork,
} from './network-model.js'
export * from './objects/index.js'
export * from './objects/notifications/index.js'
export { notificationObjects } from './objects/notifications/notification-objects.js'
export { novaObjects } from './objects/nova-objects.js'
export { populatePayload } from './populate-payload.js'
export { pythonJson } from './python-json.js'
export { boolFromString, pythonFloat, pythonInt } from './python-values.js'
export { novaRegistry } from './registry.js'
export { type RememberedImage, rememberedImage } from './remembered-image.js'
export {
  type PowerState,
  powerStateName,
  powerStates,
  type TaskState,
  taskStates,
  taskStatesAllowing,
  type VmState,
  vmStates,
  vmStatesAllowing,
} from './states.js'
export type * from './stores.js'
export { countedUsage, usageSoFar } from './volume-usage-totals.js'
