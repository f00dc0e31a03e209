import { classMethod, instanceMethod, type Primitive } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'
import { HVSpec } from './hv-spec.js'
import { PciDevicePoolList } from './pci-device-pool.js'

/** A hypervisor: what it has and what is used of it. */
export class ComputeNode extends defineObject({
  name: 'ComputeNode',
  version: '1.19',
  fields: {
    ...persistentFields,
    cpu_allocation_ratio: f.float(),
    cpu_info: f.string({ nullable: true }),
    current_workload: f.integer({ nullable: true }),
    disk_allocation_ratio: f.float(),
    disk_available_least: f.integer({ nullable: true }),
    free_disk_gb: f.integer({ nullable: true }),
    free_ram_mb: f.integer({ nullable: true }),
    host: f.string({ nullable: true }),
    host_ip: f.ipAddress({ nullable: true }),
    hypervisor_hostname: f.string({ nullable: true }),
    hypervisor_type: f.string(),
    hypervisor_version: f.integer(),
    id: f.integer({ readOnly: true }),
    local_gb: f.integer(),
    local_gb_used: f.integer(),
    mapped: f.integer(),
    memory_mb: f.integer(),
    memory_mb_used: f.integer(),
    metrics: f.string({ nullable: true }),
    numa_topology: f.string({ nullable: true }),
    pci_device_pools: f.object(PciDevicePoolList, { nullable: true }),
    ram_allocation_ratio: f.float(),
    running_vms: f.integer({ nullable: true }),
    service_id: f.integer({ nullable: true }),
    stats: f.dict(f.string({ nullable: true }), { nullable: true }),
    supported_hv_specs: f.list(f.object(HVSpec)),
    uuid: f.uuid({ readOnly: true }),
    vcpus: f.integer(),
    vcpus_used: f.integer(),
  },
  remotable: {
    create: instanceMethod(),
    destroy: instanceMethod(),
    get_by_host_and_nodename: classMethod('host', 'nodename'),
    get_by_id: classMethod('compute_id'),
    get_by_nodename: classMethod('hypervisor_hostname'),
    get_by_service_id: classMethod('service_id'),
    get_by_uuid: classMethod('compute_uuid'),
    get_first_node_by_host_for_old_compat: classMethod('host', ['use_slave', false]),
    save: instanceMethod(['prune_stats', false]),
  },
  compat: [
    { below: '1.17', removes: ['mapped'] },
    { below: '1.16', removes: ['disk_allocation_ratio'] },
    { below: '1.15', removes: ['uuid'] },
    { below: '1.14', removes: ['cpu_allocation_ratio', 'ram_allocation_ratio'] },
    { below: '1.13', change: inventServiceId },
    { below: '1.9', removes: ['pci_device_pools'] },
    { below: '1.7', removes: ['host'] },
    { below: '1.6', removes: ['supported_hv_specs'] },
    { below: '1.5', removes: ['numa_topology'] },
    { below: '1.4', removes: ['host_ip'] },
    { below: '1.3', removes: ['stats'] },
  ],
}) {}

export class ComputeNodeList extends defineList({
  name: 'ComputeNodeList',
  version: '1.17',
  of: ComputeNode,
  remotable: {
    _get_by_service: classMethod('service_id', ['use_slave', false]),
    get_all: classMethod(),
    get_all_by_host: classMethod('host', ['use_slave', false]),
    get_all_by_not_mapped: classMethod('mapped_less_than'),
    get_all_by_uuids: classMethod('compute_uuids'),
    get_by_hypervisor: classMethod('hypervisor_match'),
    get_by_pagination: classMethod(['limit', null], ['marker', null]),
  },
}) {}

/** Before 1.13 the id could not be null. Upstream looks the service up first; -1 is what it sends if there is none. */
function inventServiceId(data: Primitive): void {
  data.service_id ??= -1
}
