export { AggregateCacheNotification, AggregateCachePayload, AggregateNotification, AggregatePayload } from './aggregate.js'
export { EventType, NotificationPublisher } from './base.js'
export { ComputeTaskNotification, ComputeTaskPayload } from './compute-task.js'
export { ExceptionNotification, ExceptionPayload } from './exception.js'
export { FlavorNotification, FlavorPayload } from './flavor.js'
export { ImageMetaPayload, ImageMetaPropsPayload } from './image.js'
export {
  AuditPeriodPayload,
  BlockDevicePayload,
  InstanceActionNotification,
  InstanceActionPayload,
  InstanceActionRebuildNotification,
  InstanceActionRebuildPayload,
  InstanceActionRescueNotification,
  InstanceActionRescuePayload,
  InstanceActionResizePrepNotification,
  InstanceActionResizePrepPayload,
  InstanceActionSnapshotNotification,
  InstanceActionSnapshotPayload,
  InstanceActionVolumeNotification,
  InstanceActionVolumePayload,
  InstanceActionVolumeSwapNotification,
  InstanceActionVolumeSwapPayload,
  InstanceCreateNotification,
  InstanceCreatePayload,
  InstanceExistsNotification,
  InstanceExistsPayload,
  InstancePayload,
  InstanceStateUpdatePayload,
  InstanceUpdateNotification,
  InstanceUpdatePayload,
  IpPayload,
} from './instance.js'
export { KeypairNotification, KeypairPayload } from './keypair.js'
export { LibvirtErrorNotification, LibvirtErrorPayload } from './libvirt.js'
export { MetricPayload, MetricsNotification, MetricsPayload } from './metrics.js'
export {
  CellMappingPayload,
  DestinationPayload,
  InstanceNUMACellPayload,
  InstanceNUMATopologyPayload,
  InstancePCIRequestPayload,
  InstancePCIRequestsPayload,
  RequestSpecPayload,
  SchedulerRetriesPayload,
  VirtCPUTopologyPayload,
} from './request-spec.js'
export { SelectDestinationsNotification } from './scheduler.js'
export { ServerGroupNotification, ServerGroupPayload } from './server-group.js'
export { ServiceStatusNotification, ServiceStatusPayload } from './service.js'
export { VolumeUsageNotification, VolumeUsagePayload } from './volume.js'
