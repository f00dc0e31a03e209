import type { BlockDeviceMapping, Diagnostics, Flavor, Instance, Migration, PowerState, RequestContext, Vif } from '@micronova/model'
import type { ImageType, SpawnFeature } from './capabilities.js'
import type { LiveMigration } from './live-migration.js'
import type { NetworkInfo } from './network-info.js'
import type { RemoteConsoles } from './remote-consoles.js'
import type { VolumeAttach, VolumeSnapshots, VolumeStatistics } from './volumes.js'

/**
 * A hypervisor, seen from the compute manager. The members that are not optional are what every driver has; the
 * optional ones are abilities, and a driver without one leaves the member out. Capabilities on the wire follow from that.
 *
 * Calls that change one guest never overlap; calls for different guests do. A guest that is not there is answered with
 * `NovaError` `InstanceNotFound` by everything that needs it. A driver sees no database and no message queue.
 */
export interface VirtDriver {
  /** For log lines: `fake.FakeDriver`. */
  readonly name: string
  readonly imageTypes: ReadonlySet<ImageType>
  readonly spawnFeatures: ReadonlySet<SpawnFeature>

  /** Once, before anything else. Rejects if the hypervisor cannot be used: the service then does not start. */
  initHost(host: string, signal: AbortSignal): Promise<void>
  /** Once, when the service has stopped. Guests go on running. */
  cleanupHost(host: string): Promise<void>

  /** Where other hosts reach this one to send it disks: `dest_host` of a migration. */
  hostIpAddress(): Promise<string>
  /** Names of the compute nodes behind this driver; one for most hypervisors. */
  availableNodes(): Promise<readonly string[]>
  /** @throws VirtDriverError `unknown_node` */
  availableResource(node: string): Promise<HostResources>

  /** Uuids of the guests that exist, running or not. */
  listGuests(): Promise<readonly string[]>
  guestExists(instanceUuid: string): Promise<boolean>
  guestInfo(instanceUuid: string): Promise<GuestInfo>

  /** Make the guest and start it. What a failure leaves behind is removed by `destroy`. */
  spawn(ctx: RequestContext, request: SpawnRequest, signal: AbortSignal): Promise<void>
  /** Power off and remove the guest with its disks. A guest that is not there is fine. */
  destroy(ctx: RequestContext, guest: GuestDevices, options?: DestroyOptions): Promise<void>

  powerOn(ctx: RequestContext, guest: GuestDevices): Promise<void>
  powerOff(instance: Instance, shutdown: ShutdownTiming): Promise<void>
  reboot(ctx: RequestContext, guest: GuestDevices, type: RebootType, signal: AbortSignal): Promise<void>

  readonly pausing?: Pausing
  readonly suspending?: Suspending
  readonly console?: ConsoleLog
  readonly diagnostics?: GuestDiagnostics
  readonly adminPassword?: AdminPassword
  readonly vifPlugging?: VifPlugging
  readonly bootResuming?: BootResuming
  readonly softDeleting?: SoftDeleting
  readonly deviceNames?: DeviceNames
  readonly resizing?: Resizing
  readonly evacuating?: Evacuating
  readonly sharedStorage?: SharedStorage
  readonly leftoverDisks?: LeftoverDisks
  readonly snapshots?: Snapshots
  readonly rescue?: Rescue
  /** A guest may have several kinds of remote consoles; a kind that is missing the driver does not have. */
  readonly remoteConsoles?: RemoteConsoles
  readonly volumes?: VolumeAttach
  readonly volumeSnapshots?: VolumeSnapshots
  readonly volumeStatistics?: VolumeStatistics
  readonly quiescing?: Quiescing
  readonly crashDump?: CrashDump
  readonly imageCache?: ImageCache
  readonly hostActions?: HostActions
  readonly hostUptime?: HostUptime
  readonly hostCpuMetering?: HostCpuMetering
  readonly stuckReboots?: StuckReboots
  readonly interfaceHotplug?: InterfaceHotplug
  readonly liveMigration?: LiveMigration
}

export interface GuestInfo {
  readonly powerState: PowerState
}

/** What a guest is made of at present. */
export interface GuestDevices {
  readonly instance: Instance
  readonly network: NetworkInfo
  readonly blockDevices: readonly BlockDeviceMapping[]
}

export interface SpawnRequest extends GuestDevices {
  /** `{}` for a guest that boots from a volume. */
  readonly image: ImageDescription
  readonly injectedFiles: readonly InjectedFile[]
  readonly adminPassword: string | null
  /** Default true; false: made and left off. */
  readonly powerOn?: boolean
}

export interface DestroyOptions {
  /** Disks stay: another host has the same ones, or the guest may come back. They go with `leftoverDisks`. */
  readonly keepDisks?: boolean
}

export interface InjectedFile {
  readonly path: string
  readonly content: Buffer
}

export type RebootType = 'SOFT' | 'HARD'

/** How long a guest may take to shut down by itself before it is cut off; 0 cuts it off at once. */
export interface ShutdownTiming {
  readonly timeoutSeconds: number
  /** The request to shut down is repeated after so long. */
  readonly retryIntervalSeconds: number
}

/** What a node has and uses, as the driver counts it. `cpuInfo` is JSON text for the compute node's record. */
export interface HostResources {
  readonly vcpus: number
  readonly memoryMb: number
  readonly localGb: number
  readonly vcpusUsed: number
  readonly memoryMbUsed: number
  readonly localGbUsed: number
  readonly hypervisorType: string
  /** 1.0 is 1000, 1.2.3 is 1002003. */
  readonly hypervisorVersion: number
  readonly hypervisorHostname: string
  readonly cpuInfo: string
  /** Gigabytes that are still free if every disk grows to its full size. */
  readonly diskAvailableLeast: number
  readonly supportedInstances: readonly SupportedInstance[]
}

/** @see nova 26.2.2, `objects/hv_spec.py` */
export interface SupportedInstance {
  readonly arch: string
  readonly hvType: string
  readonly vmMode: string
}

export interface Pausing {
  pause(instance: Instance): Promise<void>
  unpause(instance: Instance): Promise<void>
}

export interface Suspending {
  suspend(ctx: RequestContext, instance: Instance): Promise<void>
  resume(ctx: RequestContext, guest: GuestDevices): Promise<void>
}

export interface ConsoleLog {
  /** Everything the guest has written to its serial console. */
  consoleOutput(ctx: RequestContext, instance: Instance): Promise<Buffer>
}

export interface GuestDiagnostics {
  /** Names and numbers of the hypervisor's own choice; API microversions before 2.48. */
  diagnostics(instance: Instance): Promise<Readonly<Record<string, number>>>
  instanceDiagnostics(instance: Instance): Promise<Diagnostics>
}

export interface AdminPassword {
  /** @throws NovaError `InstanceAgentNotEnabled` or `SetAdminPasswdNotSupported` */
  setAdminPassword(instance: Instance, password: string): Promise<void>
}

export interface VifPlugging {
  /** @throws NovaError `VirtualInterfacePlugException` */
  plugVifs(instance: Instance, network: NetworkInfo): Promise<void>
  unplugVifs(instance: Instance, network: NetworkInfo): Promise<void>
}

/** Interfaces that come and go while the guest is there. */
export interface InterfaceHotplug {
  /** A tag reaches the guest with its interface: `supports_tagged_attach_interface`. */
  readonly honoursTags: boolean
  /** @throws NovaError `InterfaceAttachFailed` */
  attachInterface(ctx: RequestContext, instance: Instance, vif: Vif): Promise<void>
  /** Asked after a crash: whether an attach was over. False for a guest that is not here. */
  hasInterface(instance: Instance, vif: Vif): Promise<boolean>
  /** @throws NovaError `InterfaceDetachFailed`; `InstanceNotFound` */
  detachInterface(ctx: RequestContext, instance: Instance, vif: Vif): Promise<void>
}

export interface BootResuming {
  /** The host has been restarted and the guest, which ran before, does not: start it. */
  resumeStateOnHostBoot(ctx: RequestContext, guest: GuestDevices): Promise<void>
}

export interface SoftDeleting {
  softDelete(instance: Instance): Promise<void>
  restore(instance: Instance): Promise<void>
}

export interface DeviceNames {
  /** Name of the root disk: `/dev/vda`. Without this ability it is `/dev/sda`. */
  defaultRootDeviceName(instance: Instance, image: Readonly<Record<string, unknown>>, root: BlockDeviceMapping): string
}

/** Moving a guest to another size, or to another host, without a running copy of it. */
export interface Resizing {
  /** Can a guest move to the host that it is on with its size unchanged? `supports_migrate_to_same_host`. */
  readonly toSameHost: boolean
  /**
   * At the source: the guest is off, and its disks are at the destination or can be fetched from there. The source keeps what it
   * takes to bring the guest back. After a failure `finishRevertMigration` is what brings it back.
   *
   * @returns what `finishMigration` must know of the disks; goes over the wire as it is
   * @throws NovaError `InstanceFaultRollback` with its `cause`: refused, the guest is as it was
   */
  migrateDiskAndPowerOff(ctx: RequestContext, guest: GuestDevices, departure: Departure, signal: AbortSignal): Promise<unknown>
  /** At the destination: make the guest of the disks that have come, with the size that its instance has now. */
  finishMigration(ctx: RequestContext, guest: GuestDevices, arrival: Arrival, signal: AbortSignal): Promise<void>
  /** At the source, when the guest stays at the destination, which may be this host: remove what was kept. Nothing there is fine. */
  confirmMigration(ctx: RequestContext, migration: Migration, guest: Omit<GuestDevices, 'blockDevices'>): Promise<void>
  /** At the source: the guest as it was before, of what was kept. The destination has destroyed its own. */
  finishRevertMigration(ctx: RequestContext, guest: GuestDevices, comeback: Comeback, signal: AbortSignal): Promise<void>
}

export interface Departure {
  /** Address of the other host: its `hostIpAddress`. */
  readonly destination: string
  readonly flavor: Flavor
  readonly shutdown: ShutdownTiming
}

export interface Arrival {
  readonly migration: Migration
  /** From `migrateDiskAndPowerOff`. */
  readonly diskInfo: unknown
  readonly image: Readonly<Record<string, unknown>>
  /** The size of a disk has changed. */
  readonly resizeDisks: boolean
  readonly powerOn: boolean
}

export interface Comeback {
  readonly migration: Migration
  readonly powerOn: boolean
}

/** Making guests again whose host is gone. */
export interface Evacuating {
  /** Are the disks of this instance here, though its guest is not: on storage that hosts share? */
  hasDisks(instance: Instance): Promise<boolean>
}

/** Finding out whether another host has the same disks. Without this ability hosts share nothing. */
export interface SharedStorage {
  /** Leaves a mark beside the disks. @returns where, for `seesMark` of the other host; null: it can only be shared */
  leaveMark(ctx: RequestContext, instance: Instance): Promise<unknown>
  seesMark(ctx: RequestContext, mark: unknown): Promise<boolean>
  removeMark(ctx: RequestContext, mark: unknown): Promise<void>
}

/** Disks without a guest: those that `destroy` kept, or that a move which failed has left. */
export interface LeftoverDisks {
  /** None there is fine. @throws NovaError `InstanceExists` if there is a guest that uses them */
  removeDisks(ctx: RequestContext, instance: Instance): Promise<void>
}

/** Glance's description of an image. */
export type ImageDescription = Readonly<Record<string, unknown>>

export interface Snapshots {
  /**
   * Make an image of the guest's disk and upload it under `imageId`, which Glance knows already. `progress` is awaited
   * before each part begins; if it rejects, another operation has the instance and nothing more is done.
   *
   * @throws NovaError `InstanceNotRunning` if the guest is not there
   */
  snapshot(ctx: RequestContext, instance: Instance, imageId: string, progress: SnapshotProgress): Promise<void>
}

export type SnapshotPhase = 'image_pending_upload' | 'image_uploading'

/** @param before the phase that ends; absent: the snapshot has only been asked for */
export type SnapshotProgress = (phase: SnapshotPhase, before?: SnapshotPhase) => Promise<void>

export interface Rescue {
  /** Boot the guest, which is off, from `image` with its own disks beside it. */
  rescue(ctx: RequestContext, guest: GuestDevices, image: ImageDescription, password: string): Promise<void>
  /** Boot it from its own disk again. */
  unrescue(ctx: RequestContext, instance: Instance): Promise<void>
}

export interface Quiescing {
  /** Let the guest write down what its file systems hold in memory, and wait. @throws NovaError `InstanceQuiesceNotSupported` */
  quiesce(ctx: RequestContext, instance: Instance): Promise<void>
  unquiesce(ctx: RequestContext, instance: Instance): Promise<void>
}

export interface CrashDump {
  /** @throws NovaError `TriggerCrashDumpNotSupported`, `InstanceNotRunning` */
  triggerCrashDump(instance: Instance): Promise<void>
}

export interface ImageCache {
  /** Look through the cache. @param instances of all hosts that share it */
  manage(ctx: RequestContext, instances: readonly Instance[]): Promise<void>
  /** Fetch an image before a guest needs it. @returns false if it was there */
  cache?(ctx: RequestContext, imageId: string): Promise<boolean>
}

export interface HostActions {
  /** @param action `reboot`, `shutdown`, `startup` @returns what is told the caller */
  powerAction(action: string): Promise<string>
  /** @param host which the guests are to leave */
  maintenanceMode(host: string, enabled: boolean): Promise<string>
}

/** Times of all processors together since the host was started, in nanoseconds. */
export interface HostCpuTimes {
  readonly user: number
  readonly kernel: number
  readonly idle: number
  readonly iowait: number
  /** MHz. */
  readonly frequency: number
}

export interface HostCpuMetering {
  hostCpuTimes(): Promise<HostCpuTimes>
}

export interface HostUptime {
  /** In the words of uptime(1). */
  hostUptime(): Promise<string>
}

export interface StuckReboots {
  /** Deal with guests whose reboot has lasted longer than `seconds`; there may be none. */
  handle(instances: readonly Instance[], seconds: number): Promise<void>
}
