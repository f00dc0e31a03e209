import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import {
  EventType,
  type Instance,
  type InstanceAttribute,
  InstanceStateUpdatePayload,
  InstanceUpdateNotification,
  InstanceUpdatePayload,
  NotificationPublisher,
  type RequestContext,
} from '@micronova/model'
import { currentAuditPeriod } from './audit-period.js'
import type { NotificationEmitter } from './emitter.js'
import { instanceInfo, microseconds } from './instance-info.js'
import { auditPayload, tagsOf } from './instance-notifications.js'
import { instanceFields, populated } from './instance-payload.js'
import { type ImageEndpoint, imageUrl } from './settings.js'

/** An instance before a change; undefined: as it is now. */
export interface StatesBefore {
  readonly vmState?: string | null
  readonly taskState?: string | null
  readonly displayName?: string | null
}

export interface StateUpdatesDeps {
  readonly emitter: NotificationEmitter
  readonly clock: Pick<Clock, 'now'>
  readonly log: Logger
  load(ctx: RequestContext, instance: Instance, attributes: readonly InstanceAttribute[]): Promise<void>
}

export interface StateUpdatesOptions {
  readonly host: string
  /** `[notifications] notify_on_state_change`; null: nothing is told. */
  readonly states: 'vm_state' | 'vm_and_task_state' | null
  readonly auditPeriod: string
  readonly imageEndpoint: ImageEndpoint
}

const told = ['flavor', 'metadata', 'system_metadata', 'info_cache', 'tags'] as const

/**
 * `compute.instance.update` and `instance.update`: told by whoever writes the record of an instance, which is the conductor.
 *
 * @see nova 26.2.2, `notifications/base.py`, `send_update`
 */
export class StateUpdates {
  readonly #deps: StateUpdatesDeps
  readonly #options: StateUpdatesOptions

  constructor(deps: StateUpdatesDeps, options: StateUpdatesOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** Whether anything would be told: only then what was before need be kept. */
  get isOn(): boolean {
    const { sendsLegacy, sendsVersioned } = this.#deps.emitter
    return this.#options.states !== null && (sendsLegacy || sendsVersioned)
  }

  /**
   * The record of `instance` has been written. Never rejects.
   *
   * @param service in whose name it is told: `compute` for what a compute had saved, else the conductor's own
   */
  async saved(ctx: RequestContext, instance: Instance, before: StatesBefore, service: 'compute' | 'conductor' = 'compute'): Promise<void> {
    if (!this.isOn) return
    try {
      const missing = told.filter((attribute) => !instance.objIsSet(attribute))
      if (missing.length > 0) await this.#deps.load(ctx, instance, missing)
      await this.#tell(ctx, instance, this.#judged(instance, before), service)
    } catch (err) {
      this.#deps.log.warning('A change of an instance could not be told', { err, instanceUuid: instance.uuid })
    }
  }

  /** A change that the options do not ask for is told as none: both states are the present ones. */
  #judged(instance: Instance, before: StatesBefore): Required<StatesBefore> {
    const { vm_state, task_state, display_name } = instance
    const { vmState = vm_state, taskState = task_state, displayName = display_name } = before
    const isTold = vmState !== vm_state || (this.#options.states === 'vm_and_task_state' && taskState !== task_state)
    if (!isTold) return { vmState: vm_state, taskState: task_state, displayName }
    // Upstream cannot tell a state of none from one that was not given.
    return { vmState: vmState ?? vm_state, taskState: taskState ?? task_state, displayName: display_name }
  }

  async #tell(ctx: RequestContext, instance: Instance, before: Required<StatesBefore>, service: 'compute' | 'conductor'): Promise<void> {
    const { emitter, clock } = this.#deps
    const { host, imageEndpoint } = this.#options
    const span = currentAuditPeriod(this.#options.auditPeriod, clock.now())
    const states = {
      old_state: before.vmState,
      state: instance.vm_state,
      old_task_state: before.taskState,
      new_task_state: instance.task_state,
    }
    const oldName = before.displayName !== instance.display_name ? before.displayName : null
    if (emitter.sendsLegacy) {
      await emitter.emitLegacy(ctx, 'info', `${service}.${host}`, 'compute.instance.update', {
        ...instanceInfo(instance, { imageUrl: imageUrl(imageEndpoint(ctx), instance.image_ref) }),
        ...states,
        audit_period_beginning: microseconds(span.begin),
        audit_period_ending: microseconds(span.end),
        ...(oldName ? { old_display_name: oldName } : {}),
      })
    }
    if (!emitter.sendsVersioned) return
    const payload = new InstanceUpdatePayload({
      ...instanceFields(ctx, instance, null),
      state_update: new InstanceStateUpdatePayload(states),
      audit_period: auditPayload(span),
      old_display_name: oldName,
      tags: tagsOf(instance),
    })
    const notification = new InstanceUpdateNotification({
      priority: 'info',
      event_type: new EventType({ object: 'instance', action: 'update', phase: null }),
      publisher: new NotificationPublisher({ host, source: `nova-${service}` as const }),
      payload: populated(payload, instance),
    })
    await emitter.emit(ctx, notification)
  }
}
