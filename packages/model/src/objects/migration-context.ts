import { classMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineObject, persistentFields } from './base.js'
import { InstanceNUMATopology } from './instance-numa.js'
import { InstancePCIRequests } from './instance-pci-requests.js'
import { PciDeviceList } from './pci-device.js'
import { ResourceList } from './resource.js'

/** What an instance claims on both sides while it moves. */
export class MigrationContext extends defineObject({
  name: 'MigrationContext',
  version: '1.2',
  fields: {
    ...persistentFields,
    instance_uuid: f.uuid(),
    migration_id: f.integer(),
    new_numa_topology: f.object(InstanceNUMATopology, { nullable: true }),
    new_pci_devices: f.object(PciDeviceList, { nullable: true }),
    new_pci_requests: f.object(InstancePCIRequests, { nullable: true }),
    new_resources: f.object(ResourceList, { nullable: true }),
    old_numa_topology: f.object(InstanceNUMATopology, { nullable: true }),
    old_pci_devices: f.object(PciDeviceList, { nullable: true }),
    old_pci_requests: f.object(InstancePCIRequests, { nullable: true }),
    old_resources: f.object(ResourceList, { nullable: true }),
  },
  remotable: {
    get_by_instance_uuid: classMethod('instance_uuid'),
  },
  compatChildren: false,
  compat: [
    { below: '1.2', removes: ['new_resources', 'old_resources'] },
    { below: '1.1', removes: ['new_pci_devices', 'new_pci_requests', 'old_pci_devices', 'old_pci_requests'] },
  ],
}) {}
