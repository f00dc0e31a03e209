import { NotificationAction, NotificationPhase, NotificationPriority, NotificationSource } from '../../enums.js'
import { f } from '../../fields.js'
import { defineNotification } from './notification-family.js'

/** Object, action and phase of a notification: `instance.create.start`. */
export class EventType extends defineNotification({
  name: 'EventType',
  version: '1.21',
  fields: {
    action: f.enum(NotificationAction),
    object: f.string(),
    phase: f.enum(NotificationPhase, { nullable: true }),
  },
}) {}

/** Program and host that send a notification. */
export class NotificationPublisher extends defineNotification({
  name: 'NotificationPublisher',
  version: '2.2',
  fields: {
    host: f.string(),
    source: f.enum(NotificationSource),
  },
}) {}

/** The head of every notification. */
export const notificationFields = {
  priority: f.enum(NotificationPriority),
  event_type: f.object(EventType),
  publisher: f.object(NotificationPublisher),
} as const
