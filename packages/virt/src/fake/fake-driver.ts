import type { Logger } from '@micronova/log'
import { type Instance, novaError, type PowerState, powerStates, type RequestContext } from '@micronova/model'
import type { ImageType, SpawnFeature } from '../capabilities.js'
import type {
  AdminPassword,
  BootResuming,
  ConsoleLog,
  CrashDump,
  Evacuating,
  GuestDevices,
  GuestDiagnostics,
  GuestInfo,
  HostActions,
  HostCpuMetering,
  HostResources,
  ImageCache,
  InterfaceHotplug,
  LeftoverDisks,
  Pausing,
  Quiescing,
  RebootType,
  Rescue,
  Resizing,
  ShutdownTiming,
  SnapshotProgress,
  Snapshots,
  SoftDeleting,
  SpawnRequest,
  StuckReboots,
  Suspending,
  VifPlugging,
  VirtDriver,
} from '../driver.js'
import { VirtDriverError } from '../errors.js'
import type { LiveMigration } from '../live-migration.js'
import type { RemoteConsoles } from '../remote-consoles.js'
import type { VolumeStatistics } from '../volumes.js'
import { fakeConsoles } from './fake-consoles.js'
import { fakeDiagnostics, fakeInstanceDiagnostics } from './fake-diagnostics.js'
import { FakeInterfaces } from './fake-interfaces.js'
import { fakeLiveMigration } from './fake-live-migration.js'
import { FakeVolumes } from './fake-volumes.js'
import { type FakeGuest, FakeGuests } from './guests.js'

export interface FakeDriverDeps {
  readonly log: Logger
}

export interface FakeHostSize {
  readonly vcpus: number
  readonly memoryMb: number
  readonly localGb: number
}

export interface FakeDriverOptions {
  /** Default: as much as upstream's, enough for very many guests. */
  readonly size?: FakeHostSize
  /** Where guests are kept over a restart. Absent: they are gone with the process, as upstream's are. */
  readonly stateFile?: string
  /** A guest may migrate to the host it is on. Default false. */
  readonly toSameHost?: boolean
  /** `[DEFAULT] my_block_storage_ip`: the address that Cinder is told. */
  readonly blockStorageIp?: string
}

const defaultSize: FakeHostSize = { vcpus: 1000, memoryMb: 800_000, localGb: 600_000 }

/** Since nothing is read or written. */
const unused = { reads: 0, readBytes: 0, writes: 0, writeBytes: 0 }

const cpuInfo = JSON.stringify({
  arch: 'x86_64',
  model: 'Nehalem',
  vendor: 'Intel',
  features: ['pge', 'clflush'],
  topology: { cores: 1, threads: 1, sockets: 4 },
})

/**
 * A hypervisor whose guests are entries of a map. Node names, sizes, states and answers are those of upstream's, so
 * that a Python control plane sees no difference; among them that pausing and suspending leave the power state alone. A guest
 * that leaves for another host is off at its source, where upstream's goes on running.
 *
 * @see nova 26.2.2, `virt/fake.py`, `FakeDriver`
 */
export class FakeDriver implements VirtDriver {
  readonly name: string = 'fake.FakeDriver'
  readonly imageTypes: ReadonlySet<ImageType> = new Set(['raw'])
  readonly spawnFeatures: ReadonlySet<SpawnFeature> = new Set(['accelerators', 'device_tagging', 'remote_managed_ports', 'trusted_certs'])

  readonly pausing: Pausing = { pause: async () => {}, unpause: async () => {} }
  readonly suspending: Suspending = { suspend: async () => {}, resume: async () => {} }
  readonly console: ConsoleLog = { consoleOutput: async () => Buffer.from('FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE') }
  readonly diagnostics: GuestDiagnostics = {
    diagnostics: async () => fakeDiagnostics,
    instanceDiagnostics: async () => fakeInstanceDiagnostics(),
  }
  readonly adminPassword: AdminPassword = { setAdminPassword: async () => {} }
  readonly interfaceHotplug: InterfaceHotplug
  readonly liveMigration: LiveMigration = fakeLiveMigration({
    spawn: (guest) => this.#create(guest),
    destroy: (ctx, guest) => this.destroy(ctx, guest),
  })
  readonly vifPlugging: VifPlugging = { plugVifs: async () => {}, unplugVifs: async () => {} }
  readonly bootResuming: BootResuming = { resumeStateOnHostBoot: async () => {} }
  readonly softDeleting: SoftDeleting = { softDelete: async () => {}, restore: async () => {} }
  readonly resizing: Resizing
  readonly evacuating: Evacuating = { hasDisks: async () => false }
  readonly leftoverDisks: LeftoverDisks = {
    removeDisks: async (_ctx, { uuid }) => {
      if (await this.guestExists(uuid)) throw novaError('InstanceExists', { name: uuid })
    },
  }
  readonly snapshots: Snapshots = {
    snapshot: (_ctx, instance, _imageId, progress) => this.#snapshot(instance, progress),
  }
  /** The guest stays off while it is rescued. */
  readonly rescue: Rescue = {
    rescue: async () => {},
    unrescue: (_ctx, { uuid }) => this.#setPower(uuid, powerStates.running),
  }
  readonly remoteConsoles: RemoteConsoles = fakeConsoles
  readonly volumes: FakeVolumes
  readonly volumeStatistics: VolumeStatistics = {
    deviceUse: async () => unused,
    allUse: async (_ctx, guests) =>
      guests.flatMap(({ instance, volumes }) =>
        volumes.flatMap(({ volume_id: volumeId }) => (volumeId ? { ...unused, instance, volumeId } : [])),
      ),
  }
  readonly hostCpuMetering: HostCpuMetering = {
    hostCpuTimes: async () => ({
      kernel: 5_664_160_000_000,
      idle: 1_592_705_190_000_000,
      user: 26_728_850_000_000,
      iowait: 6_121_490_000_000,
      frequency: 800,
    }),
  }
  readonly quiescing: Quiescing = { quiesce: async () => {}, unquiesce: async () => {} }
  readonly crashDump: CrashDump = { triggerCrashDump: async () => {} }
  readonly stuckReboots: StuckReboots = { handle: async () => {} }
  readonly imageCache: ImageCache = { manage: async () => {} }
  readonly hostActions: HostActions = {
    powerAction: async (action) => action,
    maintenanceMode: async (_host, enabled) => (enabled ? 'on_maintenance' : 'off_maintenance'),
  }

  readonly #log: Logger
  readonly #size: FakeHostSize
  readonly #guests: FakeGuests
  #host = ''
  #nodes: readonly string[] = []

  constructor({ log }: FakeDriverDeps, options: FakeDriverOptions = {}) {
    const { size = defaultSize, stateFile, toSameHost = false, blockStorageIp = '127.0.0.1' } = options
    this.#log = log
    this.#size = size
    this.#guests = new FakeGuests(stateFile ?? null)
    this.interfaceHotplug = new FakeInterfaces(this.#guests)
    this.resizing = this.#resizing(toSameHost)
    this.volumes = new FakeVolumes({ ip: blockStorageIp, host: () => this.#host })
  }

  async initHost(host: string): Promise<void> {
    this.#host = host
    this.#nodes = [host === 'compute' ? 'fake-mini' : host]
    await this.#guests.load()
  }

  async cleanupHost(): Promise<void> {}

  /** Upstream's, whatever the host. */
  async hostIpAddress(): Promise<string> {
    return '192.168.0.1'
  }

  async availableNodes(): Promise<readonly string[]> {
    return this.#nodes
  }

  async availableResource(node: string): Promise<HostResources> {
    if (!this.#nodes.includes(node)) throw new VirtDriverError('unknown_node', `${node} is not a node of ${this.name}`)
    const guests = this.#guests.all
    return {
      ...this.#size,
      vcpusUsed: sum(guests, (guest) => guest.vcpus),
      memoryMbUsed: sum(guests, (guest) => guest.memoryMb),
      localGbUsed: sum(guests, (guest) => guest.rootGb),
      hypervisorType: 'fake',
      hypervisorVersion: 1000,
      hypervisorHostname: node,
      cpuInfo,
      diskAvailableLeast: 0,
      supportedInstances: [{ arch: 'x86_64', hvType: 'fake', vmMode: 'hvm' }],
    }
  }

  async listGuests(): Promise<readonly string[]> {
    return this.#guests.all.map(({ uuid }) => uuid)
  }

  async guestExists(instanceUuid: string): Promise<boolean> {
    return this.#guests.get(instanceUuid) !== undefined
  }

  async guestInfo(instanceUuid: string): Promise<GuestInfo> {
    return this.#guest(instanceUuid)
  }

  async spawn(_ctx: RequestContext, request: SpawnRequest, _signal: AbortSignal): Promise<void> {
    await this.#create(request, request.powerOn)
  }

  async destroy(_ctx: RequestContext, { instance }: GuestDevices): Promise<void> {
    if (!(await this.guestExists(instance.uuid))) this.#log.warning('There is no such guest to destroy', { instanceUuid: instance.uuid })
    await this.#guests.remove(instance.uuid)
  }

  async powerOn(_ctx: RequestContext, { instance }: GuestDevices): Promise<void> {
    await this.#setPower(instance.uuid, powerStates.running)
  }

  async powerOff(instance: Instance, _shutdown: ShutdownTiming): Promise<void> {
    await this.#setPower(instance.uuid, powerStates.shutdown)
  }

  /** A hard reboot of a guest that is gone makes it again, as libvirt's does. */
  async reboot(ctx: RequestContext, guest: GuestDevices, type: RebootType, _signal: AbortSignal): Promise<void> {
    if (type === 'HARD' && !(await this.guestExists(guest.instance.uuid))) await this.#create(guest)
    else await this.powerOn(ctx, guest)
  }

  #resizing(toSameHost: boolean): Resizing {
    return {
      toSameHost,
      migrateDiskAndPowerOff: async (_ctx, { instance }) => {
        await this.#setPower(instance.uuid, powerStates.shutdown)
        return null
      },
      finishMigration: (_ctx, guest, { powerOn }) => this.#create(guest, powerOn),
      confirmMigration: async (_ctx, { source_compute, dest_compute }, { instance }) => {
        if (source_compute !== dest_compute) await this.#guests.remove(instance.uuid)
      },
      finishRevertMigration: (_ctx, guest, { powerOn }) => this.#create(guest, powerOn),
    }
  }

  async #create({ instance, network }: Pick<GuestDevices, 'instance' | 'network'>, powerOn = true): Promise<void> {
    const { uuid, flavor } = instance
    const { vcpus, memory_mb, root_gb } = flavor
    const ports = network.flatMap(({ id }) => id ?? [])
    const powerState = powerOn ? powerStates.running : powerStates.shutdown
    await this.#guests.put({ uuid, powerState, vcpus, memoryMb: memory_mb, rootGb: root_gb, ports })
  }

  /** Nothing is uploaded: the image stays as Nova's API has made it. */
  async #snapshot({ uuid }: Instance, progress: SnapshotProgress): Promise<void> {
    if (this.#guests.get(uuid) === undefined) throw novaError('InstanceNotRunning', { instance_id: uuid })
    await progress('image_uploading')
  }

  async #setPower(instanceUuid: string, powerState: PowerState): Promise<void> {
    await this.#guests.put({ ...this.#guest(instanceUuid), powerState })
  }

  #guest(instanceUuid: string): FakeGuest {
    const guest = this.#guests.get(instanceUuid)
    if (guest === undefined) throw novaError('InstanceNotFound', { instance_id: instanceUuid })
    return guest
  }
}

function sum(guests: readonly FakeGuest[], part: (guest: FakeGuest) => number): number {
  return guests.reduce((total, guest) => total + part(guest), 0)
}
