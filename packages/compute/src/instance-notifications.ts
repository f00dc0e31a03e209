import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Transport } from '@micronova/messaging'
import type { Stores } from '@micronova/model'
import {
  InstanceNotifications,
  MetricsNotifications,
  NotificationEmitter,
  type NotificationSettings,
  silence,
} from '@micronova/notifications'
import { contextOnlySerializer } from '@micronova/rpcapi'

export interface ComputeNotificationsDeps {
  readonly transport: Pick<Transport, 'notifier'>
  readonly stores: Pick<Stores, 'instances' | 'blockDeviceMappings'>
  readonly clock: Clock
  readonly log: Logger
}

/** What this compute tells others of its instances; what a message left out of one is asked of the conductor. */
export function computeNotifications(
  { transport, stores, clock, log }: ComputeNotificationsDeps,
  host: string,
  settings: NotificationSettings = silence,
): InstanceNotifications {
  return new InstanceNotifications(
    {
      emitter: new NotificationEmitter({ transport, serializer: contextOnlySerializer }, settings),
      clock,
      log,
      load: (ctx, instance, attributes) => stores.instances.load(ctx, instance, attributes),
      blockDevices: (ctx, { uuid }) => stores.blockDeviceMappings.listByInstanceUuid(ctx, uuid),
    },
    { host, readsVolumes: settings.readsVolumes, auditPeriod: settings.auditPeriod, imageEndpoint: settings.imageEndpoint },
  )
}

/** What this compute tells others of its host. */
export function hostMetricsNotifications(
  { transport, log }: Pick<ComputeNotificationsDeps, 'transport' | 'log'>,
  place: { readonly host: string; readonly hostIp: string },
  settings: NotificationSettings = silence,
): MetricsNotifications {
  return new MetricsNotifications(
    { emitter: new NotificationEmitter({ transport, serializer: contextOnlySerializer }, settings), log },
    place,
  )
}
