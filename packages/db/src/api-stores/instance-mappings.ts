import {
  type CellMapping,
  type InstanceCounts,
  InstanceMapping,
  type InstanceMappingStore,
  novaError,
  type RequestContext,
} from '@micronova/model'
import type { Rows, StoredRow, Where } from '../rows.js'
import { cellMappings, instanceMappings } from '../schema/api-tables.js'
import { columnValues, objectOf } from '../stores/object-rows.js'
import type { ApiStoreDeps } from './deps.js'

type MappingRow = StoredRow<typeof instanceMappings>
type CellsById = ReadonlyMap<number, CellMapping>

/** In which cell each instance is. */
export class DatabaseInstanceMappingStore implements InstanceMappingStore {
  readonly #deps: ApiStoreDeps
  /** Once they are, they stay so. */
  #areCountable = false

  constructor(deps: ApiStoreDeps) {
    this.#deps = deps
  }

  async getByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<InstanceMapping> {
    const [found] = await this.listByInstanceUuids(ctx, [instanceUuid])
    if (found === undefined) throw novaError('InstanceMappingNotFound', { uuid: instanceUuid })
    return found
  }

  async listByInstanceUuids(_ctx: RequestContext, instanceUuids: readonly string[]): Promise<InstanceMapping[]> {
    return instanceUuids.length === 0 ? [] : this.#list({ instance_uuid: instanceUuids })
  }

  listByProject(_ctx: RequestContext, projectId: string): Promise<InstanceMapping[]> {
    return this.#list({ project_id: projectId })
  }

  listByCellId(_ctx: RequestContext, cellId: number): Promise<InstanceMapping[]> {
    return this.#list({ cell_id: cellId })
  }

  /** @see nova 26.2.2, `quota.py`, `is_qfd_populated` */
  async isCountable(): Promise<boolean> {
    if (this.#areCountable) return true
    this.#areCountable = await this.#deps.database.read(async (rows) => {
      if ((await rows.first(instanceMappings, { queued_for_delete: null })) !== undefined) return false
      return (await rows.first(instanceMappings, { queued_for_delete: false, user_id: null })) === undefined
    })
    return this.#areCountable
  }

  /** A mapping whose `queued_for_delete` was never written does not count. */
  counts(_ctx: RequestContext, projectId: string, userId: string | null = null): Promise<InstanceCounts> {
    return this.#deps.database.read(async (rows) => {
      const where = { project_id: projectId, queued_for_delete: false }
      const project = { instances: await rows.count(instanceMappings, where) }
      return userId === null
        ? { project }
        : { project, user: { instances: await rows.count(instanceMappings, { ...where, user_id: userId }) } }
    })
  }

  async create(_ctx: RequestContext, mapping: InstanceMapping): Promise<void> {
    await this.#write(mapping, async (rows) => ({
      id: await rows.insert(instanceMappings, { queued_for_delete: false, ...valuesOf(mapping) }),
    }))
  }

  async save(_ctx: RequestContext, mapping: InstanceMapping): Promise<void> {
    const { instance_uuid } = mapping
    await this.#write(mapping, async (rows) => {
      if ((await rows.update(instanceMappings, { instance_uuid }, valuesOf(mapping))) === 0)
        throw novaError('InstanceMappingNotFound', { uuid: instance_uuid })
      return { instance_uuid }
    })
  }

  async destroy(_ctx: RequestContext, instanceUuid: string): Promise<void> {
    const count = await this.#deps.database.write((rows) => rows.delete(instanceMappings, { instance_uuid: instanceUuid }))
    if (count === 0) throw novaError('InstanceMappingNotFound', { uuid: instanceUuid })
  }

  #list(where: Where<typeof instanceMappings>): Promise<InstanceMapping[]> {
    return this.#deps.database.read(async (rows) => {
      const found = await rows.select(instanceMappings, where).orderBy('id').execute()
      const cells = await cellsById(
        rows,
        this.#deps,
        found.map(({ cell_id }) => cell_id),
      )
      return found.map((row) => mappingOf(row, cells))
    })
  }

  async #write(mapping: InstanceMapping, work: (rows: Rows) => Promise<Where<typeof instanceMappings>>): Promise<void> {
    const stored = await this.#deps.database.write(async (rows) => {
      const row = await rows.select(instanceMappings, await work(rows)).executeTakeFirstOrThrow()
      return mappingOf(row, await cellsById(rows, this.#deps, [row.cell_id]))
    })
    mapping.objSetStored(stored.objGetSet())
    mapping.objResetChanges()
  }
}

/** The cells of these ids, each read once. */
export async function cellsById(rows: Rows, { cellOf }: ApiStoreDeps, ids: readonly (number | null)[]): Promise<CellsById> {
  const wanted = [...new Set(ids.filter((id) => id !== null))]
  if (wanted.length === 0) return new Map()
  const found = await rows.select(cellMappings, { id: wanted }).execute()
  return new Map(found.map((row) => [row.id, cellOf(row)]))
}

/** Rows of before Stein have no user: the field stays unset. */
function mappingOf(row: MappingRow, cells: CellsById): InstanceMapping {
  const { cell_id, queued_for_delete, user_id } = row
  return objectOf(InstanceMapping, row, {
    cell_mapping: (cell_id === null ? null : cells.get(cell_id)) ?? null,
    queued_for_delete: queued_for_delete ?? false,
    user_id: user_id ?? undefined,
  })
}

/** A cell cannot be taken away again: upstream ignores the attempt. */
function valuesOf(mapping: InstanceMapping) {
  const { cell_mapping, ...plain } = mapping.objGetChanges() as { readonly cell_mapping?: CellMapping | null }
  const values = columnValues(instanceMappings, plain)
  return cell_mapping ? { ...values, cell_id: cell_mapping.id } : values
}
