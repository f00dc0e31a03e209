import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { defineNotification } from './notification-family.js'
import { RequestSpecPayload } from './request-spec.js'

/** Notification `scheduler.select_destinations.<phase>`. */
export class SelectDestinationsNotification extends defineNotification({
  name: 'SelectDestinationsNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(RequestSpecPayload),
  },
}) {}
