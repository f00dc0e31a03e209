import type { ServiceStore } from '@micronova/model'
import type { ServiceNotifications } from '@micronova/notifications'
import { withMembers } from './with-members.js'

/** Changes of these are what others want to hear of; a heartbeat is not. */
const told = ['disabled', 'disabled_reason', 'forced_down'] as const

/**
 * Services whose coming, changing and going is told to others.
 *
 * @see nova 26.2.2, `objects/service.py`, `_send_status_update_notification`
 */
export function tellingServices<S extends ServiceStore>(services: S, notifications: ServiceNotifications): S {
  if (!notifications.isOn) return services
  const telling: Pick<ServiceStore, 'create' | 'save' | 'destroy'> = {
    async create(ctx, service) {
      await services.create(ctx, service)
      await notifications.changed(ctx, service, 'create')
    },
    async save(ctx, service) {
      const changes = service.objGetChanges()
      await services.save(ctx, service)
      if (told.some((field) => field in changes)) await notifications.changed(ctx, service, 'update')
    },
    async destroy(ctx, service) {
      await services.destroy(ctx, service)
      await notifications.changed(ctx, service, 'delete')
    },
  }
  return withMembers(services, telling as Partial<S>)
}
