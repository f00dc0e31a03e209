import { InstanceFault, type InstanceFaultStore, novaError, type RequestContext } from '@micronova/model'
import { instanceFaults } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { fieldValues, objectOf } from './object-rows.js'

/** Why instances are in error. */
export class DatabaseInstanceFaultStore implements InstanceFaultStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  async create(_ctx: RequestContext, fault: InstanceFault): Promise<void> {
    if (fault.objIsSet('id')) throw novaError('ObjectActionError', { action: 'create', reason: 'already created' })
    const { instance_uuid, code, message, details, host } = fault
    const row = await this.#deps.database.write(async (rows) => {
      const id = await rows.insert(instanceFaults, { instance_uuid, code, message, details, host })
      return rows.select(instanceFaults, { id }).executeTakeFirstOrThrow()
    })
    fault.objSetStored(fieldValues(InstanceFault.fields, row))
    fault.objResetChanges()
  }

  /** All faults of these instances, newest first. */
  async listByInstanceUuids(_ctx: RequestContext, instanceUuids: readonly string[]): Promise<InstanceFault[]> {
    if (instanceUuids.length === 0) return []
    const where = { instance_uuid: instanceUuids, deleted: 0 }
    const rows = await this.#deps.database.read((unit) => unit.select(instanceFaults, where).orderBy('id', 'desc').execute())
    return rows.map((row) => objectOf(InstanceFault, row))
  }
}
