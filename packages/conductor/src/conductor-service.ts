import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Transport } from '@micronova/messaging'
import { adminContext, type CellMapping, type CellStores, type Cells, RequestSpec, type Stores } from '@micronova/model'
import {
  AggregateNotifications,
  ComputeTaskNotifications,
  type FailedTask,
  NotificationEmitter,
  type NotificationSettings,
  ServiceNotifications,
  StateUpdates,
  type StateUpdatesDeps,
  type StateUpdatesOptions,
  silence,
} from '@micronova/notifications'
import { checkOldComputes, contextOnlySerializer, createNovaSerializer, type ServiceHooks, serviceRecords } from '@micronova/rpcapi'
import { Service, type ServiceConfig, type ServiceIdentity, StartSteps } from '@micronova/service'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import { createTaskDeps, oldestCompute, type TaskOptions, type TaskParts } from './compute-task/create-task-deps.js'
import { ConductorManager, type ConductorManagerDeps } from './conductor-manager.js'
import { tellingInstances } from './telling-instances.js'
import { tellingServices } from './telling-services.js'
import { tellingRebuilds, tellingSteps } from './telling-steps.js'

export interface ConductorServiceDeps {
  readonly transport: Transport
  readonly stores: Stores
  readonly registry: ObjectRegistry
  /** A logger by its dotted name. */
  getLogger(name: string): Logger
  readonly clock: Clock
  readonly random: Random
  /** Default: steps that are only logged. */
  readonly steps?: StartSteps
  /** Default: `transport`. Not closed here. */
  readonly notificationTransport?: Transport
  /** Of the deployment, as far as it is known. Default: none. */
  readonly cells?: readonly CellMapping[]
  /** What is needed to orchestrate: see `ConductorServiceOptions.tasks`. `stores` of it are those above. */
  readonly tasks?: TaskParts
  /** Default: none. */
  readonly hooks?: ServiceHooks
}

export interface ConductorServiceOptions {
  readonly config: ServiceConfig
  /** Of this program, for the log. */
  readonly version: string
  /** Default: nothing is told. */
  readonly notifications?: NotificationSettings
  /** Default: the option `host`. */
  readonly host?: string
  /** Needed with `tasks` of the deps. */
  readonly tasks?: TaskOptions & {
    /** `[workarounds] disable_compute_service_check_for_ffu`: computes that are too old are only warned of. */
    readonly allowOldComputes: boolean
  }
}

/**
 * nova-conductor as a library: one worker, to be started and stopped. Transport and stores stay the caller's to close.
 * Several workers are several of these, each in a process of its own; they share the queue `conductor`.
 */
export function createConductorService(deps: ConductorServiceDeps, options: ConductorServiceOptions): Service<ConductorManager> {
  const { clock, random, registry, transport } = deps
  const log = deps.getLogger('nova.service')
  const serializer = createNovaSerializer({ registry })
  const createManager = ({ host }: ServiceIdentity) => new ConductorManager(managerDeps(deps, options, host))
  return Service.create(
    { ...options, program: 'nova-conductor' },
    {
      log,
      clock,
      random,
      steps: deps.steps ?? new StartSteps({ log, clock }),
      conductor: null,
      records: serviceRecords(teller(deps, options, '')(deps.stores), () => adminContext(deps)),
      managers: { 'nova.conductor.manager.ConductorManager': createManager },
      listen: ({ topic, host }, manager) => transport.server({ topic, server: host }, manager.endpoints, { serializer }),
    },
  )
}

function managerDeps(deps: ConductorServiceDeps, options: ConductorServiceOptions, host: string): ConductorManagerDeps {
  const { registry, stores, cells, tasks, hooks } = deps
  const log = deps.getLogger('nova.conductor.manager')
  const telling = teller(deps, options, host)
  const common = { registry, host, log, ...(cells ? { cells } : {}), ...(hooks ? { hooks } : {}) }
  if (tasks === undefined || options.tasks === undefined) return { ...common, stores: telling(stores) }
  const own = telling(tasks.stores)
  const above = tasks.above === null ? null : { ...tasks.above, cells: tellingCells(tasks.above.cells, telling) }
  const onFailure = tasks.onFailure ?? failureTeller(deps, options, host)
  const cachingObserver = tasks.cachingObserver ?? new AggregateNotifications(notifying(deps, options), { host })
  const told = { ...notifying(deps, options), clock: deps.clock, host }
  const onRebuildScheduled = tasks.onRebuildScheduled ?? tellingRebuilds(told)
  const onStep = tasks.onStep ?? tellingSteps(told)
  const parts = { ...tasks, stores: own, above, onFailure, cachingObserver, onRebuildScheduled, onStep }
  const taskDeps = createTaskDeps({ ...deps, log, host }, parts, options.tasks)
  const { allowOldComputes: warnOnly } = options.tasks
  return {
    ...common,
    stores: own,
    api: above?.api ?? null,
    tasks: taskDeps,
    async check() {
      const lowest = await oldestCompute(adminContext(deps), own, above?.cells ?? null)
      checkOldComputes(lowest, { scope: above === null ? 'cell' : 'system', warnOnly, log })
    },
  }
}

function notifying(deps: ConductorServiceDeps, options: ConductorServiceOptions) {
  const settings = options.notifications ?? silence
  const { transport, notificationTransport = transport } = deps
  const emitter = new NotificationEmitter({ transport: notificationTransport, serializer: contextOnlySerializer }, settings)
  return { emitter, settings, log: deps.getLogger('nova.notifications') }
}

/** Tells others of the tasks that fail. */
function failureTeller(deps: ConductorServiceDeps, options: ConductorServiceOptions, host: string): NonNullable<TaskParts['onFailure']> {
  const notifications = new ComputeTaskNotifications(notifying(deps, options), { host })
  return (ctx, { instanceUuid, method, vmState, error: failure, requestSpec }) =>
    notifications.failed(ctx, {
      instanceUuid,
      method: method as FailedTask['method'],
      vmState,
      failure,
      requestSpec: requestSpec instanceof RequestSpec ? requestSpec : null,
    })
}

/** Makes stores of which changes are told to others. */
function teller(deps: ConductorServiceDeps, options: ConductorServiceOptions, host: string): <S extends Stores>(stores: S) => S {
  const { emitter, settings, log } = notifying(deps, options)
  const notifications = new ServiceNotifications({ emitter, log })
  return (stores) => ({
    ...stores,
    services: tellingServices(stores.services, notifications),
    instances: tellingInstances(stores.instances, stateUpdates({ ...deps, stores }, emitter, log, { ...settings, host })),
  })
}

/** Instances of every cell are told of. */
function tellingCells(cells: Cells, telling: (stores: CellStores) => CellStores): Cells {
  return {
    list: (ctx) => cells.list(ctx),
    byUuid: (ctx, uuid) => cells.byUuid(ctx, uuid),
    stores: async (cell) => telling(await cells.stores(cell)),
    refresh: () => cells.refresh(),
  }
}

function stateUpdates(
  { stores, clock }: ConductorServiceDeps,
  emitter: NotificationEmitter,
  log: Logger,
  options: StateUpdatesOptions,
): StateUpdates {
  const load: StateUpdatesDeps['load'] = (ctx, instance, attributes) => stores.instances.load(ctx, instance, attributes)
  return new StateUpdates({ emitter, clock, log, load }, options)
}
