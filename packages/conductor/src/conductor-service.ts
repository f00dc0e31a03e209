import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Transport } from '@micronova/messaging'
import { adminContext, type CellMapping, Service as ServiceObject, type Stores } from '@micronova/model'
import {
  NotificationEmitter,
  type NotificationSettings,
  ServiceNotifications,
  StateUpdates,
  type StateUpdatesDeps,
  type StateUpdatesOptions,
  silence,
} from '@micronova/notifications'
import { contextOnlySerializer, createNovaSerializer } from '@micronova/rpcapi'
import { Service, type ServiceConfig, type ServiceIdentity, type ServiceRecord, type ServiceRecords, StartSteps } from '@micronova/service'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import { ConductorManager } from './conductor-manager.js'
import { tellingInstances } from './telling-instances.js'
import { tellingServices } from './telling-services.js'

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
}

export interface ConductorServiceOptions {
  readonly config: ServiceConfig
  /** Of this program, for the log. */
  readonly version: string
  /** Default: nothing is told. */
  readonly notifications?: NotificationSettings
  /** Default: the option `host`. */
  readonly host?: string
}

/**
 * nova-conductor as a library: one worker, to be started and stopped. Transport and stores stay the caller's to close.
 * Several workers are several of these, each in a process of its own; they share the queue `conductor`.
 */
export function createConductorService(deps: ConductorServiceDeps, options: ConductorServiceOptions): Service<ConductorManager> {
  const { clock, random, registry, stores, transport, cells } = deps
  const log = deps.getLogger('nova.service')
  const serializer = createNovaSerializer({ registry })
  const settings = options.notifications ?? silence
  const notificationLog = deps.getLogger('nova.notifications')
  const emitter = new NotificationEmitter(
    { transport: deps.notificationTransport ?? transport, serializer: contextOnlySerializer },
    settings,
  )
  const services = tellingServices(stores.services, new ServiceNotifications({ emitter, log: notificationLog }))
  const told = (host: string) => tellingInstances(stores.instances, stateUpdates(deps, emitter, notificationLog, { ...settings, host }))
  const createManager = ({ host }: ServiceIdentity) =>
    new ConductorManager({
      stores: { ...stores, services, instances: told(host) },
      registry,
      host,
      log: deps.getLogger('nova.conductor.manager'),
      ...(cells ? { cells } : {}),
    })
  return Service.create(
    { ...options, program: 'nova-conductor' },
    {
      log,
      clock,
      random,
      steps: deps.steps ?? new StartSteps({ log, clock }),
      conductor: null,
      records: serviceRecords({ ...deps, stores: { ...stores, services } }),
      managers: { 'nova.conductor.manager.ConductorManager': createManager },
      listen: ({ topic, host }, manager) => transport.server({ topic, server: host }, manager.endpoints, { serializer }),
    },
  )
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

/** The table `services`, as the service's own start and heartbeat see it. */
function serviceRecords({ stores: { services }, ...deps }: Pick<ConductorServiceDeps, 'stores' | 'clock' | 'random'>): ServiceRecords {
  const ctx = () => adminContext(deps)
  return {
    find: (host, binary) => services.getByHostAndBinary(ctx(), host, binary),
    async create(fresh) {
      const row = new ServiceObject(fresh)
      await services.create(ctx(), row)
      return row
    },
    save: (record) => services.save(ctx(), rowOf(record)),
  }
}

/** The service hands back what it got from here. */
function rowOf(record: ServiceRecord): ServiceObject {
  if (record instanceof ServiceObject) return record
  throw new TypeError('this is no row of the table services')
}
