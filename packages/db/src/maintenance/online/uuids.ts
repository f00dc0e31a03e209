import type { Where } from '../../rows.js'
import { blockDeviceMapping, migrations, pciDevices } from '../../schema/cell-tables.js'
import type { OnlineMigration } from './online-migration.js'

type WithUuid = typeof migrations | typeof blockDeviceMapping | typeof pciDevices

/** Rows of `table` that have no uuid get one. */
function uuidsOf(name: string, table: WithUuid, where: { readonly deleted?: 0 } = {}): OnlineMigration {
  return {
    name,
    async run({ main, random }, limit) {
      const missing = { ...where, uuid: null } as Where<WithUuid>
      const found = await main.read((rows) => rows.selectColumns(table, ['id'], missing).orderBy('id').limit(limit).execute())
      for (const { id } of found)
        await main.write((rows) => rows.update(table, { id, uuid: null } as Where<WithUuid>, { uuid: random.uuid() }))
      return { found: found.length, done: found.length }
    },
  }
}

/** @see nova 26.2.2, `db/main/api.py`, `migration_migrate_to_uuid` */
export const migrationUuids = uuidsOf('migration_migrate_to_uuid', migrations, { deleted: 0 })

/** @see nova 26.2.2, `objects/block_device.py`, `populate_uuids` */
export const blockDeviceUuids = uuidsOf('populate_uuids', blockDeviceMapping)

/** @see nova 26.2.2, `objects/pci_device.py`, `populate_dev_uuids` */
export const pciDeviceUuids = uuidsOf('populate_dev_uuids', pciDevices)
