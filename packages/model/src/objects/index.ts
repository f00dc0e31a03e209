export { Aggregate, AggregateList } from './aggregate.js'
export { BlockDeviceMapping, BlockDeviceMappingList } from './block-device.js'
export { BuildRequest, BuildRequestList } from './build-request.js'
export { CellMapping, CellMappingList } from './cell-mapping.js'
export { ComputeNode, ComputeNodeList } from './compute-node.js'
export { ConsoleAuthToken } from './console-auth-token.js'
export { CpuDiagnostics, Diagnostics, DiskDiagnostics, MemoryDiagnostics, NicDiagnostics } from './diagnostics.js'
export { EC2Ids, EC2InstanceMapping, S3ImageMapping } from './ec2.js'
export { InstanceExternalEvent } from './external-event.js'
export { Flavor, FlavorList } from './flavor.js'
export { HostMapping, HostMappingList } from './host-mapping.js'
export { HVSpec } from './hv-spec.js'
export { ImageMeta, ImageMetaProps } from './image-meta.js'
export { Instance, InstanceList } from './instance.js'
export { InstanceAction, InstanceActionEvent, InstanceActionEventList, InstanceActionList } from './instance-action.js'
export { InstanceFault, InstanceFaultList } from './instance-fault.js'
export { InstanceGroup, InstanceGroupList } from './instance-group.js'
export { InstanceInfoCache } from './instance-info-cache.js'
export { InstanceMapping, InstanceMappingList } from './instance-mapping.js'
export { InstanceNUMACell, InstanceNUMATopology } from './instance-numa.js'
export { InstancePCIRequest, InstancePCIRequests } from './instance-pci-requests.js'
export { KeyPair, KeyPairList } from './keypair.js'
export {
  HyperVLiveMigrateData,
  LibvirtLiveMigrateBDMInfo,
  LibvirtLiveMigrateData,
  LibvirtLiveMigrateNUMAInfo,
  VIFMigrateData,
  VMwareLiveMigrateData,
} from './migrate-data.js'
export { Migration, MigrationList } from './migration.js'
export { MigrationContext } from './migration-context.js'
export { MonitorMetric, MonitorMetricList } from './monitor-metric.js'
export { NetworkMetadata } from './network-metadata.js'
export { NetworkRequest, NetworkRequestList } from './network-request.js'
export { NUMACell, NUMAPagesTopology, NUMATopology, NUMATopologyLimits } from './numa.js'
export { PciDevice, PciDeviceList } from './pci-device.js'
export { PciDevicePool, PciDevicePoolList } from './pci-device-pool.js'
export { Quotas, QuotasNoOp } from './quotas.js'
export { Destination, RequestGroup, RequestLevelParams, RequestSpec, SchedulerLimits, SchedulerRetries } from './request-spec.js'
export { LibvirtVPMEMDevice, Resource, ResourceList, ResourceMetadata } from './resource.js'
export { SecurityGroup, SecurityGroupList } from './security-group.js'
export { Selection } from './selection.js'
export { Service, ServiceList } from './service.js'
export { Tag, TagList } from './tag.js'
export { TaskLog, TaskLogList } from './task-log.js'
export { TrustedCerts } from './trusted-certs.js'
export { VirtCPUFeature, VirtCPUModel } from './vcpu-model.js'
export { VirtCPUTopology } from './virt-cpu-topology.js'
export {
  DeviceBus,
  DeviceMetadata,
  DiskMetadata,
  IDEDeviceBus,
  InstanceDeviceMetadata,
  NetworkInterfaceMetadata,
  PCIDeviceBus,
  SCSIDeviceBus,
  USBDeviceBus,
  XenDeviceBus,
} from './virt-device-metadata.js'
export { VirtualInterface, VirtualInterfaceList } from './virtual-interface.js'
export { VolumeUsage } from './volume-usage.js'
