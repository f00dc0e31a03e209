export { type CapableDriver, driverCapabilities, type ImageType, type SpawnFeature } from './capabilities.js'
export { capabilityTraits } from './capability-traits.js'
export type {
  AdminPassword,
  Arrival,
  BootResuming,
  Comeback,
  ConsoleLog,
  CrashDump,
  Departure,
  DestroyOptions,
  DeviceNames,
  Evacuating,
  GuestDevices,
  GuestDiagnostics,
  GuestInfo,
  HostActions,
  HostCpuMetering,
  HostCpuTimes,
  HostResources,
  HostUptime,
  ImageCache,
  ImageDescription,
  InjectedFile,
  InterfaceHotplug,
  LeftoverDisks,
  Pausing,
  Quiescing,
  RebootType,
  Rescue,
  Resizing,
  SharedStorage,
  ShutdownTiming,
  SnapshotPhase,
  SnapshotProgress,
  Snapshots,
  SoftDeleting,
  SpawnRequest,
  StuckReboots,
  SupportedInstance,
  Suspending,
  VifPlugging,
  VirtDriver,
} from './driver.js'
export { VirtDriverError } from './errors.js'
export { FakeBuildAbortDriver, FakeFinishMigrationFailDriver, FakeRescheduleDriver } from './fake/failing-drivers.js'
export { FakeDriver, type FakeDriverDeps, type FakeDriverOptions, type FakeHostSize } from './fake/fake-driver.js'
export type { LiveMigrateData, LiveMigration, LiveMigrationEnd, LiveMigrationWishes } from './live-migration.js'
export { loadVirtDriver, type VirtDriverDeps, type VirtDriverOptions } from './load-driver.js'
export type { NetworkInfo } from './network-info.js'
export { virtOptions } from './options.js'
export { novaToOsVif, osVifInstanceInfo } from './os-vif/nova-to-os-vif.js'
export type { RemoteConsole, RemoteConsoleKind, RemoteConsoles } from './remote-consoles.js'
export type { AttachedVolume, ConnectionInfo, VolumeAttach, VolumeSnapshots, VolumeStatistics, VolumeUse } from './volumes.js'
