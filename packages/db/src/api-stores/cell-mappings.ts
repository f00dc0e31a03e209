import { CellMapping, type CellMappingStore, novaError, type RequestContext } from '@micronova/model'
import type { Where } from '../rows.js'
import { cellMappings } from '../schema/api-tables.js'
import { columnValues } from '../stores/object-rows.js'
import type { ApiStoreDeps } from './deps.js'

/** The cells of the deployment. */
export class DatabaseCellMappingStore implements CellMappingStore {
  readonly #deps: ApiStoreDeps

  constructor(deps: ApiStoreDeps) {
    this.#deps = deps
  }

  async list(_ctx: RequestContext, filter: { readonly disabled?: boolean } = {}): Promise<CellMapping[]> {
    const rows = await this.#deps.database.read((unit) => unit.select(cellMappings, filter).orderBy('id').execute())
    return rows.map((row) => this.#deps.cellOf(row))
  }

  async getByUuid(_ctx: RequestContext, uuid: string): Promise<CellMapping> {
    const row = await this.#deps.database.read((rows) => rows.first(cellMappings, { uuid }))
    if (row === undefined) throw novaError('CellMappingNotFound', { uuid })
    return this.#deps.cellOf(row)
  }

  async create(_ctx: RequestContext, cell: CellMapping): Promise<void> {
    await this.#write(cell, async (rows) => ({ id: await rows.insert(cellMappings, columnValues(cellMappings, cell.objGetChanges())) }))
  }

  /** @throws NovaError `CellMappingNotFound` */
  async save(_ctx: RequestContext, cell: CellMapping): Promise<void> {
    const { uuid } = cell
    await this.#write(cell, async (rows) => {
      if ((await rows.update(cellMappings, { uuid }, columnValues(cellMappings, cell.objGetChanges()))) === 0)
        throw novaError('CellMappingNotFound', { uuid })
      return { uuid }
    })
  }

  /** @throws NovaError `CellMappingNotFound` */
  async destroy(_ctx: RequestContext, { uuid }: CellMapping): Promise<void> {
    const count = await this.#deps.database.write((rows) => rows.delete(cellMappings, { uuid }))
    if (count === 0) throw novaError('CellMappingNotFound', { uuid })
  }

  async #write(
    cell: CellMapping,
    work: (rows: Parameters<Parameters<ApiStoreDeps['database']['write']>[0]>[0]) => Promise<Where<typeof cellMappings>>,
  ) {
    const row = await this.#deps.database.write(async (rows) => rows.select(cellMappings, await work(rows)).executeTakeFirstOrThrow())
    cell.objSetStored(this.#deps.cellOf(row).objGetSet())
    cell.objResetChanges()
  }
}

/** @param complete makes the URLs of the row whole */
export function cellMappingOf(
  row: object & { readonly database_connection: string | null; readonly transport_url: string | null; readonly disabled: boolean | null },
  complete: { readonly database: (url: string) => string; readonly transport: (url: string) => string },
): CellMapping {
  const { database_connection, transport_url, disabled } = row
  const values = {
    ...row,
    disabled: disabled ?? false,
    database_connection: complete.database(database_connection ?? ''),
    transport_url: complete.transport(transport_url ?? ''),
  }
  return CellMapping.objStored(values as Parameters<typeof CellMapping.objStored>[0])
}
