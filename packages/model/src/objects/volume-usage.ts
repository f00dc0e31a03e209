import { instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineObject, persistentFields } from './base.js'

/** Bytes and requests of a volume, for accounting. */
export class VolumeUsage extends defineObject({
  name: 'VolumeUsage',
  version: '1.0',
  fields: {
    ...persistentFields,
    availability_zone: f.string({ nullable: true }),
    curr_last_refreshed: f.dateTime({ nullable: true, readOnly: true }),
    curr_read_bytes: f.integer(),
    curr_reads: f.integer(),
    curr_write_bytes: f.integer(),
    curr_writes: f.integer(),
    id: f.integer({ readOnly: true }),
    instance_uuid: f.uuid({ nullable: true }),
    project_id: f.string({ nullable: true }),
    tot_last_refreshed: f.dateTime({ nullable: true, readOnly: true }),
    tot_read_bytes: f.integer({ readOnly: true }),
    tot_reads: f.integer({ readOnly: true }),
    tot_write_bytes: f.integer({ readOnly: true }),
    tot_writes: f.integer({ readOnly: true }),
    user_id: f.string({ nullable: true }),
    volume_id: f.uuid(),
  },
  remotable: {
    save: instanceMethod(['update_totals', false]),
  },
}) {}
