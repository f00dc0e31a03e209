import assert from 'node:assert/strict'
import type { Clock } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import {
  adminContext,
  BlockDeviceMapping,
  BlockDeviceMappingList,
  ComputeNode,
  Flavor,
  Instance,
  InstanceInfoCache,
  NetworkRequest,
  NetworkRequestList,
  type RequestContext,
  type Stores,
} from '@micronova/model'
import { type InstanceNotifications, type NotificationSettings, silence } from '@micronova/notifications'
import {
  type ComputeApi,
  type ComputeTaskApi,
  computeContract,
  computeTaskContract,
  FakeStores,
  type RpcContract,
  type ServerGroups,
} from '@micronova/rpcapi'
import { FakeClock, temporaryFolder } from '@micronova/testing'
import type { JsonObject } from '@micronova/versionedobjects'
import { FakeDriver, type VirtDriver } from '@micronova/virt'
import type { ImageApi } from '../../src/image/image-api.js'
import { computeNotifications } from '../../src/instance-notifications.js'
import { KeyedLocks } from '../../src/keyed-locks.js'
import { LiveMigrationQueue } from '../../src/live-migration/queue.js'
import { InstanceEvents } from '../../src/network/instance-events.js'
import { SimulatedNetworks } from '../../src/network/simulated-networks.js'
import type { ComputeSettings } from '../../src/options.js'
import type { ComputeParts } from '../../src/parts.js'
import type { ComputePlacement } from '../../src/placement/index.js'
import { NoPlacement } from '../../src/placement/index.js'
import type { MoveClaims, ResourceTracker } from '../../src/resource-tracker/index.js'
import { HostMoveClaims } from '../../src/resource-tracker/move-claims.js'
import { NodeAccount } from '../../src/resource-tracker/node-account.js'
import type { TrackedNode } from '../../src/resource-tracker/tracked-node.js'
import { VolumeBacked } from '../../src/resource-tracker/volume-backed.js'
import { SchedulerNotices } from '../../src/scheduler-notices.js'
import { Semaphore } from '../../src/semaphore.js'
import { NoVolumes, type VolumeApi } from '../../src/volume/volume-api.js'
import { Whereabouts } from '../../src/whereabouts.js'
import { FakeImages } from './fake-images.js'
import { recordingStores, type StoreCall } from './recording-stores.js'

export { temporaryFolder }
export const forever: AbortSignal = new AbortController().signal
export const host = 'compute1'

export const settings: ComputeSettings = {
  statePath: '/nowhere',
  maxConcurrentBuilds: 10,
  maxConcurrentSnapshots: 5,
  maxConcurrentLiveMigrations: 1,
  vifPluggingTimeoutSeconds: 300,
  vifPluggingIsFatal: true,
  liveMigrationWaitsForPlugs: true,
  checksGroupPolicy: true,
  resumeGuestsOnHostBoot: false,
  accessIpNetworkName: null,
  shutdownTimeoutSeconds: 60,
  shutdownRetryIntervalSeconds: 10,
  maxDiskDevices: -1,
  countFailedBuilds: true,
  trackInstanceChanges: true,
  placement: { resource_provider_association_refresh: 300, image_type_exclude_list: [], provider_config_location: '/nowhere' },
  consoles: {
    proxyUrls: { vnc: 'http://127.0.0.1:6080/vnc_auto.html', spice: null, rdp: null, mks: null, serial: null },
    tokenTtlSeconds: 600,
  },
  deletesAreDeferred: false,
  shelvedOffloadSeconds: 0,
  imageCacheIntervalSeconds: 2400,
  volumes: { crossZoneAttach: true, allocateRetries: 60, allocateIntervalSeconds: 3, reimageSecondsPerGb: 20, usagePollSeconds: 0 },
  networks: { allocateRetries: 0, ovsBridge: 'br-int', injected: false },
  oldComputes: { warnOnly: false },
}

/** Something that was sent to a peer. */
export interface Sent {
  readonly method: string
  readonly args: Readonly<Record<string, unknown>>
}

const noServerGroups: ServerGroups = {
  ofInstance: async () => null,
  byHint: async () => null,
  byUuid: () => assert.fail('there is no server group'),
  hosts: async () => [],
}

let lastUuid = 0
/** Uuids that count up: predictable, and different in one process. */
export function nextUuid(): string {
  return `00000000-0000-4000-8000-${String(++lastUuid).padStart(12, '0')}`
}
export const countingRandom = { next: () => 0, uuid: nextUuid, hex: (bytes: number) => String(++lastUuid).padStart(bytes * 2, '0') }

export interface FixtureOptions {
  /** Default `compute1`. */
  readonly host?: string
  readonly driver?: VirtDriver
  readonly settings?: Partial<ComputeSettings>
  readonly clock?: Clock
  readonly stores?: Stores
  readonly tracker?: ResourceTracker
  readonly images?: ImageApi
  readonly volumes?: VolumeApi
  readonly placement?: ComputePlacement
  /** Default: there are none. */
  readonly serverGroups?: ServerGroups
  /** Makes a call of a store reject with what it returns. */
  fail?(call: StoreCall): unknown
  /** What a peer answers to a request of the conductor's or the computes' API; it may reject. Default: nothing. */
  answer?(method: string, args: Readonly<Record<string, unknown>>): unknown
  /** Gets what is told of instances, in both forms. Default: nothing is told. */
  told?(event: string, payload: JsonObject): void
  /** Other computes that are really there. */
  readonly computes?: ComputeApi
}

/** The parts of a compute over stores in memory, and everything that they did. */
export interface Fixture {
  readonly parts: ComputeParts
  readonly stores: Stores
  /** Calls of the stores and claims, in order. */
  readonly calls: StoreCall[]
  /** Casts to conductor and schedulers, in order. */
  readonly sent: Sent[]
  readonly ctx: RequestContext
}

export function computeFixture(options: FixtureOptions = {}): Fixture {
  const clock = options.clock ?? new FakeClock()
  const ownHost = options.host ?? host
  const ctx = adminContext({ clock, random: countingRandom }, { projectId: 'project1', userId: 'user1', roles: ['member', 'reader'] })
  const calls: StoreCall[] = []
  const sent: Sent[] = []
  const stores = options.stores ?? new FakeStores({ clock, random: countingRandom })
  const recorded = recordingStores(stores, calls, options.fail)
  const send = (method: string) => async (_ctx: RequestContext, args: object) => {
    sent.push({ method, args: { ...args } })
    calls.push({ method: `cast ${method}`, changes: {}, args: [] })
    return (await options.answer?.(method, { ...args })) as undefined
  }
  const whereabouts = new Whereabouts(clock)
  const parts: ComputeParts = {
    host: ownHost,
    settings: { ...settings, ...options.settings },
    driver: options.driver ?? new FakeDriver({ log: nullLogger }),
    stores: recorded,
    serverGroups: options.serverGroups ?? noServerGroups,
    tracker: options.tracker ?? new HostTracker(recorded, calls, ownHost),
    placement: options.placement ?? new NoPlacement(),
    networks: new SimulatedNetworks({ stores: recorded }),
    events: new InstanceEvents({ clock, log: nullLogger }),
    images: options.images ?? new FakeImages(),
    volumes: options.volumes ?? new NoVolumes(),
    scheduler: new SchedulerNotices(
      {
        scheduler: {
          updateInstanceInfo: send('update_instance_info'),
          deleteInstanceInfo: send('delete_instance_info'),
          syncInstanceInfo: send('sync_instance_info'),
        },
        log: nullLogger,
      },
      { host: ownHost, enabled: options.settings?.trackInstanceChanges ?? true },
    ),
    notifications: recordedNotifications(options, { stores: recorded, clock }),
    conductor: peerStubs<ComputeTaskApi>(computeTaskContract, send),
    computes: options.computes ?? peerStubs<ComputeApi>(computeContract, send),
    whereabouts,
    here: whereabouts.of({ requestId: '-' }, 'nova-compute'),
    locks: new KeyedLocks(),
    buildSlots: new Semaphore(options.settings?.maxConcurrentBuilds ?? 10),
    snapshotSlots: new Semaphore(options.settings?.maxConcurrentSnapshots ?? 5),
    liveMigrations: new LiveMigrationQueue(options.settings?.maxConcurrentLiveMigrations ?? 1),
    clock,
    random: countingRandom,
    log: nullLogger,
    adminContext: () => adminContext({ clock, random: countingRandom }),
  }
  return { parts, stores, calls, sent, ctx }
}

function recordedNotifications({ told }: FixtureOptions, deps: { readonly stores: Stores; readonly clock: Clock }): InstanceNotifications {
  const settings: NotificationSettings =
    told === undefined ? silence : { ...silence, drivers: ['messagingv2'], format: 'both', auditPeriod: 'hour' }
  const notify = async (_ctx: unknown, _priority: unknown, event: string, payload: unknown) => told?.(event, payload as JsonObject)
  return computeNotifications({ transport: { notifier: () => ({ notify }) }, ...deps, log: nullLogger }, host, settings)
}

/** A function for each method of a contract, as the stubs have. */
function peerStubs<A>({ methods }: RpcContract, send: (method: string) => unknown): A {
  const camelCase = (name: string) => name.replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase())
  return Object.fromEntries(Object.keys(methods).map((name) => [camelCase(name), send(name)])) as A
}

/** For tests that only read what an operation declares. */
export function operationParts(): ComputeParts {
  return computeFixture().parts
}

/** A tracker that grants everything and writes what the real one writes about an instance. */
class HostTracker implements ResourceTracker {
  readonly nodes = new Map()
  readonly moves: MoveClaims
  readonly #stores: Stores
  readonly #calls: StoreCall[]
  readonly #host: string

  constructor(stores: Stores, calls: StoreCall[], host: string) {
    this.#stores = stores
    this.#calls = calls
    this.#host = host
    const node: TrackedNode = {
      name: host,
      record: new ComputeNode(),
      account: new NodeAccount({ memoryMb: 0, vcpus: 0, diskGb: 0 }),
      volumeBacked: new VolumeBacked(stores.blockDeviceMappings),
      migrations: new Set(),
      metrics: '[]',
    }
    this.moves = new HostMoveClaims(
      {
        stores,
        alone: new Semaphore(1),
        destinationAddress: async () => '192.168.0.1',
        node: () => node,
        grant: () => node,
        write: async () => this.#note('write'),
      },
      { host },
    )
  }

  async instanceClaim(ctx: RequestContext, instance: Instance, node: string) {
    await this.#move(ctx, instance, this.#host, node)
    let isHeld = true
    return {
      abort: async (abortCtx: RequestContext) => {
        if (isHeld) await this.#move(abortCtx, instance, null, null)
        isHeld = false
      },
    }
  }

  async #move(ctx: RequestContext, instance: Instance, toHost: string | null, node: string | null): Promise<void> {
    const before = instance.host
    instance.host = toHost
    instance.node = node
    if (toHost !== null) instance.launched_on = toHost
    try {
      await this.#stores.instances.save(ctx, instance)
    } catch (err) {
      instance.objSetStored({ host: before, node: before })
      instance.objResetChanges(['host', 'node'])
      throw err
    }
  }

  async updateUsage() {
    this.#note('updateUsage')
  }
  async updateAvailableResource() {
    this.#note('updateAvailableResource')
  }
  isKnownConsumer() {
    return true
  }
  removeNode() {
    this.#note('removeNode')
  }
  buildFailed() {
    this.#note('buildFailed')
  }
  buildSucceeded() {
    this.#note('buildSucceeded')
  }
  #note(method: string): void {
    this.#calls.push({ method: `tracker.${method}`, changes: {}, args: [] })
  }
}

export const smallFlavor = Flavor.objStored({
  id: 1,
  name: 'm1.tiny',
  flavorid: '1',
  memory_mb: 512,
  vcpus: 1,
  root_gb: 1,
  ephemeral_gb: 0,
  swap: 0,
  rxtx_factor: 1,
  vcpu_weight: 0,
  disabled: false,
  is_public: true,
  extra_specs: {},
  projects: [],
  description: null,
})

type InstanceValues = ConstructorParameters<typeof Instance>[0]

/** An instance as the API and the conductor leave it before a build: in the stores, and returned as a message would bring it. */
export async function storedInstance(fixture: Pick<Fixture, 'stores' | 'ctx'>, values: InstanceValues = {}): Promise<Instance> {
  const uuid = nextUuid()
  const instance = new Instance({
    uuid,
    user_id: 'user1',
    project_id: 'project1',
    image_ref: nextUuid(),
    vm_state: 'building',
    task_state: 'scheduling',
    power_state: 0,
    memory_mb: 512,
    vcpus: 1,
    root_gb: 1,
    host: null,
    node: null,
    display_name: 'vm1',
    metadata: {},
    system_metadata: { image_disk_format: 'raw' },
    info_cache: new InstanceInfoCache({ instance_uuid: uuid, network_info: [] }),
    flavor: smallFlavor.objClone(),
    ...values,
  })
  await fixture.stores.instances.create(fixture.ctx, instance)
  return currentInstance(fixture, uuid)
}

/** What the stores hold of it now. */
export function currentInstance({ stores, ctx }: Pick<Fixture, 'stores' | 'ctx'>, uuid: string): Promise<Instance> {
  const attributes = ['metadata', 'system_metadata', 'info_cache', 'security_groups', 'flavor', 'numa_topology'] as const
  return stores.instances.getByUuid({ ...ctx, readDeleted: 'yes' }, uuid, attributes)
}

/** An instance that was built on this host, with its guest. */
export async function runningInstance(fixture: Fixture, values: InstanceValues = {}): Promise<Instance> {
  const instance = await storedInstance(fixture, { vm_state: 'active', task_state: null, power_state: 1, host, node: host, ...values })
  await fixture.parts.driver.spawn(
    fixture.ctx,
    { instance, network: [], blockDevices: [], image: {}, injectedFiles: [], adminPassword: null },
    forever,
  )
  return instance
}

/** The block device mapping of a guest with a local root disk, as the API makes it. */
export async function rootDisk({ stores, ctx }: Pick<Fixture, 'stores' | 'ctx'>, instance: Instance): Promise<BlockDeviceMappingList> {
  const mapping = new BlockDeviceMapping({
    uuid: nextUuid(),
    instance_uuid: instance.uuid,
    source_type: 'image',
    destination_type: 'local',
    device_type: 'disk',
    boot_index: 0,
    delete_on_termination: true,
    image_id: instance.image_ref,
    device_name: null,
    volume_id: null,
    tag: null,
    no_device: false,
  })
  await stores.blockDeviceMappings.create(ctx, mapping)
  return new BlockDeviceMappingList({ objects: [mapping] })
}

export function requestedNetworks(...networkIds: string[]): NetworkRequestList {
  const objects = networkIds.map((id) => new NetworkRequest({ network_id: id, address: null, port_id: null, tag: null }))
  return new NetworkRequestList({ objects })
}

/** The arguments of a `build_and_run_instance` message. */
export async function buildArguments(
  fixture: Pick<Fixture, 'stores' | 'ctx'>,
  instance: Instance,
  changes: Readonly<Record<string, unknown>> = {},
): Promise<Readonly<Record<string, unknown>>> {
  return {
    instance,
    image: { name: 'img1', disk_format: 'raw' },
    request_spec: null,
    filter_properties: { limits: {}, retry: { num_attempts: 1, hosts: [[host, host]] } },
    accel_uuids: [],
    admin_password: 'secret',
    injected_files: [],
    requested_networks: requestedNetworks('41a80805-e88a-406c-bd3b-484a882f0439'),
    security_groups: ['default'],
    block_device_mapping: await rootDisk(fixture, instance),
    node: host,
    limits: {},
    host_list: [],
    ...changes,
  }
}

/** What an operation that fails while it is recorded has left: faults, and the results of events. */
export function tablesOf(stores: Stores): FakeStores['tables'] {
  if (!(stores instanceof FakeStores)) throw new Error('not in memory')
  return stores.tables
}
