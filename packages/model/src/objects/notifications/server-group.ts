import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { defineNotification } from './notification-family.js'

/** A server group. */
export class ServerGroupPayload extends defineNotification({
  name: 'ServerGroupPayload',
  version: '1.1',
  fields: {
    hosts: f.list(f.string(), { nullable: true }),
    members: f.list(f.string(), { nullable: true }),
    name: f.string({ nullable: true }),
    policies: f.list(f.string(), { nullable: true }),
    policy: f.string({ nullable: true }),
    project_id: f.string({ nullable: true }),
    rules: f.dict(f.string()),
    user_id: f.string({ nullable: true }),
    uuid: f.uuid(),
  },
  schema: {
    hosts: ['group', 'hosts'],
    members: ['group', 'members'],
    name: ['group', 'name'],
    policies: ['group', 'policies'],
    policy: ['group', 'policy'],
    project_id: ['group', 'project_id'],
    rules: ['group', 'rules'],
    user_id: ['group', 'user_id'],
    uuid: ['group', 'uuid'],
  },
}) {}

/** Notification `server_group.<action>`. */
export class ServerGroupNotification extends defineNotification({
  name: 'ServerGroupNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(ServerGroupPayload),
  },
}) {}
