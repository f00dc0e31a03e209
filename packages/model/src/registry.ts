import { ObjectRegistry } from '@micronova/versionedobjects'
import { notificationObjects } from './objects/notifications/notification-objects.js'
import { novaObjects } from './objects/nova-objects.js'

/** A registry of all of Nova's objects, those of notifications included. */
export function novaRegistry(): ObjectRegistry {
  return new ObjectRegistry([...novaObjects, ...notificationObjects])
}
