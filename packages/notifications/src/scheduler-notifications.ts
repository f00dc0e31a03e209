import type { Logger } from '@micronova/log'
import { EventType, NotificationPublisher, type RequestContext, type RequestSpec, SelectDestinationsNotification } from '@micronova/model'
import type { NotificationEmitter } from './emitter.js'
import { requestSpecDict } from './request-spec-dict.js'
import { requestSpecPayload } from './request-spec-payload.js'

export interface SchedulerNotificationsDeps {
  readonly emitter: NotificationEmitter
  readonly log: Logger
}

/** What nova-scheduler tells: that it looks for hosts, and that it has found some. Never rejects. */
export class SchedulerNotifications {
  readonly #deps: SchedulerNotificationsDeps
  readonly #host: string

  /** @param host of the service that tells */
  constructor(deps: SchedulerNotificationsDeps, { host }: { readonly host: string }) {
    this.#deps = deps
    this.#host = host
  }

  /** `scheduler.select_destinations.<phase>`. */
  async selectDestinations(ctx: RequestContext, spec: RequestSpec, phase: 'start' | 'end'): Promise<void> {
    const { emitter, log } = this.#deps
    const host = this.#host
    try {
      if (emitter.sendsLegacy) {
        const payload = { request_spec: requestSpecDict(spec) }
        await emitter.emitLegacy(ctx, 'info', `scheduler.${host}`, `scheduler.select_destinations.${phase}`, payload)
      }
      if (!emitter.sendsVersioned) return
      const notification = new SelectDestinationsNotification({
        priority: 'info',
        event_type: new EventType({ object: 'scheduler', action: 'select_destinations', phase }),
        publisher: new NotificationPublisher({ host, source: 'nova-scheduler' }),
        payload: requestSpecPayload(spec),
      })
      await emitter.emit(ctx, notification)
    } catch (err) {
      log.warning('A notification could not be made', { err })
    }
  }
}
