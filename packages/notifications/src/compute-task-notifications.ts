import type { Logger } from '@micronova/log'
import {
  ComputeTaskNotification,
  ComputeTaskPayload,
  EventType,
  NotificationPublisher,
  type RequestContext,
  type RequestSpec,
} from '@micronova/model'
import type { NotificationEmitter } from './emitter.js'
import { described, exceptionPayload } from './failure.js'
import { requestSpecDict } from './request-spec-dict.js'
import { requestSpecPayload } from './request-spec-payload.js'

type Action = NonNullable<EventType['action']>

/** A request that came to nothing. */
export interface FailedTask {
  /** `build_instances`, `migrate_server`, `rebuild_server` ... */
  readonly method: Action
  readonly instanceUuid: string
  /** What the instance becomes: `error`. */
  readonly vmState: string
  readonly requestSpec: RequestSpec | null
  readonly failure: unknown
}

export interface ComputeTaskNotificationsDeps {
  readonly emitter: NotificationEmitter
  readonly log: Logger
}

/** What nova-conductor tells of the requests that it could not fulfil. Never rejects. */
export class ComputeTaskNotifications {
  readonly #deps: ComputeTaskNotificationsDeps
  readonly #host: string

  /** @param host of the service that tells */
  constructor(deps: ComputeTaskNotificationsDeps, { host }: { readonly host: string }) {
    this.#deps = deps
    this.#host = host
  }

  /** `compute_task.<method>` in the older form, `compute_task.<method>.error`. */
  async failed(ctx: RequestContext, { method, instanceUuid, vmState, requestSpec, failure }: FailedTask): Promise<void> {
    const { emitter, log } = this.#deps
    const host = this.#host
    try {
      if (emitter.sendsLegacy) {
        const spec = requestSpec === null ? {} : requestSpecDict(requestSpec)
        const payload = {
          request_spec: spec,
          instance_properties: spec.instance_properties ?? {},
          instance_id: instanceUuid,
          state: vmState,
          method,
          reason: described(failure).message,
        }
        await emitter.emitLegacy(ctx, 'error', `compute_task.${host}`, `compute_task.${method}`, payload)
      }
      if (!emitter.sendsVersioned) return
      const payload = new ComputeTaskPayload({
        instance_uuid: instanceUuid,
        request_spec: requestSpec === null ? null : requestSpecPayload(requestSpec),
        state: vmState as 'error',
        reason: exceptionPayload(failure),
      })
      const notification = new ComputeTaskNotification({
        priority: 'error',
        event_type: new EventType({ object: 'compute_task', action: method, phase: 'error' }),
        publisher: new NotificationPublisher({ host, source: 'nova-conductor' }),
        payload,
      })
      await emitter.emit(ctx, notification)
    } catch (err) {
      log.warning('A notification could not be made', { err, instanceUuid })
    }
  }
}
