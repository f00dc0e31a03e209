import { InstanceState } from '../../enums.js'
import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { ExceptionPayload } from './exception.js'
import { defineNotification } from './notification-family.js'
import { RequestSpecPayload } from './request-spec.js'

/** A request that the conductor could not fulfil. */
export class ComputeTaskPayload extends defineNotification({
  name: 'ComputeTaskPayload',
  version: '1.0',
  fields: {
    instance_uuid: f.uuid(),
    reason: f.object(ExceptionPayload),
    request_spec: f.object(RequestSpecPayload, { nullable: true }),
    state: f.enum(InstanceState, { nullable: true }),
  },
  schema: {},
}) {}

/** Notification `compute_task.<action>.error`. */
export class ComputeTaskNotification extends defineNotification({
  name: 'ComputeTaskNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(ComputeTaskPayload),
  },
}) {}
