import { novaError, type RequestContext, VirtualInterface, type VirtualInterfaceStore } from '@micronova/model'
import { isDatabaseError } from '../errors.js'
import type { StoredRow } from '../rows.js'
import { virtualInterfaces } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { changedValues, columnValues, fieldValues, objectOf } from './object-rows.js'

type InterfaceRow = StoredRow<typeof virtualInterfaces>

/** The database has answered, and said no. */
const refusals = ['unique_violation', 'reference_violation', 'query'] as const

/** Network interfaces of instances, of which Neutron has the rest. */
export class DatabaseVirtualInterfaceStore implements VirtualInterfaceStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  async listByInstanceUuid(_ctx: RequestContext, instanceUuid: string): Promise<VirtualInterface[]> {
    const where = { instance_uuid: instanceUuid, deleted: 0 }
    const rows = await this.#deps.database.read((unit) =>
      unit.select(virtualInterfaces, where).orderBy('created_at').orderBy('id').execute(),
    )
    return rows.map(interfaceOf)
  }

  /** `null` if there is none, as upstream answers. */
  async getByUuid(_ctx: RequestContext, uuid: string): Promise<VirtualInterface | null> {
    const row = await this.#deps.database.read((rows) => rows.first(virtualInterfaces, { uuid, deleted: 0 }))
    return row === undefined ? null : interfaceOf(row)
  }

  /**
   * @throws NovaError `VirtualInterfaceCreateException` if the database refuses it: the address is taken, the instance is gone
   * @throws DatabaseError if it does not answer, or the commit was cut off: whether the interface is there is not known then
   */
  async create(_ctx: RequestContext, vif: VirtualInterface): Promise<void> {
    if (vif.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    const values = columnValues(virtualInterfaces, vif.objGetChanges())
    const row = await this.#deps.database
      .write(async (rows) => {
        const id = await rows.insert(virtualInterfaces, values)
        return rows.select(virtualInterfaces, { id }).executeTakeFirstOrThrow()
      })
      .catch((err) => {
        throw isDatabaseError(err, ...refusals) ? novaError('VirtualInterfaceCreateException', {}, { cause: err }) : err
      })
    replace(vif, row)
  }

  /** The address cannot change. */
  async save(_ctx: RequestContext, vif: VirtualInterface): Promise<void> {
    const changes = vif.objGetChanges()
    if ('address' in changes) throw novaError('ObjectActionError', { action: 'save', reason: 'address is not mutable' })
    const { id } = vif
    const row = await this.#deps.database.write(async (rows) => {
      const stored = await rows.select(virtualInterfaces, { id, deleted: 0 }).executeTakeFirstOrThrow()
      const changed = changedValues(stored, columnValues(virtualInterfaces, changes))
      if (Object.keys(changed).length === 0) return stored
      await rows.update(virtualInterfaces, { id }, changed)
      return { ...stored, updated_at: rows.now, ...changed }
    })
    replace(vif, row)
  }

  async destroy(_ctx: RequestContext, vif: VirtualInterface): Promise<void> {
    const { id } = vif
    await this.#deps.database.write((rows) => rows.softDelete(virtualInterfaces, { id }))
  }

  async deleteByInstanceUuid(_ctx: RequestContext, instanceUuid: string): Promise<void> {
    await this.#deps.database.write((rows) => rows.softDelete(virtualInterfaces, { instance_uuid: instanceUuid }))
  }
}

function interfaceOf(row: InterfaceRow): VirtualInterface {
  return objectOf(VirtualInterface, row, special(row))
}

/**
 * Interfaces of Neutron have no network of ours, and their MAC addresses need not be unique:
 * they are stored with the port's id behind them, `fa:16:3e:...:/<uuid>`.
 */
function special({ network_id, address }: InterfaceRow): Record<string, unknown> {
  return { network_id: network_id ?? undefined, address: address?.split('/')[0] ?? null }
}

function replace(vif: VirtualInterface, row: InterfaceRow): void {
  vif.objSetStored(fieldValues(VirtualInterface.fields, row, special(row)))
  vif.objResetChanges()
}
