import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { defineNotification } from './notification-family.js'

/** Usage of a volume. */
export class VolumeUsagePayload extends defineNotification({
  name: 'VolumeUsagePayload',
  version: '1.0',
  fields: {
    availability_zone: f.string({ nullable: true }),
    instance_uuid: f.uuid({ nullable: true }),
    last_refreshed: f.dateTime({ nullable: true }),
    project_id: f.string({ nullable: true }),
    read_bytes: f.integer(),
    reads: f.integer(),
    user_id: f.string({ nullable: true }),
    volume_id: f.uuid(),
    write_bytes: f.integer(),
    writes: f.integer(),
  },
  schema: {
    availability_zone: ['vol_usage', 'availability_zone'],
    instance_uuid: ['vol_usage', 'instance_uuid'],
    last_refreshed: ['vol_usage', 'last_refreshed'],
    project_id: ['vol_usage', 'project_id'],
    read_bytes: ['vol_usage', 'read_bytes'],
    reads: ['vol_usage', 'reads'],
    user_id: ['vol_usage', 'user_id'],
    volume_id: ['vol_usage', 'volume_id'],
    write_bytes: ['vol_usage', 'write_bytes'],
    writes: ['vol_usage', 'writes'],
  },
}) {}

/** Notification `volume.usage`. */
export class VolumeUsageNotification extends defineNotification({
  name: 'VolumeUsageNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(VolumeUsagePayload),
  },
}) {}
