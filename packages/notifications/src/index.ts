export { AggregateNotifications, type AggregateNotificationsDeps, type CachingProgress } from './aggregate-notifications.js'
export { type AuditPeriod, currentAuditPeriod, lastCompletedAuditPeriod } from './audit-period.js'
export { ComputeTaskNotifications, type ComputeTaskNotificationsDeps, type FailedTask } from './compute-task-notifications.js'
export { type EmitterDeps, type EmitterOptions, eventTypeText, NotificationEmitter, type VersionedNotification } from './emitter.js'
export {
  type ActionDetails,
  type ExistsOptions,
  type InstanceActionName,
  InstanceNotifications,
  type InstanceNotificationsDeps,
  type InstanceNotificationsOptions,
  type NotificationPhaseName,
} from './instance-notifications.js'
export { MetricsNotifications, type MetricsNotificationsDeps, type ToldMetric } from './metrics-notifications.js'
export { auditOptions, notificationFormatOptions } from './options.js'
export { SchedulerNotifications, type SchedulerNotificationsDeps } from './scheduler-notifications.js'
export { ServiceNotifications, type ServiceNotificationsDeps } from './service-notifications.js'
export { type ImageEndpoint, type NotificationSections, type NotificationSettings, notificationSettings, silence } from './settings.js'
export { type StatesBefore, StateUpdates, type StateUpdatesDeps, type StateUpdatesOptions } from './state-update.js'
