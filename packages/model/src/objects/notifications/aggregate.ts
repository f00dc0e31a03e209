import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { defineNotification } from './notification-family.js'

/** How far the hosts of an aggregate are with caching images. */
export class AggregateCachePayload extends defineNotification({
  name: 'AggregateCachePayload',
  version: '1.0',
  fields: {
    host: f.string(),
    id: f.integer(),
    images_cached: f.list(f.string()),
    images_failed: f.list(f.string()),
    index: f.integer(),
    name: f.string(),
    total: f.integer(),
    uuid: f.uuid(),
  },
  schema: {
    id: ['aggregate', 'id'],
    name: ['aggregate', 'name'],
    uuid: ['aggregate', 'uuid'],
  },
}) {}

/** Notification `aggregate.cache_images.<phase>`. */
export class AggregateCacheNotification extends defineNotification({
  name: 'AggregateCacheNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(AggregateCachePayload),
  },
}) {}

/** An aggregate. */
export class AggregatePayload extends defineNotification({
  name: 'AggregatePayload',
  version: '1.1',
  fields: {
    hosts: f.list(f.string(), { nullable: true }),
    id: f.integer({ nullable: true }),
    metadata: f.dict(f.string(), { nullable: true }),
    name: f.string(),
    uuid: f.uuid(),
  },
  schema: {
    hosts: ['aggregate', 'hosts'],
    id: ['aggregate', 'id'],
    metadata: ['aggregate', 'metadata'],
    name: ['aggregate', 'name'],
    uuid: ['aggregate', 'uuid'],
  },
}) {}

/** Notification `aggregate.<action>`. */
export class AggregateNotification extends defineNotification({
  name: 'AggregateNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(AggregatePayload),
  },
}) {}
