import { PciDevice, type PciDeviceStore, type RequestContext } from '@micronova/model'
import type { StoredRow } from '../rows.js'
import { pciDevices } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { withUuids } from './missing-uuids.js'
import { objectOf } from './object-rows.js'
import { visible } from './visibility.js'

/** Devices of hosts that can be given to instances. */
export class DatabasePciDeviceStore implements PciDeviceStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  async listByComputeNode(ctx: RequestContext, computeNodeId: number): Promise<PciDevice[]> {
    const { database, random } = this.#deps
    const rows = await database.read((unit) =>
      unit
        .select(pciDevices, { ...visible(ctx), compute_node_id: computeNodeId })
        .orderBy('id')
        .execute(),
    )
    return (await withUuids(database, random, pciDevices, rows)).map(pciDeviceOf)
  }
}

export function pciDeviceOf(row: StoredRow<typeof pciDevices>): PciDevice {
  return objectOf(PciDevice, row, { extra_info: JSON.parse(row.extra_info ?? '{}'), uuid: row.uuid ?? undefined })
}
