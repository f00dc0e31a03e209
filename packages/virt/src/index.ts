export { driverCapabilities, type ImageType, type SpawnFeature } from './capabilities.js'
export type {
  AdminPassword,
  BootResuming,
  ConsoleLog,
  DeviceNames,
  GuestDevices,
  GuestDiagnostics,
  GuestInfo,
  HostResources,
  InjectedFile,
  Pausing,
  RebootType,
  ShutdownTiming,
  SoftDeleting,
  SpawnRequest,
  SupportedInstance,
  Suspending,
  VifPlugging,
  VirtDriver,
} from './driver.js'
export { VirtDriverError } from './errors.js'
export { FakeBuildAbortDriver, FakeRescheduleDriver } from './fake/failing-drivers.js'
export { FakeDriver, type FakeDriverDeps, type FakeDriverOptions, type FakeHostSize } from './fake/fake-driver.js'
export { loadVirtDriver, type VirtDriverDeps, type VirtDriverOptions } from './load-driver.js'
export type { NetworkInfo } from './network-info.js'
export { virtOptions } from './options.js'
