import type { Database } from '../database.js'
import { hostMappings } from '../schema/api-tables.js'
import { computeNodes } from '../schema/cell-tables.js'

/** How many hosts the API database has in a cell. */
export function countHostMappings(api: Database): Promise<number> {
  return api.read((rows) => rows.count(hostMappings, {}))
}

/** How many compute nodes the cell has, also those whose service is disabled. */
export function countComputeNodes(cell: Database): Promise<number> {
  return cell.read((rows) => rows.count(computeNodes, { deleted: 0 }))
}

/**
 * How many instances of the cell were built and have no machine type in what they keep of their image.
 *
 * @see nova 26.2.2, `virt/libvirt/machine_type_utils.py`, `get_instances_without_type`
 */
export async function countInstancesWithoutMachineType(cell: Database): Promise<number> {
  const row = await cell.read(({ db }) =>
    db
      .selectFrom('instances as i')
      .leftJoin('instance_system_metadata as m', (join) =>
        join.onRef('m.instance_uuid', '=', 'i.uuid').on('m.key', '=', 'image_hw_machine_type').on('m.deleted', '=', 0),
      )
      .select(({ fn }) => fn.countAll().as('n'))
      .where('i.deleted', '=', 0)
      .where(({ or, eb }) => or([eb('i.vm_state', 'is', null), eb('i.vm_state', '!=', 'building')]))
      .where('m.value', 'is', null)
      .executeTakeFirstOrThrow(),
  )
  return Number(row.n)
}
