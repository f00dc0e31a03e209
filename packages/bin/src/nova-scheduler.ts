import { availableParallelism } from 'node:os'
import { clientsOptions } from '@micronova/clients'
import type { ParsedConfig } from '@micronova/config'
import { apiDatabaseOptions, databaseOptions } from '@micronova/db'
import { systemRandom } from '@micronova/lifecycle'
import { createTransport } from '@micronova/messaging'
import { novaErrorCatalogue, novaRegistry } from '@micronova/model'
import { upgradeLevelOptions } from '@micronova/rpcapi'
import {
  createSchedulerService,
  filterSchedulerOptions,
  metricsOptions,
  numaPackingOptions,
  pinningWorkaroundOptions,
  type SchedulerOptions,
  schedulerOptionGroups,
  schedulerOptions,
  zoneOptions,
} from '@micronova/scheduler'
import { type Servable, serviceDownTime, serviceOptions } from '@micronova/service'
import { type Debugging, withDebugging } from './debugging/debugging.js'
import { openHooks } from './debugging/hooks/open-hooks.js'
import { debuggingGroups } from './debugging/options.js'
import { notificationGroups, openNotifications } from './notifications.js'
import { openClients, serviceConfig } from './nova-compute.js'
import { type DatabaseUrls, databaseUrls, openDatabases, ratioOptions } from './nova-databases.js'
import { commonProgram, type OpenedProgram, openProgram } from './open-program.js'
import { novaRelease } from './parse-args.js'
import type { Program } from './run-service.js'
import { CommandFailed } from './usage-error.js'
import { withTransport } from './with-transport.js'

export const novaSchedulerGroups = [
  upgradeLevelOptions,
  ...notificationGroups,
  databaseOptions,
  apiDatabaseOptions,
  ...clientsOptions,
  ...schedulerOptionGroups,
  ratioOptions,
  ...debuggingGroups,
]

/** nova-scheduler: chooses the hosts of instances, in all cells. */
export async function novaScheduler(argv: readonly string[]): Promise<Program | null> {
  const program = await openProgram(argv, {
    name: 'nova-scheduler',
    description: 'Chooses the hosts of instances.',
    groups: novaSchedulerGroups,
    configureDb: databaseUrls,
  })
  if (program === null) return null
  const workers = program.config.section(schedulerOptions).workers || availableParallelism()
  return {
    ...commonProgram(program),
    workers,
    createService: () => withDebugging(program, (debugging) => createService(program, debugging), workers),
  }
}

async function createService(program: OpenedProgram<DatabaseUrls>, debugging: Debugging): Promise<Servable> {
  const { config, logging, clock, steps, inspection, transport: to, db: urls } = program
  const deps = { clock, random: systemRandom }
  const clients = openClients(config, 'nova-scheduler', {
    ...deps,
    log: logging.getLogger('keystoneauth'),
    observer: inspection.restObserver,
  })
  const { placement, neutron } = clients
  if (placement === null) throw new CommandFailed('the option auth_type of the group placement is required and not set')
  const registry = await steps.run('objects', () => novaRegistry())
  const databases = await openDatabases(config, urls, to.url, { ...deps, registry, log: logging.getLogger('nova.db'), steps })
  const transportDeps = { ...deps, log: logging.getLogger('oslo.messaging'), errors: novaErrorCatalogue, observer: inspection.rpcObserver }
  const clientName = `nova-scheduler:${process.pid}`
  const transport = createTransport(to.url, transportDeps, { ...to.options, clientName })
  const notifications = openNotifications(config, transportDeps, to, clientName)
  const service = serviceConfig(config)
  const hooks = await openHooks(program, { ...debugging, host: service.host, notifications, transport, registry })
  const { main, api, cells } = databases
  const getLogger = (name: string) => logging.getLogger(name)
  const scheduler = createSchedulerService(
    {
      ...deps,
      transport,
      notificationTransport: notifications.transport ?? transport,
      registry,
      steps,
      placement,
      neutron,
      api,
      cells,
      services: main.services,
      getLogger,
      hooks,
    },
    {
      config: service,
      scheduling: scheduling(config, serviceDownTime(config.section(serviceOptions), getLogger('nova.service'))),
      conductorLevel: config.section(upgradeLevelOptions).conductor,
      notifications: notifications.settings,
      version: novaRelease,
    },
  )
  inspection.show({
    service: scheduler,
    transports: () => ({ rpc: transport, ...notifications.transports }),
    databases: () => databases.needed,
    requests: () => clients.inFlight(),
  })
  return withTransport(
    scheduler,
    transport,
    debugging.close,
    () => databases.close(),
    () => clients.close(),
    ...notifications.closers,
  )
}

function scheduling(config: ParsedConfig, serviceDownTimeSeconds: number): SchedulerOptions {
  return {
    scheduler: config.section(schedulerOptions),
    filters: config.section(filterSchedulerOptions),
    metrics: config.section(metricsOptions),
    serviceDownTimeSeconds,
    defaultAvailabilityZone: config.section(zoneOptions).default_availability_zone,
    packNumaCells: config.section(numaPackingOptions).packing_host_numa_cells_allocation_strategy,
    disablePinningFallback: config.section(pinningWorkaroundOptions).disable_fallback_pcpu_query,
  }
}
