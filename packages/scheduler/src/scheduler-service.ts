import type { Transport } from '@micronova/messaging'
import { adminContext, type Stores } from '@micronova/model'
import { NotificationEmitter, type NotificationSettings, SchedulerNotifications, silence } from '@micronova/notifications'
import { contextOnlySerializer, createConductorApi, createNovaSerializer, type ServiceHooks, serviceRecords } from '@micronova/rpcapi'
import { Service, type ServiceConfig, type ServiceIdentity, StartSteps } from '@micronova/service'
import { Scheduler, type SchedulerDeps, type SchedulerOptions } from './scheduler.js'
import { SchedulerManager } from './scheduler-manager.js'

export interface SchedulerServiceDeps extends SchedulerDeps {
  readonly transport: Transport
  /** Default: `transport`. Not closed here. */
  readonly notificationTransport?: Transport
  /** Of the database `[database]` of this service: its own record is kept there. */
  readonly services: Stores['services']
  /** Default: steps that are only logged. */
  readonly steps?: StartSteps
  /** Default: none. */
  readonly hooks?: ServiceHooks
}

export interface SchedulerServiceOptions {
  readonly config: ServiceConfig
  readonly scheduling: SchedulerOptions
  /** Default: nothing is told. */
  readonly notifications?: NotificationSettings
  /** Of this program, for the log. */
  readonly version: string
  /** `[upgrade_levels] conductor`, for asking it for older objects. Default: none. */
  readonly conductorLevel?: string | null
  /** Default: the option `host`. */
  readonly host?: string
}

/**
 * nova-scheduler as a library: one worker, to be started and stopped. Transport, databases and clients stay the caller's to close.
 *
 * @throws NovaError `SchedulerHostFilterNotFound`, UnknownWeigher: a filter or a weigher that is configured and does not exist
 */
export function createSchedulerService(deps: SchedulerServiceDeps, options: SchedulerServiceOptions): Service<SchedulerManager> {
  const { clock, random, registry, transport, api } = deps
  const log = deps.getLogger('nova.service')
  const conductor = createConductorApi(
    { transport, serializer: createNovaSerializer({ registry }) },
    { upgradeLevel: options.conductorLevel ?? null },
  )
  const serializer = createNovaSerializer({
    registry,
    backport: (ctx, objinst, objectVersions) => conductor.objectBackportVersions(ctx, { objinst, objectVersions }),
  })
  const scheduler = new Scheduler(deps, options.scheduling)
  const interval = () => options.scheduling.scheduler.discover_hosts_in_cells_interval
  const emitter = new NotificationEmitter(
    { transport: deps.notificationTransport ?? transport, serializer: contextOnlySerializer },
    options.notifications ?? silence,
  )
  const createManager = ({ host }: ServiceIdentity) =>
    new SchedulerManager(
      {
        scheduler,
        notifications: new SchedulerNotifications({ emitter, log }, { host }),
        hostMappings: api.hostMappings,
        clock,
        random,
        log: deps.getLogger('nova.scheduler.manager'),
        ...(deps.hooks ? { hooks: deps.hooks } : {}),
      },
      { discoverHostsIntervalSeconds: interval },
    )
  return Service.create(
    { ...options, program: 'nova-scheduler' },
    {
      log,
      clock,
      random,
      steps: deps.steps ?? new StartSteps({ log, clock }),
      conductor: null,
      records: serviceRecords({ services: deps.services }, () => adminContext(deps)),
      managers: { 'nova.scheduler.manager.SchedulerManager': createManager },
      listen: ({ topic, host }, manager) => transport.server({ topic, server: host }, manager.endpoints, { serializer }),
    },
  )
}
