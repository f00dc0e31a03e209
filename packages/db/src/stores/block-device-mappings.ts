import { BlockDeviceMapping, type CellBlockDeviceMappingStore, novaError, type RequestContext } from '@micronova/model'
import type { Rows, StoredRow, Where } from '../rows.js'
import { blockDeviceMapping } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { withUuids } from './missing-uuids.js'
import { columnValues, fieldValues, objectOf } from './object-rows.js'
import { visible } from './visibility.js'

type MappingRow = StoredRow<typeof blockDeviceMapping>

/** Disks of instances: where they come from and how the guest sees them. */
export class DatabaseBlockDeviceMappingStore implements CellBlockDeviceMappingStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  listByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<BlockDeviceMapping[]> {
    return this.#list(ctx, { instance_uuid: instanceUuid })
  }

  /** More than one for a volume that several instances share. */
  listByVolumeId(ctx: RequestContext, volumeId: string): Promise<BlockDeviceMapping[]> {
    return this.#list(ctx, { volume_id: volumeId })
  }

  async getByVolumeAndInstance(ctx: RequestContext, volumeId: string, instanceUuid: string): Promise<BlockDeviceMapping> {
    const [mapping] = await this.#list(ctx, { volume_id: volumeId, instance_uuid: instanceUuid })
    if (mapping === undefined) throw novaError('VolumeBDMNotFound', { volume_id: volumeId })
    return mapping
  }

  async mapByInstanceUuids(ctx: RequestContext, instanceUuids: readonly string[]): Promise<ReadonlyMap<string, BlockDeviceMapping[]>> {
    const byInstance = new Map<string, BlockDeviceMapping[]>(instanceUuids.map((uuid) => [uuid, []]))
    if (instanceUuids.length === 0) return byInstance
    for (const mapping of await this.#list(ctx, { instance_uuid: instanceUuids })) byInstance.get(mapping.instance_uuid)?.push(mapping)
    return byInstance
  }

  async create(_ctx: RequestContext, mapping: BlockDeviceMapping): Promise<void> {
    if (mapping.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    const changes = mapping.objGetChanges()
    if ('instance' in changes) throw novaError('ObjectActionError', { action: 'create', reason: 'instance assigned' })
    const { uuid = this.#deps.random.uuid(), ...values } = columnValues(blockDeviceMapping, changes)
    const row = await this.#deps.database.write(async (rows) => {
      const id = await rows.insert(blockDeviceMapping, { ...values, uuid })
      return rows.select(blockDeviceMapping, { id }).executeTakeFirstOrThrow()
    })
    replace(mapping, row)
  }

  async updateOrCreate(_ctx: RequestContext, mapping: BlockDeviceMapping): Promise<void> {
    const { uuid, ...values } = columnValues(blockDeviceMapping, mapping.objGetChanges())
    const { instance_uuid } = mapping
    const row = await this.#deps.database.write(async (rows) => {
      const present = await presentMapping(rows, { instance_uuid, uuid, device_name: values.device_name })
      if (present !== undefined) await rows.update(blockDeviceMapping, { id: present.id }, values)
      const id = present?.id ?? (await rows.insert(blockDeviceMapping, { ...values, uuid: uuid ?? this.#deps.random.uuid() }))
      const written = await rows.select(blockDeviceMapping, { id }).executeTakeFirstOrThrow()
      if (written.source_type === 'blank' && written.guest_format === 'swap')
        await rows.softDelete(blockDeviceMapping, { instance_uuid, source_type: 'blank', guest_format: 'swap', id: { not: id } })
      return written
    })
    replace(mapping, row)
  }

  /** @throws NovaError `BDMNotFound` */
  async save(ctx: RequestContext, mapping: BlockDeviceMapping): Promise<void> {
    const changes = mapping.objGetChanges()
    if ('instance' in changes) throw novaError('ObjectActionError', { action: 'save', reason: 'instance changed' })
    const where = { id: mapping.id, ...visible(ctx) }
    const row = await this.#deps.database.write(async (rows) => {
      await rows.update(blockDeviceMapping, where, columnValues(blockDeviceMapping, changes))
      return rows.first(blockDeviceMapping, where)
    })
    if (row === undefined) throw novaError('BDMNotFound', { id: mapping.id })
    replace(mapping, row)
  }

  async destroy(_ctx: RequestContext, mapping: BlockDeviceMapping): Promise<void> {
    if (!mapping.objIsSet('id')) throw novaError('ObjectActionError', { action: 'destroy', reason: 'already destroyed' })
    const { id } = mapping
    await this.#deps.database.write((rows) => rows.softDelete(blockDeviceMapping, { id }))
  }

  async #list(ctx: RequestContext, where: Where<typeof blockDeviceMapping>): Promise<BlockDeviceMapping[]> {
    const { database, random } = this.#deps
    const rows = await database.read((unit) =>
      unit
        .select(blockDeviceMapping, { ...where, ...visible(ctx) })
        .orderBy('id')
        .execute(),
    )
    return (await withUuids(database, random, blockDeviceMapping, rows)).map((row) => objectOf(BlockDeviceMapping, row))
  }
}

/** The same by its uuid, else by its device. */
async function presentMapping(
  rows: Rows,
  {
    instance_uuid,
    uuid,
    device_name,
  }: { readonly instance_uuid: string; readonly uuid?: string | null; readonly device_name?: string | null },
): Promise<MappingRow | undefined> {
  const found = uuid ? await rows.first(blockDeviceMapping, { instance_uuid, uuid, deleted: 0 }) : undefined
  if (found !== undefined || !device_name) return found
  return rows.first(blockDeviceMapping, { instance_uuid, device_name, deleted: 0 })
}

function replace(mapping: BlockDeviceMapping, row: MappingRow): void {
  mapping.objSetStored(fieldValues(BlockDeviceMapping.fields, row))
  mapping.objResetChanges()
}
