import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { ExceptionPayload } from './exception.js'
import { defineNotification } from './notification-family.js'

/** A libvirt that does not answer. */
export class LibvirtErrorPayload extends defineNotification({
  name: 'LibvirtErrorPayload',
  version: '1.0',
  fields: {
    ip: f.string(),
    reason: f.object(ExceptionPayload),
  },
  schema: {},
}) {}

/** Notification `libvirt.connect.error`. */
export class LibvirtErrorNotification extends defineNotification({
  name: 'LibvirtErrorNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(LibvirtErrorPayload),
  },
}) {}
