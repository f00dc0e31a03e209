import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Endpoint } from '@micronova/messaging'
import { type ApiStores, adminContext, type RequestContext } from '@micronova/model'
import type { SchedulerNotifications } from '@micronova/notifications'
import { baseEndpoint, noHooks, type ServiceHooks } from '@micronova/rpcapi'
import type { Manager, PeriodicTask } from '@micronova/service'
import { discoverHostsTask } from './periodic/discover-hosts.js'
import type { Scheduler } from './scheduler.js'
import { schedulerEndpoint } from './scheduler-endpoint.js'

export interface SchedulerManagerDeps {
  readonly scheduler: Scheduler
  readonly notifications: SchedulerNotifications
  readonly hostMappings: Pick<ApiStores['hostMappings'], 'getByHost' | 'create'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Default: none. */
  readonly hooks?: ServiceHooks
}

export interface SchedulerManagerOptions {
  /** `[scheduler] discover_hosts_in_cells_interval`, read before each run. */
  discoverHostsIntervalSeconds(): number
}

/** What nova-scheduler does between its start and its end. Workers share the queue `scheduler`; each hears what is told to all. */
export class SchedulerManager implements Manager {
  readonly serviceName = 'scheduler'
  readonly periodicTasks: readonly PeriodicTask[]
  /** For the RPC server of the topic `scheduler`. */
  readonly endpoints: readonly Endpoint<RequestContext>[]
  readonly #deps: SchedulerManagerDeps
  readonly #halt = new AbortController()
  #loading: Promise<void> = Promise.resolve()

  constructor(deps: SchedulerManagerDeps, { discoverHostsIntervalSeconds }: SchedulerManagerOptions) {
    this.#deps = deps
    const { scheduler, notifications, hostMappings, log, hooks = noHooks } = deps
    this.endpoints = hooks.wrapEndpoints([schedulerEndpoint(scheduler, notifications), baseEndpoint(this.serviceName, hooks.backdoorPort)])
    const context = () => adminContext(deps)
    const discover = { directory: scheduler.hosts.directory, hostMappings, log, context }
    this.periodicTasks = hooks.wrapPeriodicTasks([discoverHostsTask(discover, discoverHostsIntervalSeconds)])
  }

  async initHost(): Promise<void> {
    await this.#deps.scheduler.hosts.loadAggregates(adminContext(this.#deps))
  }

  async preStartHook(): Promise<void> {}

  /** The instances of thousands of hosts are not waited for: until they are there the database is asked. */
  async postStartHook(): Promise<void> {
    const { scheduler, log } = this.#deps
    this.#loading = scheduler.hosts.loadInstances(adminContext(this.#deps), this.#halt.signal).catch((err) => {
      log.warning('The instances of the hosts could not be read: the database is asked for them until the hosts tell', { err })
    })
  }

  /** SIGHUP: cells and aggregates are read again, so that what came, went or was disabled counts from now on. */
  async reset(): Promise<void> {
    this.#deps.scheduler.hosts.directory.refresh()
    await this.#deps.scheduler.hosts.loadAggregates(adminContext(this.#deps))
  }

  async cleanupHost(): Promise<void> {
    this.#halt.abort()
    await this.#loading
  }
}
