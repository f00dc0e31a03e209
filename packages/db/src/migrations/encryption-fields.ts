import type { Kysely } from 'kysely'
import { blockDeviceMapping } from '../schema/cell-tables.js'
import { columnDefinition, quote } from '../schema/ddl.js'
import type { CellDatabase } from '../schema/index.js'
import type { Dialect } from '../schema/table.js'
import { execute, recordedRevision, recordRevision } from './alembic.js'
import { columnNames, tableNames } from './inspect.js'

const fields = ['encrypted', 'encryption_secret_uuid', 'encryption_format', 'encryption_options'] as const

/** @see nova 26.2.2, `ccb0fa1a2252_add_encryption_fields_to_.py` */
export async function encryptionFields(db: Kysely<CellDatabase>, dialect: Dialect): Promise<void> {
  if ((await recordedRevision(db, await tableNames(db, dialect))) !== '16f1fbcab42b') return
  for (const table of ['block_device_mapping', 'shadow_block_device_mapping']) {
    const present = await columnNames(db, dialect, table)
    for (const field of fields) {
      if (present.has(field)) continue
      const definition = columnDefinition(dialect, field, blockDeviceMapping.columns[field])
      await execute(db, `ALTER TABLE ${quote(dialect, table)} ADD COLUMN ${definition}`)
    }
  }
  await recordRevision(db, 'ccb0fa1a2252')
}
