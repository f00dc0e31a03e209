import { quote } from '../schema/ddl.js'
import { apiRevisions, execute, recordedRevision, recordRevision } from './alembic.js'
import type { MigrationStep, SchemaHistory } from './history.js'
import { initialApiVersion } from './initial-version.js'
import { columnNames, tableNames } from './inspect.js'

/** Columns of `build_requests` that nothing has used since the instance itself is kept there. */
const unused = [
  'vm_state',
  'access_ip_v6',
  'config_drive',
  'locked_by',
  'security_groups',
  'progress',
  'info_cache',
  'display_name',
  'instance_metadata',
  'image_ref',
  'key_name',
  'user_id',
  'access_ip_v4',
  'task_state',
  'request_spec_id',
]

/** @see nova 26.2.2, `b30f573d3377_remove_unused_build_requests_columns.py` */
const dropUnused: MigrationStep = async (db, dialect) => {
  if ((await recordedRevision(db, await tableNames(db, dialect))) !== 'd67eeaabee36') return
  const present = await columnNames(db, dialect, 'build_requests')
  for (const column of unused.filter((name) => present.has(name)))
    await execute(db, `ALTER TABLE build_requests DROP COLUMN ${quote(dialect, column)}`)
  await recordRevision(db, 'b30f573d3377')
}

/** The API database: what is above the cells. */
export const apiHistory: SchemaHistory = {
  of: 'an API database',
  syncCommand: 'nova-manage api_db sync',
  revisions: apiRevisions,
  steps: [initialApiVersion, dropUnused],
}
