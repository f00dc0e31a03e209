import {
  type CellComputeNodeStore,
  ComputeNode,
  HVSpec,
  novaError,
  PciDevicePoolList,
  pythonJson,
  type RequestContext,
} from '@micronova/model'
import { isDatabaseError } from '../errors.js'
import type { ColumnValues, Rows, StoredRow, Where } from '../rows.js'
import { computeNodes } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { columnValues, fieldValues, objectOf } from './object-rows.js'

type NodeRow = StoredRow<typeof computeNodes>
type NodeValues = ColumnValues<typeof computeNodes>

/** What a node without ratios of its own gets: `[DEFAULT] initial_*_allocation_ratio`. */
export interface AllocationRatios {
  readonly cpu: number
  readonly ram: number
  readonly disk: number
}

/** The hypervisors of the cell with their resources. */
export class DatabaseComputeNodeStore implements CellComputeNodeStore {
  readonly #deps: StoreDeps
  readonly #ratios: AllocationRatios

  constructor(deps: StoreDeps, ratios: AllocationRatios) {
    this.#deps = deps
    this.#ratios = ratios
  }

  async getByHostAndNode(ctx: RequestContext, host: string, node: string): Promise<ComputeNode> {
    const [found] = await this.#list(ctx, { host, hypervisor_hostname: node })
    if (found === undefined) throw novaError('ComputeHostNotFound', { host })
    return found
  }

  async listByHost(ctx: RequestContext, host: string): Promise<ComputeNode[]> {
    const found = await this.#list(ctx, { host })
    if (found.length === 0) throw novaError('ComputeHostNotFound', { host })
    return found
  }

  /** @throws NovaError `ComputeHostNotFound` */
  async getById(ctx: RequestContext, id: number): Promise<ComputeNode> {
    const [found] = await this.#list(ctx, { id })
    if (found === undefined) throw novaError('ComputeHostNotFound', { host: id })
    return found
  }

  async listByName(ctx: RequestContext, nodename: string): Promise<ComputeNode[]> {
    return this.#list(ctx, { hypervisor_hostname: nodename })
  }

  /** Those whose host is in no cell as far as they know. */
  async listUnmapped(ctx: RequestContext): Promise<ComputeNode[]> {
    return this.#list(ctx, { mapped: 0 })
  }

  listAll(ctx: RequestContext): Promise<ComputeNode[]> {
    return this.#list(ctx, {})
  }

  async listByUuids(ctx: RequestContext, uuids: readonly string[]): Promise<ComputeNode[]> {
    return uuids.length === 0 ? [] : this.#list(ctx, { uuid: uuids })
  }

  async listByIds(ctx: RequestContext, ids: readonly number[]): Promise<ComputeNode[]> {
    return ids.length === 0 ? [] : this.#list(ctx, { id: ids })
  }

  async listByHosts(ctx: RequestContext, hosts: readonly string[]): Promise<ComputeNode[]> {
    return hosts.length === 0 ? [] : this.#list(ctx, { host: hosts })
  }

  /**
   * A node that was deleted and is made again under its uuid comes back with the new values: Ironic's nodes do so.
   *
   * @throws DatabaseError `unique_violation` if it is there and not deleted
   */
  async create(_ctx: RequestContext, node: ComputeNode): Promise<void> {
    if (node.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    const { uuid = this.#deps.random.uuid(), ...changes } = valuesOf(node)
    const values = { ...changes, uuid }
    const { database } = this.#deps
    const row = await database
      .write((rows) => insertNode(rows, values))
      .catch(async (err) => {
        if (!isDatabaseError(err, 'unique_violation')) throw err
        const restored = await database.write((rows) => restoreNode(rows, values))
        if (restored === undefined) throw err
        return restored
      })
    this.#replace(node, row)
  }

  /** `updated_at` moves even if nothing changed: schedulers see by it that a record is newer than their copy. */
  async save(_ctx: RequestContext, node: ComputeNode): Promise<void> {
    const row = await this.#deps.database.write(async (rows) => {
      const matched = await rows.update(computeNodes, { id: node.id }, valuesOf(node))
      if (matched === 0) throw novaError('ComputeHostNotFound', { host: node.id })
      return rows.select(computeNodes, { id: node.id }).executeTakeFirstOrThrow()
    })
    this.#replace(node, row)
  }

  /** @throws NovaError `ComputeHostNotFound`, or `ObjectActionError` if the node belongs to another host meanwhile */
  async destroy(ctx: RequestContext, node: ComputeNode): Promise<void> {
    const { id } = node
    const host = node.objIsSet('host') && node.host ? node.host : undefined
    await this.#deps.database.write(async (rows) => {
      if ((await rows.softDelete(computeNodes, host === undefined ? { id } : { id, host })) > 0) return
      const row = await rows.first(computeNodes, { id, ...notDeleted(ctx) })
      if (row === undefined) throw novaError('ComputeHostNotFound', { host: id })
      throw novaError('ObjectActionError', { action: 'destroy', reason: 'host changed' })
    })
  }

  async #list(ctx: RequestContext, where: Where<typeof computeNodes>): Promise<ComputeNode[]> {
    const rows = await this.#deps.database.read((unit) =>
      unit
        .select(computeNodes, { ...where, ...notDeleted(ctx) })
        .orderBy('id')
        .execute(),
    )
    return rows.map((row) => objectOf(ComputeNode, row, this.#special(row)))
  }

  #replace(node: ComputeNode, row: NodeRow): void {
    node.objSetStored(fieldValues(ComputeNode.fields, row, this.#special(row)))
    node.objResetChanges()
  }

  /** What is kept in another form, or under another name, than the object has it. */
  #special(row: NodeRow): Record<string, unknown> {
    return {
      uuid: row.uuid ?? undefined, // of before Mitaka
      mapped: row.mapped ?? 0,
      cpu_allocation_ratio: row.cpu_allocation_ratio || this.#ratios.cpu,
      ram_allocation_ratio: row.ram_allocation_ratio || this.#ratios.ram,
      disk_allocation_ratio: row.disk_allocation_ratio || this.#ratios.disk,
      stats: row.stats ? JSON.parse(row.stats) : undefined,
      supported_hv_specs: row.supported_instances ? hvSpecs(row.supported_instances) : undefined,
      pci_device_pools: row.pci_stats === null ? null : this.#pools(row.pci_stats),
    }
  }

  /** Lists of before Kilo, which are no objects, count as none. */
  #pools(text: string): PciDevicePoolList {
    const stored = JSON.parse(text)
    return Array.isArray(stored)
      ? PciDevicePoolList.objStored({ objects: [] })
      : (this.#deps.registry.fromPrimitive(stored) as PciDevicePoolList)
  }
}

/** Upstream looks at deleted nodes for `only` as well: such a context sees all of them. */
function notDeleted({ readDeleted }: RequestContext): { readonly deleted?: 0 } {
  return readDeleted === 'no' ? { deleted: 0 } : {}
}

function hvSpecs(text: string): HVSpec[] {
  const stored = JSON.parse(text) as [string, string, string][]
  return stored.map(([arch, hv_type, vm_mode]) => HVSpec.objStored({ arch, hv_type, vm_mode } as Parameters<typeof HVSpec.objStored>[0]))
}

function valuesOf(node: ComputeNode): NodeValues {
  const { stats, host_ip, supported_hv_specs, pci_device_pools, ...plain } = node.objGetChanges()
  const values: NodeValues = columnValues(computeNodes, plain)
  if (stats !== undefined && stats !== null) values.stats = pythonJson(stats)
  if (typeof host_ip === 'string') values.host_ip = host_ip
  if (supported_hv_specs !== undefined)
    values.supported_instances = pythonJson(node.supported_hv_specs.map((spec) => [spec.arch, spec.hv_type, spec.vm_mode]))
  if (pci_device_pools !== undefined)
    values.pci_stats = node.pci_device_pools === null ? null : pythonJson(node.pci_device_pools.objToPrimitive())
  return values
}

async function insertNode(rows: Rows, values: NodeValues): Promise<NodeRow> {
  const id = await rows.insert(computeNodes, values)
  return rows.select(computeNodes, { id }).executeTakeFirstOrThrow()
}

async function restoreNode(rows: Rows, values: NodeValues & { uuid: string | null }): Promise<NodeRow | undefined> {
  const found = await rows.first(computeNodes, { uuid: values.uuid, deleted: { not: 0 } })
  if (found === undefined) return undefined
  await rows.update(computeNodes, { id: found.id }, { ...values, deleted: 0, deleted_at: null })
  return rows.select(computeNodes, { id: found.id }).executeTakeFirstOrThrow()
}
