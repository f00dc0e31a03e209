import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { defineNotification } from './notification-family.js'

/** A key pair. */
export class KeypairPayload extends defineNotification({
  name: 'KeypairPayload',
  version: '1.0',
  fields: {
    fingerprint: f.string({ nullable: true }),
    name: f.string(),
    public_key: f.string({ nullable: true }),
    type: f.string(),
    user_id: f.string({ nullable: true }),
  },
  schema: {
    fingerprint: ['keypair', 'fingerprint'],
    name: ['keypair', 'name'],
    public_key: ['keypair', 'public_key'],
    type: ['keypair', 'type'],
    user_id: ['keypair', 'user_id'],
  },
}) {}

/** Notification `keypair.<action>.<phase>`. */
export class KeypairNotification extends defineNotification({
  name: 'KeypairNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(KeypairPayload),
  },
}) {}
