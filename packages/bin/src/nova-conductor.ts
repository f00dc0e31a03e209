import { availableParallelism } from 'node:os'
import { clientsOptions, clientsSettings, isClientError, limitsOptions } from '@micronova/clients'
import {
  allowsOldComputes,
  asksForLimits,
  computeTaskOptionGroups,
  computeTaskSettings,
  createConductorService,
  type TaskParts,
} from '@micronova/conductor'
import { defineOptions, opt, type ParsedConfig } from '@micronova/config'
import {
  apiDatabaseOptions,
  createStores,
  databaseOptions,
  openDatabase,
  parseDatabaseUrl,
  prepareSchema,
  type StoresDeps,
} from '@micronova/db'
import { systemRandom } from '@micronova/lifecycle'
import { createTransport, rpcOptions } from '@micronova/messaging'
import { novaErrorCatalogue, novaRegistry } from '@micronova/model'
import { checkUpgradeLevels, upgradeLevelOptions } from '@micronova/rpcapi'
import { conductorWorkersOptions, type Servable, serviceDownTime, serviceOptions } from '@micronova/service'
import { CellBrokers } from './cell-brokers.js'
import { type Debugging, withDebugging } from './debugging/debugging.js'
import { openHooks } from './debugging/hooks/open-hooks.js'
import { debuggingGroups } from './debugging/options.js'
import { notificationGroups, openNotifications } from './notifications.js'
import { openClients, serviceConfig } from './nova-compute.js'
import { databaseUrls, initialRatios, type NovaDatabases, openDatabases, ratioOptions } from './nova-databases.js'
import { commonProgram, type OpenedProgram, openProgram } from './open-program.js'
import { novaRelease } from './parse-args.js'
import type { Program } from './run-service.js'
import { CommandFailed } from './usage-error.js'
import { withTransport } from './with-transport.js'

const longCallOptions = defineOptions('DEFAULT', {
  long_rpc_timeout: opt.integer({ default: 1800, help: 'Seconds that a call may take which is known to take long.' }),
})

export const novaConductorGroups = [
  ...notificationGroups,
  upgradeLevelOptions,
  databaseOptions,
  apiDatabaseOptions,
  ...clientsOptions,
  ...limitsOptions,
  conductorWorkersOptions,
  ...computeTaskOptionGroups,
  longCallOptions,
  ratioOptions,
  ...debuggingGroups,
]

/** nova-conductor: the databases, for those services that must not reach them, and the work that spans hosts. */
export async function novaConductor(argv: readonly string[]): Promise<Program | null> {
  const program = await openProgram(argv, {
    name: 'nova-conductor',
    description: 'Gives the other services access to the databases, and orchestrates what spans hosts.',
    groups: novaConductorGroups,
    configureDb: (config) => {
      checkClients(config)
      return conductorUrls(config)
    },
  })
  if (program === null) return null
  const workers = program.config.section(conductorWorkersOptions).workers ?? availableParallelism()
  return {
    ...commonProgram(program),
    workers,
    createService: () => withDebugging(program, (debugging) => createService(program, debugging), workers),
  }
}

/** Limits are looked at again where servers are scheduled, above the cells. */
function needsLimits(config: ParsedConfig): boolean {
  return config.section(apiDatabaseOptions).connection !== null && asksForLimits(config)
}

/** Before anything is opened and any worker started: what is wrong is said once. @throws CommandFailed */
export function checkClients(config: ParsedConfig): void {
  try {
    clientsSettings(config, { limits: needsLimits(config) })
  } catch (err) {
    if (isClientError(err, 'configuration')) throw new CommandFailed(err.message)
    throw err
  }
}

/** `[database]`, and `[api_database]` if there is one. */
export interface ConductorUrls {
  readonly main: string
  readonly api: string | null
}

/** @throws CommandFailed if one that is needed is not set; DatabaseError for a URL that is none */
export function conductorUrls(config: ParsedConfig): ConductorUrls {
  if (config.section(apiDatabaseOptions).connection !== null) return databaseUrls(config)
  const { connection, connection_parameters: parameters } = config.section(databaseOptions)
  if (connection === null) throw new CommandFailed('the option connection of the group database is required and not set')
  parseDatabaseUrl(connection, parameters)
  return { main: connection, api: null }
}

async function createService(program: OpenedProgram<ConductorUrls>, debugging: Debugging): Promise<Servable> {
  const { config, logging, clock, steps, inspection, transport: to } = program
  const deps = { clock, random: systemRandom }
  const clientName = `nova-conductor:${process.pid}`
  const transportDeps = { ...deps, log: logging.getLogger('oslo.messaging'), errors: novaErrorCatalogue, observer: inspection.rpcObserver }
  const registry = novaRegistry()
  const databases = await openConductorDatabases(program, { ...deps, registry, log: logging.getLogger('nova.db') })
  const transport = createTransport(to.url, transportDeps, { ...to.options, clientName })
  const brokers = new CellBrokers(to.url, transport, (url) => createTransport(url, transportDeps, { ...to.options, clientName }))
  const notifications = openNotifications(config, transportDeps, to, clientName)
  const service = serviceConfig(config)
  const hooks = await openHooks(program, { ...debugging, host: service.host, notifications, transport, registry })
  const { main: stores, above } = databases
  const clientsDeps = { ...deps, log: logging.getLogger('keystoneauth'), observer: inspection.restObserver }
  const clients = openClients(config, 'nova-conductor', clientsDeps, { limits: needsLimits(config) })
  // A conductor without either could not orchestrate anything.
  const tasks = above === null && clients.placement === null ? {} : { tasks: { stores, above, clients, transportOf: brokers.of } }
  const conductor = createConductorService(
    {
      ...deps,
      transport,
      notificationTransport: notifications.transport ?? transport,
      stores,
      registry,
      getLogger: (name) => logging.getLogger(name),
      steps,
      hooks,
      ...tasks,
    },
    { config: service, version: novaRelease, notifications: notifications.settings, tasks: taskOptions(program) },
  )
  inspection.show({
    service: conductor,
    transports: () => ({ rpc: transport, ...notifications.transports, ...brokers.opened() }),
    databases: () => databases.needed,
    requests: () => clients.inFlight(),
  })
  const closers = [debugging.close, () => databases.close(), () => clients.close(), () => brokers.close(), ...notifications.closers]
  return withTransport(conductor, transport, ...closers)
}

function taskOptions({ config, logging }: OpenedProgram<ConductorUrls>) {
  const downSeconds = serviceDownTime(config.section(serviceOptions), logging.getLogger('nova.service'))
  const upgradeLevels = config.section(upgradeLevelOptions)
  checkUpgradeLevels(upgradeLevels)
  return {
    settings: computeTaskSettings(config, downSeconds),
    upgradeLevels,
    timeouts: {
      responseSeconds: config.section(rpcOptions).rpc_response_timeout,
      longSeconds: config.section(longCallOptions).long_rpc_timeout,
    },
    allowOldComputes: allowsOldComputes(config),
  }
}

async function openConductorDatabases(
  { config, steps, db: urls, transport: to }: OpenedProgram<ConductorUrls>,
  deps: StoresDeps,
): Promise<Pick<NovaDatabases, 'main' | 'needed' | 'close'> & { readonly above: TaskParts['above'] }> {
  if (urls.api !== null) {
    const { main, api, cells, needed, close } = await openDatabases(config, { main: urls.main, api: urls.api }, to.url, { ...deps, steps })
    return { main, above: { api, cells }, needed, close }
  }
  const database = await steps.run('database', () => openDatabase(urls.main, deps, config.section(databaseOptions)))
  await steps.run('schema', () => prepareSchema(database))
  const main = createStores(database, deps, { initialAllocationRatios: initialRatios(config) })
  return { main, above: null, needed: { main: database }, close: () => database.close() }
}
