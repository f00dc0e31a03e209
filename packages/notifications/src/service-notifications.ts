import type { Logger } from '@micronova/log'
import {
  EventType,
  NotificationPublisher,
  populatePayload,
  type RequestContext,
  type Service,
  ServiceStatusNotification,
  ServiceStatusPayload,
} from '@micronova/model'
import type { NotificationEmitter } from './emitter.js'

export interface ServiceNotificationsDeps {
  readonly emitter: NotificationEmitter
  readonly log: Logger
}

type Source = NonNullable<NotificationPublisher['source']>

/** What is told of services, by whoever writes their records, in their own name. Only in the versioned form. Never rejects. */
export class ServiceNotifications {
  readonly #deps: ServiceNotificationsDeps

  constructor(deps: ServiceNotificationsDeps) {
    this.#deps = deps
  }

  get isOn(): boolean {
    return this.#deps.emitter.sendsVersioned
  }

  /** `service.<action>`. */
  async changed(ctx: RequestContext, service: Service, action: 'create' | 'update' | 'delete'): Promise<void> {
    const { emitter, log } = this.#deps
    if (!this.isOn) return
    try {
      const payload = new ServiceStatusPayload({})
      populatePayload(payload, { service })
      const notification = new ServiceStatusNotification({
        priority: 'info',
        event_type: new EventType({ object: 'service', action, phase: null }),
        publisher: new NotificationPublisher({ host: service.host ?? '', source: service.binary as Source }),
        payload,
      })
      await emitter.emit(ctx, notification)
    } catch (err) {
      log.warning('A notification could not be made', { err })
    }
  }
}
