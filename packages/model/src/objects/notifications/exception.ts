import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { defineNotification } from './notification-family.js'

/** An exception: class, message, module, function and traceback. */
export class ExceptionPayload extends defineNotification({
  name: 'ExceptionPayload',
  version: '1.1',
  fields: {
    exception: f.string(),
    exception_message: f.string(),
    function_name: f.string(),
    module_name: f.string(),
    traceback: f.string(),
  },
  schema: {},
}) {}

/** Notification `compute.exception`. */
export class ExceptionNotification extends defineNotification({
  name: 'ExceptionNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(ExceptionPayload),
  },
}) {}
