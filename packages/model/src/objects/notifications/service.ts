import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { defineNotification } from './notification-family.js'

/** A service. */
export class ServiceStatusPayload extends defineNotification({
  name: 'ServiceStatusPayload',
  version: '1.1',
  fields: {
    availability_zone: f.string({ nullable: true }),
    binary: f.string({ nullable: true }),
    disabled: f.boolean(),
    disabled_reason: f.string({ nullable: true }),
    forced_down: f.boolean(),
    host: f.string({ nullable: true }),
    last_seen_up: f.dateTime({ nullable: true }),
    report_count: f.integer(),
    topic: f.string({ nullable: true }),
    uuid: f.uuid(),
    version: f.integer(),
  },
  schema: {
    availability_zone: ['service', 'availability_zone'],
    binary: ['service', 'binary'],
    disabled: ['service', 'disabled'],
    disabled_reason: ['service', 'disabled_reason'],
    forced_down: ['service', 'forced_down'],
    host: ['service', 'host'],
    last_seen_up: ['service', 'last_seen_up'],
    report_count: ['service', 'report_count'],
    topic: ['service', 'topic'],
    uuid: ['service', 'uuid'],
    version: ['service', 'version'],
  },
}) {}

/** Notification `service.<action>`. */
export class ServiceStatusNotification extends defineNotification({
  name: 'ServiceStatusNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(ServiceStatusPayload),
  },
}) {}
