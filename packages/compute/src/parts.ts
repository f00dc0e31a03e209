import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { RequestContext, Stores } from '@micronova/model'
import type { InstanceNotifications } from '@micronova/notifications'
import type { ComputeApi, ComputeTaskApi, ServerGroups } from '@micronova/rpcapi'
import type { VirtDriver } from '@micronova/virt'
import type { ImageApi } from './image/image-api.js'
import type { KeyedLocks } from './keyed-locks.js'
import type { LiveMigrationQueue } from './live-migration/queue.js'
import type { InstanceEvents } from './network/instance-events.js'
import type { NetworkApi } from './network/network-api.js'
import type { ComputeSettings } from './options.js'
import type { ComputePlacement } from './placement/index.js'
import type { ResourceTracker } from './resource-tracker/index.js'
import type { SchedulerNotices } from './scheduler-notices.js'
import type { Semaphore } from './semaphore.js'
import type { VolumeApi } from './volume/volume-api.js'
import type { Whereabout, Whereabouts } from './whereabouts.js'

/**
 * What operations, periodic tasks and start-up work with; made once by `createComputeService`.
 * Each of them asks for the parts that it needs (`Pick<ComputeParts, ...>`), and gets all.
 */
export interface ComputeParts {
  /** This host's name in the cloud: `[DEFAULT] host`. */
  readonly host: string
  readonly settings: ComputeSettings
  readonly driver: VirtDriver
  /** Conductor over RPC. */
  readonly stores: Stores
  /** Conductor over RPC, too. */
  readonly serverGroups: ServerGroups
  readonly tracker: ResourceTracker
  readonly placement: ComputePlacement
  readonly networks: NetworkApi
  /** What other services tell about instances, for those who wait for it. */
  readonly events: InstanceEvents
  readonly images: ImageApi
  readonly volumes: VolumeApi
  readonly scheduler: SchedulerNotices
  /** Tells others what happens to instances. */
  readonly notifications: InstanceNotifications
  /** Who finds another host for an instance that cannot stay, or become, here. */
  readonly conductor: ComputeTaskApi
  /** The other computes, and this one over the queue. */
  readonly computes: ComputeApi
  /** By instance uuid. */
  readonly locks: KeyedLocks
  /** `max_concurrent_builds`. */
  readonly buildSlots: Semaphore
  /** `max_concurrent_snapshots`. */
  readonly snapshotSlots: Semaphore
  /** Live migrations away from this host: `max_concurrent_live_migrations`. */
  readonly liveMigrations: LiveMigrationQueue
  readonly whereabouts: Whereabouts
  /** That of the operation which has these parts; of no operation, that of the service itself. */
  readonly here: Whereabout
  readonly clock: Clock
  readonly random: Random
  /** `nova.compute.manager`. */
  readonly log: Logger
  /** A new one for work that nobody asked for. */
  adminContext(): RequestContext
}
