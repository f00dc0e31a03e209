import { join } from 'node:path'
import type { Clients } from '@micronova/clients'
import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Serializer, Transport } from '@micronova/messaging'
import { adminContext, type RequestContext, type Stores } from '@micronova/model'
import { type NotificationSettings, silence } from '@micronova/notifications'
import {
  AUTOMATIC_LEVEL,
  AutomaticCap,
  type ComputeApi,
  type ComputeTaskApi,
  checkOldComputes,
  checkUpgradeLevels,
  createBaseApi,
  createComputeApi,
  createComputeTaskApi,
  createConductorApi,
  createConductorStores,
  createNovaSerializer,
  createSchedulerApi,
  createServerGroups,
  noUpgradeLevels,
  type SchedulerApi,
  type ServerGroups,
  type ServiceHooks,
  type StubTimeouts,
  serviceRecords,
  type UpgradeLevels,
} from '@micronova/rpcapi'
import { Service, type ServiceConfig, type ServiceIdentity, type StartSteps } from '@micronova/service'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import type { VirtDriver } from '@micronova/virt'
import { ComputeManager } from './compute-manager.js'
import { GlanceImages } from './image/glance-images.js'
import { NoImages } from './image/image-api.js'
import { computeNotifications, hostMetricsNotifications } from './instance-notifications.js'
import { JournalFile } from './journal/journal-file.js'
import { KeyedLocks } from './keyed-locks.js'
import { LiveMigrationQueue } from './live-migration/queue.js'
import { InstanceEvents } from './network/instance-events.js'
import type { NetworkApi } from './network/network-api.js'
import { NeutronNetworks } from './network/neutron/neutron-networks.js'
import type { NetworkSettings } from './network/options.js'
import { SimulatedNetworks } from './network/simulated-networks.js'
import type { ComputeSettings } from './options.js'
import type { ComputeParts } from './parts.js'
import { createPeriodicTasks, type PeriodicSection, SelfRequests, usageAudit } from './periodic/index.js'
import { type ComputePlacement, HostPlacement, NoPlacement, type PlacementSection } from './placement/index.js'
import { CpuMonitor } from './resource-tracker/cpu-monitor.js'
import type { ResourceSection } from './resource-tracker/options.js'
import { HostResourceTracker } from './resource-tracker/tracker.js'
import { SchedulerNotices } from './scheduler-notices.js'
import { Semaphore } from './semaphore.js'
import { StartSignal } from './start-signal.js'
import { CinderVolumes } from './volume/cinder-volumes.js'
import { NoVolumes } from './volume/volume-api.js'
import { Whereabouts } from './whereabouts.js'

export interface ComputeServiceDeps {
  /** Named `nova`. */
  readonly log: Logger
  readonly clock: Clock
  readonly random: Random
  /** Not closed here. */
  readonly transport: Transport
  readonly registry: ObjectRegistry
  readonly steps: StartSteps
  readonly driver: VirtDriver
  /** Default: `transport`. Not closed here. */
  readonly notificationTransport?: Transport
  /** The services beside Nova. Absent: a cloud without any. Not closed here. */
  readonly clients?: Clients
  /** Default: none. */
  readonly hooks?: ServiceHooks
}

export interface ComputeServiceOptions {
  readonly service: ServiceConfig
  readonly settings: ComputeSettings
  readonly periodic: PeriodicSection
  readonly resources: ResourceSection
  /** `[DEFAULT] my_ip`, for the compute node's record. */
  readonly hostIp: string
  readonly timeouts?: StubTimeouts
  /** Default: none, all peers are of this release. */
  readonly upgradeLevels?: UpgradeLevels
  /** Default: nothing is told. */
  readonly notifications?: NotificationSettings
  /** For the log. */
  readonly version: string
  /** Path or name of the program. Default `nova-compute`. */
  readonly program?: string
}

/** The clients of everything that a compute talks to. */
interface Peers {
  readonly serializer: Serializer<RequestContext>
  readonly stores: Stores
  readonly serverGroups: ServerGroups
  readonly conductor: ComputeTaskApi
  readonly scheduler: SchedulerApi
  readonly compute: ComputeApi
  /** Look again what the oldest compute understands. */
  forgetComputeCap(): void
  pingConductor(timeoutSeconds: number, signal: AbortSignal): Promise<unknown>
  readonly startSignal: StartSignal
}

/**
 * nova-compute as a library: everything made and joined, nothing started.
 *
 * @example
 * const compute = createComputeService(deps, options)
 * await compute.start(AbortSignal.timeout(60_000))
 * ...
 * await compute.stop(AbortSignal.timeout(60_000))
 */
export function createComputeService(deps: ComputeServiceDeps, options: ComputeServiceOptions): Service<ComputeManager> {
  const { log, clock, random, steps } = deps
  const newContext = () => adminContext({ clock, random })
  const peers = createPeers(deps, options, newContext)
  return Service.create<ComputeManager>(
    { config: options.service, program: options.program ?? 'nova-compute', version: options.version },
    {
      log: log.child('service'),
      clock,
      random,
      steps,
      conductor: { ping: peers.pingConductor },
      records: serviceRecords(peers.stores, newContext),
      async checks() {
        const lowest = await peers.stores.services.getMinimumVersion(newContext(), 'nova-compute')
        checkOldComputes(lowest, { scope: 'cell', log, ...options.settings.oldComputes })
      },
      managers: { 'nova.compute.manager.ComputeManager': (identity) => createManager(deps, options, peers, newContext, identity) },
      listen: ({ topic, host }, manager) => manager.listen(deps.transport, { topic, server: host }),
    },
  )
}

function createPeers(
  { transport, registry, log }: ComputeServiceDeps,
  { timeouts = {}, upgradeLevels: levels = noUpgradeLevels }: ComputeServiceOptions,
  newContext: () => RequestContext,
): Peers {
  checkUpgradeLevels(levels)
  const serializer: Serializer<RequestContext> = createNovaSerializer({
    registry,
    backport: (ctx, objinst, objectVersions) => conductorApi.objectBackportVersions(ctx, { objinst, objectVersions }),
  })
  const api = { transport, serializer }
  const startSignal = new StartSignal()
  const conductorApi = createConductorApi(api, { ...timeouts, upgradeLevel: levels.conductor, signal: () => startSignal.current })
  const base = createBaseApi('conductor', api, { ...timeouts, upgradeLevel: levels.baseapi })
  const stores = createConductorStores(conductorApi, registry)
  const automatic = new AutomaticCap({
    minimumComputeVersion: (ctx) => stores.services.getMinimumVersion(ctx, 'nova-compute'),
    log: log.child('compute.rpcapi'),
  })
  return {
    serializer,
    stores,
    serverGroups: createServerGroups(conductorApi, registry),
    conductor: createComputeTaskApi(api, timeouts),
    scheduler: createSchedulerApi(api, { ...timeouts, upgradeLevel: levels.scheduler }),
    compute: createComputeApi(api, { ...timeouts, upgradeLevel: levels.compute === AUTOMATIC_LEVEL ? automatic : levels.compute }),
    forgetComputeCap: () => automatic.forget(),
    pingConductor: (timeoutSeconds, signal) => base.ping(newContext(), { arg: '1.21 GigaWatts' }, { timeoutSeconds, signal }),
    startSignal,
  }
}

function createManager(
  deps: ComputeServiceDeps,
  options: ComputeServiceOptions,
  peers: Peers,
  newContext: () => RequestContext,
  { host }: ServiceIdentity,
): ComputeManager {
  const parts = createParts(deps, options, peers, newContext, host)
  const requests = new SelfRequests({ stores: peers.stores, compute: peers.compute })
  return new ComputeManager({
    parts,
    periodicTasks: createPeriodicTasks({
      ...parts,
      periodic: options.periodic,
      usageAudit: usageAudit(options.notifications ?? silence),
      requests,
      serviceDownTimeSeconds: options.service.service_down_time,
    }),
    steps: deps.steps,
    journalFile: new JournalFile({ log: deps.log.child('compute.journal') }, { path: journalPath(options.settings.statePath, host) }),
    serializer: peers.serializer,
    startSignal: peers.startSignal,
    forgetPeers: () => peers.forgetComputeCap(),
    ...(deps.hooks ? { hooks: deps.hooks } : {}),
  })
}

function createParts(
  deps: ComputeServiceDeps,
  { settings, resources, hostIp, notifications }: ComputeServiceOptions,
  { stores, serverGroups, conductor, scheduler, compute }: Peers,
  newContext: () => RequestContext,
  host: string,
): ComputeParts {
  const { log, clock, random, driver, clients, transport, notificationTransport = transport } = deps
  const managerLog = log.child('compute.manager')
  const trackerLog = log.child('compute.resource_tracker')
  const whereabouts = new Whereabouts(clock)
  const monitor = new CpuMonitor({ driver, clock, log: log.child('compute.monitors') }, resources.compute_monitors)
  const metricsTold = hostMetricsNotifications({ transport: notificationTransport, log: managerLog }, { host, hostIp }, notifications)
  return {
    host,
    settings,
    driver,
    stores,
    serverGroups,
    tracker: new HostResourceTracker({ stores, driver, monitor, metricsTold, log: trackerLog }, { host, hostIp, resources }),
    placement: createPlacement(deps, stores, { host, resources, section: settings.placement }),
    networks: createNetworks(deps, stores, settings.networks),
    events: new InstanceEvents({ clock, log: managerLog }),
    images: clients === undefined ? new NoImages() : new GlanceImages(clients.glance),
    volumes: clients === undefined ? new NoVolumes() : new CinderVolumes(clients.cinder),
    scheduler: new SchedulerNotices({ scheduler, log: managerLog }, { host, enabled: settings.trackInstanceChanges }),
    notifications: computeNotifications({ transport: notificationTransport, stores, clock, log: managerLog }, host, notifications),
    conductor,
    computes: compute,
    locks: new KeyedLocks(),
    buildSlots: new Semaphore(settings.maxConcurrentBuilds),
    snapshotSlots: new Semaphore(settings.maxConcurrentSnapshots),
    liveMigrations: new LiveMigrationQueue(settings.maxConcurrentLiveMigrations),
    whereabouts,
    here: whereabouts.of({ requestId: '-' }, 'nova-compute'),
    clock,
    random,
    log: managerLog,
    adminContext: newContext,
  }
}

function createPlacement(
  { clients, driver, clock, random, log }: ComputeServiceDeps,
  stores: Stores,
  options: { readonly host: string; readonly resources: ResourceSection; readonly section: PlacementSection },
): ComputePlacement {
  const placement = clients?.placement ?? null
  if (placement === null) return new NoPlacement()
  return new HostPlacement({ placement, stores, driver, clock, random, log: log.child('scheduler.client.report') }, options)
}

/** Neutron's, where it is configured. */
function createNetworks({ clients, clock, log }: ComputeServiceDeps, stores: Stores, settings: NetworkSettings): NetworkApi {
  const neutron = clients?.neutron ?? null
  if (neutron === null) {
    if (clients !== undefined) log.warning('[neutron] has no auth_type: networks are simulated, and no packet flows')
    return new SimulatedNetworks({ stores })
  }
  return new NeutronNetworks({ neutron, stores, clock, log: log.child('network.neutron') }, settings)
}

/** One journal a host, as several hosts may share a state folder in the all-in-one. */
export function journalPath(statePath: string, host: string): string {
  return join(statePath, 'journal', `${encodeURIComponent(host)}.jsonl`)
}
