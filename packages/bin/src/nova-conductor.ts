import { availableParallelism } from 'node:os'
import { createConductorService } from '@micronova/conductor'
import type { ParsedConfig } from '@micronova/config'
import { createStores, databaseOptions, openDatabase, parseDatabaseUrl, prepareSchema } from '@micronova/db'
import { systemRandom } from '@micronova/lifecycle'
import { createTransport } from '@micronova/messaging'
import { novaErrorCatalogue, novaRegistry } from '@micronova/model'
import { conductorWorkersOptions, type Servable } from '@micronova/service'
import { notificationGroups, openNotifications } from './notifications.js'
import { serviceConfig } from './nova-compute.js'
import { initialRatios, ratioOptions } from './nova-databases.js'
import { commonProgram, type OpenedProgram, openProgram } from './open-program.js'
import { novaRelease } from './parse-args.js'
import type { Program } from './run-service.js'
import { CommandFailed } from './usage-error.js'
import { withTransport } from './with-transport.js'

export const novaConductorGroups = [...notificationGroups, databaseOptions, conductorWorkersOptions, ratioOptions]

/** nova-conductor: the database of a cell, for those services that must not reach it. */
export async function novaConductor(argv: readonly string[]): Promise<Program | null> {
  const program = await openProgram(argv, {
    name: 'nova-conductor',
    description: 'Gives the other services access to the database of the cell.',
    groups: novaConductorGroups,
    configureDb: databaseUrl,
  })
  if (program === null) return null
  const workers = program.config.section(conductorWorkersOptions).workers ?? availableParallelism()
  return { ...commonProgram(program), workers, createService: () => createService(program) }
}

function databaseUrl(config: ParsedConfig): string {
  const { connection, connection_parameters: parameters } = config.section(databaseOptions)
  if (connection === null) throw new CommandFailed('the option connection of the group database is required and not set')
  parseDatabaseUrl(connection, parameters)
  return connection
}

async function createService({ config, logging, clock, steps, transport: to, db: url }: OpenedProgram<string>): Promise<Servable> {
  const deps = { clock, random: systemRandom }
  const log = logging.getLogger('nova.db')
  const database = await steps.run('database', () => openDatabase(url, { ...deps, log }, config.section(databaseOptions)))
  await steps.run('schema', () => prepareSchema(database))
  const transport = createTransport(
    to.url,
    { ...deps, log: logging.getLogger('oslo.messaging'), errors: novaErrorCatalogue },
    { ...to.options, clientName: `nova-conductor:${process.pid}` },
  )
  const notifications = openNotifications(
    config,
    null,
    { ...deps, log: logging.getLogger('oslo.messaging'), errors: novaErrorCatalogue },
    to,
    `nova-conductor:${process.pid}`,
  )
  const conductor = createConductorService(
    {
      ...deps,
      transport,
      notificationTransport: notifications.transport ?? transport,
      stores: createStores(database, { ...deps, log }, { initialAllocationRatios: initialRatios(config) }),
      registry: novaRegistry(),
      getLogger: (name) => logging.getLogger(name),
      steps,
    },
    { config: serviceConfig(config), version: novaRelease, notifications: notifications.settings },
  )
  return withTransport(conductor, transport, () => database.close(), ...notifications.closers)
}
