import {
  createApiStores,
  createStores,
  type Database,
  type DatabaseSettings,
  type DatabaseStores,
  openDatabase,
  type StoresDeps,
} from '@micronova/db'
import type { ApiStores, CellMapping } from '@micronova/model'
import { CommandFailed } from '../usage-error.js'

export interface ManagedDatabasesOptions {
  /** `[database]` */
  readonly main: Partial<DatabaseSettings> & { readonly connection: string | null }
  /** `[api_database]` */
  readonly api: Partial<DatabaseSettings> & { readonly connection: string | null }
  readonly transportUrl: string
  readonly initialAllocationRatios: { readonly cpu: number; readonly ram: number; readonly disk: number }
}

/** A cell's database, open. Whether it has a schema is not looked at. */
export interface OpenCell {
  readonly database: Database
  readonly stores: DatabaseStores
}

export interface OpenApi {
  readonly database: Database
  readonly stores: ApiStores
}

/** The databases of the deployment, each opened when a command first asks for it. Replicas are left alone. */
export class ManagedDatabases {
  readonly #deps: StoresDeps
  readonly #options: ManagedDatabasesOptions
  readonly #cells = new Map<string, Promise<OpenCell>>()
  #api: Promise<OpenApi> | undefined

  constructor(deps: StoresDeps, options: ManagedDatabasesOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** That of `[database]`. @throws CommandFailed if it is not set; DatabaseError if it cannot be reached */
  async main(): Promise<OpenCell> {
    return this.#at(connectionOf(this.#options.main, 'database'))
  }

  /** @throws DatabaseError */
  cell({ database_connection: url }: CellMapping): Promise<OpenCell> {
    return this.#at(url)
  }

  /** That of `[api_database]`. @throws CommandFailed if it is not set; DatabaseError if it cannot be reached */
  async api(): Promise<OpenApi> {
    this.#api ??= this.#openApi()
    return this.#api
  }

  /** Idempotent. */
  async close(): Promise<void> {
    const opened = await Promise.allSettled([...this.#cells.values(), ...(this.#api === undefined ? [] : [this.#api])])
    await Promise.all(opened.map((result) => (result.status === 'fulfilled' ? result.value.database.close() : undefined)))
  }

  #at(url: string): Promise<OpenCell> {
    let opened = this.#cells.get(url)
    if (opened === undefined) {
      opened = this.#openCell(url)
      this.#cells.set(url, opened)
    }
    return opened
  }

  async #openCell(url: string): Promise<OpenCell> {
    const { main, initialAllocationRatios } = this.#options
    const database = await openDatabase(url, this.#deps, { ...main, slave_connection: null })
    return { database, stores: createStores(database, this.#deps, { initialAllocationRatios }) }
  }

  async #openApi(): Promise<OpenApi> {
    const { main, api, transportUrl } = this.#options
    const database = await openDatabase(connectionOf(api, 'api_database'), this.#deps, { ...api, slave_connection: null })
    return { database, stores: createApiStores(database, this.#deps, { databaseUrl: main.connection, transportUrl }) }
  }
}

function connectionOf({ connection }: { readonly connection: string | null }, group: string): string {
  if (connection === null) throw new CommandFailed(`the option connection of the group ${group} is required and not set`)
  return connection
}
