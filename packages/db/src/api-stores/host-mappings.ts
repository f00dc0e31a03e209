import { type CellMapping, HostMapping, type HostMappingStore, novaError, type RequestContext } from '@micronova/model'
import type { Rows, StoredRow, Where } from '../rows.js'
import { cellMappings, hostMappings } from '../schema/api-tables.js'
import { objectOf } from '../stores/object-rows.js'
import type { ApiStoreDeps } from './deps.js'
import { cellsById } from './instance-mappings.js'

type HostRow = StoredRow<typeof hostMappings>

/** In which cell each host is. */
export class DatabaseHostMappingStore implements HostMappingStore {
  readonly #deps: ApiStoreDeps

  constructor(deps: ApiStoreDeps) {
    this.#deps = deps
  }

  async getByHost(ctx: RequestContext, host: string): Promise<HostMapping> {
    const [found] = await this.listByHosts(ctx, [host])
    if (found === undefined) throw novaError('HostMappingNotFound', { name: host })
    return found
  }

  async listByHosts(_ctx: RequestContext, hosts: readonly string[]): Promise<HostMapping[]> {
    return hosts.length === 0 ? [] : this.#list({ host: hosts })
  }

  list(_ctx: RequestContext, { cellId }: { readonly cellId?: number } = {}): Promise<HostMapping[]> {
    return this.#list(cellId === undefined ? {} : { cell_id: cellId })
  }

  async create(_ctx: RequestContext, mapping: HostMapping): Promise<void> {
    await this.#write(mapping, async (rows) => ({ id: await rows.insert(hostMappings, valuesOf(mapping)) }))
  }

  /** @throws NovaError `HostMappingNotFound` */
  async save(_ctx: RequestContext, mapping: HostMapping): Promise<void> {
    const { host } = mapping
    await this.#write(mapping, async (rows) => {
      if ((await rows.update(hostMappings, { host }, valuesOf(mapping))) === 0) throw novaError('HostMappingNotFound', { name: host })
      return { host }
    })
  }

  /** @throws NovaError `HostMappingNotFound` */
  async destroy(_ctx: RequestContext, { host }: HostMapping): Promise<void> {
    const count = await this.#deps.database.write((rows) => rows.delete(hostMappings, { host }))
    if (count === 0) throw novaError('HostMappingNotFound', { name: host })
  }

  #list(where: Where<typeof hostMappings>): Promise<HostMapping[]> {
    return this.#deps.database.read(async (rows) => {
      const found = await rows.select(hostMappings, where).orderBy('id').execute()
      const cells = await cellsById(
        rows,
        this.#deps,
        found.map(({ cell_id }) => cell_id),
      )
      return found.map((row) => mappingOf(row, cells))
    })
  }

  async #write(mapping: HostMapping, work: (rows: Rows) => Promise<Where<typeof hostMappings>>): Promise<void> {
    const stored = await this.#deps.database.write(async (rows) => {
      const row = await rows.select(hostMappings, await work(rows)).executeTakeFirstOrThrow()
      const cell = await rows.select(cellMappings, { id: row.cell_id }).executeTakeFirstOrThrow()
      return mappingOf(row, new Map([[cell.id, this.#deps.cellOf(cell)]]))
    })
    mapping.objSetStored(stored.objGetSet())
    mapping.objResetChanges()
  }
}

function mappingOf(row: HostRow, cells: ReadonlyMap<number, CellMapping>): HostMapping {
  return objectOf(HostMapping, row, { cell_mapping: cells.get(row.cell_id) })
}

function valuesOf(mapping: HostMapping) {
  const { cell_mapping: cell, host } = mapping.objGetChanges() as { readonly cell_mapping?: CellMapping; readonly host?: string }
  return { ...(host === undefined ? {} : { host }), ...(cell === undefined ? {} : { cell_id: cell.id }) }
}
