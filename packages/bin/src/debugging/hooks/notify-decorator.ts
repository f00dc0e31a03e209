import type { JsonObject, NotificationPriority, Serializer } from '@micronova/messaging'
import type { RequestContext } from '@micronova/model'
import type { NotificationEmitter } from '@micronova/notifications'
import type { Decorator } from './decorator.js'
import { maskedArguments } from './masked-arguments.js'

export interface NotifyDecoratorDeps {
  readonly emitter: Pick<NotificationEmitter, 'emitLegacy' | 'sendsLegacy'>
  /** Of objects. */
  readonly serializer: Pick<Serializer<RequestContext>, 'serializeEntity'>
}

export interface NotifyDecoratorOptions {
  readonly publisherId: string
  readonly priority: NotificationPriority
}

/**
 * Tells of each call before it runs, in the older form: event type `nova.compute.manager.ComputeManager.reboot_instance`, payload
 * `{"args": [], "kwarg": {"instance": {...}, ...}}`. Arguments off the wire have names, so `args` is empty; upstream has the manager
 * and the context in it. Objects are in their wire form, secrets are masked.
 *
 * @see nova 17 (Queens), `notifications/base.py`, `notify_decorator`
 */
export function notifyDecorator(
  { emitter, serializer }: NotifyDecoratorDeps,
  { publisherId, priority }: NotifyDecoratorOptions,
): Decorator {
  return (name, call) => async (ctx, args, signal) => {
    if (emitter.sendsLegacy) {
      const kwarg = maskedArguments(serializer.serializeEntity(ctx, args) as JsonObject)
      await emitter.emitLegacy(ctx, priority, publisherId, name, { args: [], kwarg })
    }
    return call(ctx, args, signal)
  }
}
