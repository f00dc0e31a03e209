import { type ApiStores, type CellMapping, type CellStores, type Cells, novaError, type RequestContext } from '@micronova/model'
import type { Database } from './database.js'

export interface DatabaseCellsDeps {
  readonly cellMappings: ApiStores['cellMappings']
  /** Connects to the database of a cell. Called once for each `database_connection`, at the first use. */
  open(url: string): Promise<{ readonly database: Database; readonly stores: CellStores }>
}

/** The cells that the API database knows, each with connections of its own, kept until `close`. */
export class DatabaseCells implements Cells {
  readonly #deps: DatabaseCellsDeps
  readonly #open = new Map<string, ReturnType<DatabaseCellsDeps['open']>>()
  #listed: Promise<readonly CellMapping[]> | undefined

  constructor(deps: DatabaseCellsDeps) {
    this.#deps = deps
  }

  list(ctx: RequestContext): Promise<readonly CellMapping[]> {
    this.#listed ??= this.#deps.cellMappings.list(ctx).catch((err) => {
      this.#listed = undefined
      throw err
    })
    return this.#listed
  }

  async byUuid(ctx: RequestContext, uuid: string): Promise<CellMapping> {
    for (const isLastLook of [false, true]) {
      const found = (await this.list(ctx)).find((cell) => cell.uuid === uuid)
      if (found !== undefined) return found
      if (!isLastLook) this.refresh()
    }
    throw novaError('CellMappingNotFound', { uuid })
  }

  async stores({ database_connection: url }: CellMapping): Promise<CellStores> {
    let opened = this.#open.get(url)
    if (opened === undefined) {
      opened = this.#deps.open(url)
      this.#open.set(url, opened)
      opened.catch(() => this.#open.delete(url))
    }
    return (await opened).stores
  }

  refresh(): void {
    this.#listed = undefined
  }

  /** Closes what it opened. Idempotent. */
  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#open.values())
    this.#open.clear()
    await Promise.all(opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value.database.close()] : [])))
  }
}
