import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Instance, RequestContext, Stores } from '@micronova/model'
import { InstanceNotifications, type InstanceNotificationsOptions, type NotificationEmitter } from '@micronova/notifications'
import type { TaskParts } from './compute-task/create-task-deps.js'

/** What is told of instances while they are on their way, and no compute has them. */
export interface TellingSteps {
  readonly emitter: NotificationEmitter
  readonly settings: Omit<InstanceNotificationsOptions, 'host'>
  readonly clock: Clock
  readonly log: Logger
  /** Of this conductor. */
  readonly host: string
}

/**
 * Tells others of moves between cells that are confirmed or reverted, as no compute sees both ends of that; and of servers that are
 * deleted before a compute has them.
 *
 * @see nova 26.2.2, `conductor/tasks/cross_cell_migrate.py`, `_send_resize_confirm_notification`; `conductor/manager.py`,
 *   `_destroy_build_request`
 */
export function tellingSteps(parts: TellingSteps): NonNullable<TaskParts['onStep']> {
  return (ctx: RequestContext, { scope, instance }, step, phase) => {
    const notifications = notificationsOf(parts, scope.stores, step === 'delete' ? 'nova-conductor' : 'nova-compute')
    // Of a copy, as what a message needs must not be saved with the instance.
    return notifications.action(ctx, instance.objClone(), step, phase)
  }
}

/** Tells others that a host for a rebuild is found. */
export function tellingRebuilds(parts: TellingSteps): NonNullable<TaskParts['onRebuildScheduled']> {
  return (ctx: RequestContext, instance: Instance, stores) => {
    const notifications = notificationsOf(parts, stores, 'nova-conductor')
    return notifications.rebuildScheduled(ctx, instance)
  }
}

/** @param stores of the instance's cell */
function notificationsOf(
  { settings, host, ...parts }: TellingSteps,
  { instances, blockDeviceMappings }: Pick<Stores, 'instances' | 'blockDeviceMappings'>,
  source: NonNullable<InstanceNotificationsOptions['source']>,
): InstanceNotifications {
  const { readsVolumes, auditPeriod, imageEndpoint } = settings
  return new InstanceNotifications(
    {
      ...parts,
      load: (ctx, instance, attributes) => instances.load(ctx, instance, attributes),
      blockDevices: (ctx, { uuid }) => blockDeviceMappings.listByInstanceUuid(ctx, uuid),
    },
    { host, source, readsVolumes, auditPeriod, imageEndpoint },
  )
}
