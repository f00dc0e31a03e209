import { defineOptions, opt, type ParsedConfig } from '@micronova/config'
import {
  apiDatabaseOptions,
  createApiStores,
  createStores,
  type Database,
  DatabaseCells,
  databaseOptions,
  openDatabase,
  parseDatabaseUrl,
  prepareApiSchema,
  prepareSchema,
  type StoresDeps,
} from '@micronova/db'
import type { ApiStores, CellStores, Cells } from '@micronova/model'
import type { StartSteps } from '@micronova/service'
import { CommandFailed } from './usage-error.js'

/** What the record of a compute node says that was made without ratios; nova-compute reads the same options. */
export const ratioOptions = defineOptions('DEFAULT', {
  initial_cpu_allocation_ratio: opt.float({ default: 16, min: 0, help: 'cpu_allocation_ratio of a compute node whose record has none.' }),
  initial_ram_allocation_ratio: opt.float({ default: 1.5, min: 0, help: 'ram_allocation_ratio of a compute node whose record has none.' }),
  initial_disk_allocation_ratio: opt.float({ default: 1, min: 0, help: 'disk_allocation_ratio of a compute node whose record has none.' }),
})

/** The allocation ratios of a compute node whose record has none. */
export function initialRatios(config: ParsedConfig): { readonly cpu: number; readonly ram: number; readonly disk: number } {
  const ratios = config.section(ratioOptions)
  return { cpu: ratios.initial_cpu_allocation_ratio, ram: ratios.initial_ram_allocation_ratio, disk: ratios.initial_disk_allocation_ratio }
}

/** Where the databases of a service are that knows all cells. */
export interface DatabaseUrls {
  /** `[database]`: its own record is kept there. */
  readonly main: string
  /** `[api_database]` */
  readonly api: string
}

/** @throws CommandFailed if one of them is not set; DatabaseError for a URL that is none */
export function databaseUrls(config: ParsedConfig): DatabaseUrls {
  return { main: urlOf(config, databaseOptions, 'database'), api: urlOf(config, apiDatabaseOptions, 'api_database') }
}

function urlOf(config: ParsedConfig, group: typeof databaseOptions | typeof apiDatabaseOptions, name: string): string {
  const { connection, connection_parameters: parameters } = config.section(group)
  if (connection === null) throw new CommandFailed(`the option connection of the group ${name} is required and not set`)
  parseDatabaseUrl(connection, parameters)
  return connection
}

export interface NovaDatabases {
  readonly main: CellStores
  readonly api: ApiStores
  readonly cells: Cells
  /** Those of the service itself, which it cannot work without. */
  readonly needed: Readonly<Record<string, Database>>
  close(): Promise<void>
}

/** The database of the service and the one above the cells, with schemas that fit; those of the cells when they are first asked. */
export async function openDatabases(
  config: ParsedConfig,
  urls: DatabaseUrls,
  transportUrl: string,
  { steps, ...deps }: StoresDeps & { readonly steps: StartSteps },
): Promise<NovaDatabases> {
  const settings = config.section(databaseOptions)
  const options = { initialAllocationRatios: initialRatios(config) }
  const main = await steps.run('database', () => openDatabase(urls.main, deps, settings))
  const opened: Database[] = [main]
  const closeAll = () => Promise.all(opened.map((database) => database.close()))
  const prepareRest = async () => {
    await steps.run('schema', () => prepareSchema(main))
    const api = await steps.run('api_database', () => openDatabase(urls.api, deps, config.section(apiDatabaseOptions)))
    opened.push(api)
    await steps.run('api_schema', () => prepareApiSchema(api))
    return api
  }
  const api = await prepareRest().catch(async (err) => {
    await closeAll()
    throw err
  })
  const stores = createStores(main, deps, options)
  const apiStores = createApiStores(api, deps, { databaseUrl: urls.main, transportUrl })
  const cells = new DatabaseCells({
    cellMappings: apiStores.cellMappings,
    async open(url) {
      const database = url === urls.main ? main : await openDatabase(url, deps, settings)
      return { database, stores: url === urls.main ? stores : createStores(database, deps, options) }
    },
  })
  const close = async () => {
    await cells.close()
    await closeAll()
  }
  return { main: stores, api: apiStores, cells, needed: { main, api }, close }
}
