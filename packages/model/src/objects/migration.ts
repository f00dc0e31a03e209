import { classMethod, instanceMethod, type VersionedObject } from '@micronova/versionedobjects'
import { MigrationType } from '../enums.js'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'
import { loadDefaultOf } from './load.js'

/** An instance on its way from one host to another, or to another size. */
export class Migration extends defineObject({
  name: 'Migration',
  version: '1.7',
  fields: {
    ...persistentFields,
    cross_cell_move: f.boolean({ default: false }),
    dest_compute: f.string({ nullable: true }),
    dest_host: f.string({ nullable: true }),
    dest_node: f.string({ nullable: true }),
    disk_processed: f.integer({ nullable: true }),
    disk_remaining: f.integer({ nullable: true }),
    disk_total: f.integer({ nullable: true }),
    hidden: f.boolean({ default: false }),
    id: f.integer(),
    instance_uuid: f.string({ nullable: true }),
    memory_processed: f.integer({ nullable: true }),
    memory_remaining: f.integer({ nullable: true }),
    memory_total: f.integer({ nullable: true }),
    migration_type: f.enum(MigrationType),
    new_instance_type_id: f.integer({ nullable: true }),
    old_instance_type_id: f.integer({ nullable: true }),
    project_id: f.string({ nullable: true }),
    source_compute: f.string({ nullable: true }),
    source_node: f.string({ nullable: true }),
    status: f.string({ nullable: true }),
    user_id: f.string({ nullable: true }),
    uuid: f.uuid(),
  },
  remotable: {
    create: instanceMethod(),
    get_by_id: classMethod('migration_id'),
    get_by_id_and_instance: classMethod('migration_id', 'instance_uuid'),
    get_by_instance_and_status: classMethod('instance_uuid', 'status'),
    get_by_uuid: classMethod('migration_uuid'),
    save: instanceMethod(),
  },
  compat: [
    { below: '1.2', removes: ['hidden', 'migration_type'] },
    { below: '1.4', removes: ['disk_processed', 'disk_remaining', 'disk_total', 'memory_processed', 'memory_remaining', 'memory_total'] },
    { below: '1.5', removes: ['uuid'] },
    { below: '1.6', removes: ['cross_cell_move'] },
    { below: '1.7', removes: ['project_id', 'user_id'] },
  ],
  load: loadTypeOrFlag,
}) {}

export class MigrationList extends defineList({
  name: 'MigrationList',
  version: '1.5',
  of: Migration,
  remotable: {
    get_by_filters: classMethod('filters', ['sort_keys', null], ['sort_dirs', null], ['limit', null], ['marker', null]),
    get_in_progress_and_error: classMethod('host', 'node'),
    get_in_progress_by_host_and_node: classMethod('host', 'node'),
    get_in_progress_by_instance: classMethod('instance_uuid', ['migration_type', null]),
    get_unconfirmed_by_dest_compute: classMethod('confirm_window', 'dest_compute', ['use_slave', false]),
  },
}) {}

const loadFlag = loadDefaultOf('hidden', 'cross_cell_move')

/** Older peers do not send the type: it follows from the flavors. */
function loadTypeOrFlag(migration: VersionedObject, name: string): void {
  if (name === 'migration_type') {
    const isResize = migration.objGet('old_instance_type_id') !== migration.objGet('new_instance_type_id')
    migration.objSet(name, isResize ? 'resize' : 'migration')
  } else loadFlag(migration, name)
}
