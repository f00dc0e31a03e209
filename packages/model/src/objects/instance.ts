import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'
import { EC2Ids } from './ec2.js'
import { Flavor } from './flavor.js'
import { InstanceFault } from './instance-fault.js'
import { InstanceInfoCache } from './instance-info-cache.js'
import { InstanceNUMATopology } from './instance-numa.js'
import { InstancePCIRequests } from './instance-pci-requests.js'
import { KeyPairList } from './keypair.js'
import { MigrationContext } from './migration-context.js'
import { PciDeviceList } from './pci-device.js'
import { ResourceList } from './resource.js'
import { SecurityGroupList } from './security-group.js'
import { ServiceList } from './service.js'
import { TagList } from './tag.js'
import { TrustedCerts } from './trusted-certs.js'
import { VirtCPUModel } from './vcpu-model.js'
import { InstanceDeviceMetadata } from './virt-device-metadata.js'

/** A server: what it is, what is being done to it, and where it runs. Its vm state, task state and power state are in `states.ts`. */
export class Instance extends defineObject({
  name: 'Instance',
  version: '2.7',
  fields: {
    ...persistentFields,
    access_ip_v4: f.ipv4Address({ nullable: true }),
    access_ip_v6: f.ipv6Address({ nullable: true }),
    architecture: f.string({ nullable: true }),
    auto_disk_config: f.boolean({ default: false }),
    availability_zone: f.string({ nullable: true }),
    cell_name: f.string({ nullable: true }),
    cleaned: f.boolean({ default: false }),
    config_drive: f.string({ nullable: true }),
    default_ephemeral_device: f.string({ nullable: true }),
    default_swap_device: f.string({ nullable: true }),
    device_metadata: f.object(InstanceDeviceMetadata, { nullable: true }),
    disable_terminate: f.boolean({ default: false }),
    display_description: f.string({ nullable: true }),
    display_name: f.string({ nullable: true }),
    ec2_ids: f.object(EC2Ids),
    ephemeral_gb: f.integer({ nullable: true }),
    ephemeral_key_uuid: f.uuid({ nullable: true }),
    fault: f.object(InstanceFault, { nullable: true }),
    flavor: f.object(Flavor),
    hidden: f.boolean({ default: false }),
    host: f.string({ nullable: true }),
    hostname: f.string({ nullable: true }),
    id: f.integer(),
    image_ref: f.string({ nullable: true }),
    info_cache: f.object(InstanceInfoCache, { nullable: true }),
    instance_type_id: f.integer({ nullable: true }),
    kernel_id: f.string({ nullable: true }),
    key_data: f.string({ nullable: true }),
    key_name: f.string({ nullable: true }),
    keypairs: f.object(KeyPairList),
    launch_index: f.integer({ nullable: true }),
    launched_at: f.dateTime({ nullable: true }),
    launched_on: f.string({ nullable: true }),
    locked: f.boolean({ default: false }),
    locked_by: f.string({ nullable: true }),
    memory_mb: f.integer({ nullable: true }),
    metadata: f.dict(f.string()),
    migration_context: f.object(MigrationContext, { nullable: true }),
    new_flavor: f.object(Flavor, { nullable: true }),
    node: f.string({ nullable: true }),
    numa_topology: f.object(InstanceNUMATopology, { nullable: true }),
    old_flavor: f.object(Flavor, { nullable: true }),
    os_type: f.string({ nullable: true }),
    pci_devices: f.object(PciDeviceList, { nullable: true }),
    pci_requests: f.object(InstancePCIRequests, { nullable: true }),
    power_state: f.integer({ nullable: true }),
    progress: f.integer({ nullable: true }),
    project_id: f.string({ nullable: true }),
    ramdisk_id: f.string({ nullable: true }),
    reservation_id: f.string({ nullable: true }),
    resources: f.object(ResourceList, { nullable: true }),
    root_device_name: f.string({ nullable: true }),
    root_gb: f.integer({ nullable: true }),
    security_groups: f.object(SecurityGroupList),
    services: f.object(ServiceList),
    shutdown_terminate: f.boolean({ default: false }),
    system_metadata: f.dict(f.string({ nullable: true })),
    tags: f.object(TagList),
    task_state: f.string({ nullable: true }),
    terminated_at: f.dateTime({ nullable: true }),
    trusted_certs: f.object(TrustedCerts, { nullable: true }),
    user_data: f.string({ nullable: true }),
    user_id: f.string({ nullable: true }),
    uuid: f.uuid(),
    vcpu_model: f.object(VirtCPUModel, { nullable: true }),
    vcpus: f.integer({ nullable: true }),
    vm_mode: f.string({ nullable: true }),
    vm_state: f.string({ nullable: true }),
  },
  tracked: ['metadata', 'system_metadata'],
  remotable: {
    create: instanceMethod(),
    delete_metadata_key: instanceMethod('key'),
    destroy: instanceMethod(['hard_delete', false]),
    drop_migration_context: instanceMethod(),
    get_by_id: classMethod('inst_id', ['expected_attrs', null]),
    get_by_uuid: classMethod('uuid', ['expected_attrs', null], ['use_slave', false]),
    refresh: instanceMethod(['use_slave', false]),
    save: instanceMethod(['expected_vm_state', null], ['expected_task_state', null], ['admin_state_reset', false]),
  },
  compat: [
    { below: '2.7', removes: ['resources'] },
    { below: '2.6', removes: ['hidden'] },
    { below: '2.4', removes: ['trusted_certs'] },
    { below: '2.3', removes: ['device_metadata'] },
    { below: '2.2', removes: ['keypairs'] },
    { below: '2.1', removes: ['services'] },
  ],
}) {}

export class InstanceList extends defineList({
  name: 'InstanceList',
  version: '2.6',
  of: Instance,
  remotable: {
    _get_active_by_window_joined: classMethod(
      'begin',
      ['end', null],
      ['project_id', null],
      ['host', null],
      ['expected_attrs', null],
      ['use_slave', false],
      ['limit', null],
      ['marker', null],
    ),
    get_all: classMethod(['expected_attrs', null]),
    get_by_filters: classMethod(
      'filters',
      ['sort_key', 'created_at'],
      ['sort_dir', 'desc'],
      ['limit', null],
      ['marker', null],
      ['expected_attrs', null],
      ['use_slave', false],
      ['sort_keys', null],
      ['sort_dirs', null],
    ),
    get_by_grantee_security_group_ids: classMethod('security_group_ids'),
    get_by_host: classMethod('host', ['expected_attrs', null], ['use_slave', false]),
    get_by_host_and_node: classMethod('host', 'node', ['expected_attrs', null]),
    get_by_host_and_not_type: classMethod('host', ['type_id', null], ['expected_attrs', null]),
    get_by_security_group_id: classMethod('security_group_id'),
    get_count_by_vm_state: classMethod('project_id', 'user_id', 'vm_state'),
    get_counts: classMethod('project_id', ['user_id', null]),
    get_hung_in_rebooting: classMethod('reboot_window', ['expected_attrs', null]),
    get_uuids_by_host: classMethod('host'),
    get_uuids_by_host_and_node: classMethod('host', 'node'),
    get_uuids_by_hosts: classMethod('hosts'),
  },
}) {}
