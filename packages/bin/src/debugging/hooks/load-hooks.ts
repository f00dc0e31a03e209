import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { NotificationPriority, Transport } from '@micronova/messaging'
import { adminContext } from '@micronova/model'
import { NotificationEmitter, type NotificationSettings } from '@micronova/notifications'
import { contextOnlySerializer, createNovaSerializer, type ServiceHooks } from '@micronova/rpcapi'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import { NOTIFY_DECORATOR } from './declared.js'
import { loadDecorator } from './load-decorator.js'
import { notifyDecorator } from './notify-decorator.js'
import type { Patch } from './plan.js'
import { type Wrapping, wrapEndpoints, wrapTasks } from './wrap.js'

export interface HooksDeps {
  readonly log: Logger
  readonly clock: Clock
  readonly random: Random
  readonly registry: ObjectRegistry
  /** That of notifications. */
  readonly transport: Pick<Transport, 'notifier'>
}

export interface HooksOptions {
  readonly patches: readonly Patch[]
  /** Of the service that is being made: `nova.compute.manager`. */
  readonly module: string
  readonly notifications: NotificationSettings
  readonly publisherId: string
  readonly priority: NotificationPriority
}

/**
 * The decorators of `options.patches` for one service.
 *
 * @throws CommandFailed if a file cannot be loaded; the wrapping itself if a decorator refuses
 */
export function loadHooks(deps: HooksDeps, options: HooksOptions): Pick<ServiceHooks, 'wrapEndpoints' | 'wrapPeriodicTasks'> {
  const { clock, random, registry, transport, log } = deps
  const { module, notifications, patches } = options
  const emitter = new NotificationEmitter({ transport, serializer: contextOnlySerializer }, notifications)
  const declared = { [NOTIFY_DECORATOR]: notifyDecorator({ emitter, serializer: createNovaSerializer({ registry }) }, options) }
  const own = patches.filter((patch) => patch.module === module)
  const wrapping: Wrapping = { module, decorators: own.map(({ decorator }) => loadDecorator(decorator, declared)) }
  for (const { decorator } of own) {
    const name = decorator.kind === 'declared' ? decorator.name : `${decorator.path}#${decorator.exported}`
    log.info(`The operations of ${module} are wrapped in ${name}`)
    if (decorator.kind === 'declared' && !emitter.sendsLegacy)
      log.warning(
        `${name} sends nothing: [oslo_messaging_notifications] driver and [notifications] notification_format allow none of its kind`,
      )
  }
  return {
    wrapEndpoints: (endpoints) => wrapEndpoints(endpoints, wrapping),
    wrapPeriodicTasks: (tasks) => wrapTasks(tasks, wrapping, () => adminContext({ clock, random })),
  }
}
