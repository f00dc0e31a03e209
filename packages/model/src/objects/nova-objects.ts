import type { AnyObjectClass } from '@micronova/versionedobjects'
import { Aggregate, AggregateList } from './aggregate.js'
import { BlockDeviceMapping, BlockDeviceMappingList } from './block-device.js'
import { BuildRequest, BuildRequestList } from './build-request.js'
import { CellMapping, CellMappingList } from './cell-mapping.js'
import { ComputeNode, ComputeNodeList } from './compute-node.js'
import { ConsoleAuthToken } from './console-auth-token.js'
import { CpuDiagnostics, Diagnostics, DiskDiagnostics, MemoryDiagnostics, NicDiagnostics } from './diagnostics.js'
import { EC2Ids, EC2InstanceMapping, S3ImageMapping } from './ec2.js'
import { InstanceExternalEvent } from './external-event.js'
import { Flavor, FlavorList } from './flavor.js'
import { HostMapping, HostMappingList } from './host-mapping.js'
import { HVSpec } from './hv-spec.js'
import { ImageMeta, ImageMetaProps } from './image-meta.js'
import { Instance, InstanceList } from './instance.js'
import { InstanceAction, InstanceActionEvent, InstanceActionEventList, InstanceActionList } from './instance-action.js'
import { InstanceFault, InstanceFaultList } from './instance-fault.js'
import { InstanceGroup, InstanceGroupList } from './instance-group.js'
import { InstanceInfoCache } from './instance-info-cache.js'
import { InstanceMapping, InstanceMappingList } from './instance-mapping.js'
import { InstanceNUMACell, InstanceNUMATopology } from './instance-numa.js'
import { InstancePCIRequest, InstancePCIRequests } from './instance-pci-requests.js'
import { KeyPair, KeyPairList } from './keypair.js'
import {
  HyperVLiveMigrateData,
  LibvirtLiveMigrateBDMInfo,
  LibvirtLiveMigrateData,
  LibvirtLiveMigrateNUMAInfo,
  VIFMigrateData,
  VMwareLiveMigrateData,
} from './migrate-data.js'
import { Migration, MigrationList } from './migration.js'
import { MigrationContext } from './migration-context.js'
import { MonitorMetric, MonitorMetricList } from './monitor-metric.js'
import { NetworkMetadata } from './network-metadata.js'
import { NetworkRequest, NetworkRequestList } from './network-request.js'
import { NUMACell, NUMAPagesTopology, NUMATopology, NUMATopologyLimits } from './numa.js'
import { PciDevice, PciDeviceList } from './pci-device.js'
import { PciDevicePool, PciDevicePoolList } from './pci-device-pool.js'
import { Quotas, QuotasNoOp } from './quotas.js'
import { Destination, RequestGroup, RequestLevelParams, RequestSpec, SchedulerLimits, SchedulerRetries } from './request-spec.js'
import { LibvirtVPMEMDevice, Resource, ResourceList, ResourceMetadata } from './resource.js'
import { SecurityGroup, SecurityGroupList } from './security-group.js'
import { Selection } from './selection.js'
import { Service, ServiceList } from './service.js'
import { Tag, TagList } from './tag.js'
import { TaskLog, TaskLogList } from './task-log.js'
import { TrustedCerts } from './trusted-certs.js'
import { VirtCPUFeature, VirtCPUModel } from './vcpu-model.js'
import { VirtCPUTopology } from './virt-cpu-topology.js'
import {
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
import { VirtualInterface, VirtualInterfaceList } from './virtual-interface.js'
import { VolumeUsage } from './volume-usage.js'

/** The 106 objects of Nova 26.2.2 that go over RPC. */
export const novaObjects: readonly AnyObjectClass[] = [
  Aggregate,
  AggregateList,
  BlockDeviceMapping,
  BlockDeviceMappingList,
  BuildRequest,
  BuildRequestList,
  CellMapping,
  CellMappingList,
  ComputeNode,
  ComputeNodeList,
  ConsoleAuthToken,
  CpuDiagnostics,
  Destination,
  DeviceBus,
  DeviceMetadata,
  Diagnostics,
  DiskDiagnostics,
  DiskMetadata,
  EC2Ids,
  EC2InstanceMapping,
  Flavor,
  FlavorList,
  HVSpec,
  HostMapping,
  HostMappingList,
  HyperVLiveMigrateData,
  IDEDeviceBus,
  ImageMeta,
  ImageMetaProps,
  Instance,
  InstanceAction,
  InstanceActionEvent,
  InstanceActionEventList,
  InstanceActionList,
  InstanceDeviceMetadata,
  InstanceExternalEvent,
  InstanceFault,
  InstanceFaultList,
  InstanceGroup,
  InstanceGroupList,
  InstanceInfoCache,
  InstanceList,
  InstanceMapping,
  InstanceMappingList,
  InstanceNUMACell,
  InstanceNUMATopology,
  InstancePCIRequest,
  InstancePCIRequests,
  KeyPair,
  KeyPairList,
  LibvirtLiveMigrateBDMInfo,
  LibvirtLiveMigrateData,
  LibvirtLiveMigrateNUMAInfo,
  LibvirtVPMEMDevice,
  MemoryDiagnostics,
  Migration,
  MigrationContext,
  MigrationList,
  MonitorMetric,
  MonitorMetricList,
  NUMACell,
  NUMAPagesTopology,
  NUMATopology,
  NUMATopologyLimits,
  NetworkInterfaceMetadata,
  NetworkMetadata,
  NetworkRequest,
  NetworkRequestList,
  NicDiagnostics,
  PCIDeviceBus,
  PciDevice,
  PciDeviceList,
  PciDevicePool,
  PciDevicePoolList,
  Quotas,
  QuotasNoOp,
  RequestGroup,
  RequestLevelParams,
  RequestSpec,
  Resource,
  ResourceList,
  ResourceMetadata,
  S3ImageMapping,
  SCSIDeviceBus,
  SchedulerLimits,
  SchedulerRetries,
  SecurityGroup,
  SecurityGroupList,
  Selection,
  Service,
  ServiceList,
  Tag,
  TagList,
  TaskLog,
  TaskLogList,
  TrustedCerts,
  USBDeviceBus,
  VIFMigrateData,
  VMwareLiveMigrateData,
  VirtCPUFeature,
  VirtCPUModel,
  VirtCPUTopology,
  VirtualInterface,
  VirtualInterfaceList,
  VolumeUsage,
  XenDeviceBus,
]
