import { f } from '../fields.js'
import { defineObject } from './base.js'
import { Migration } from './migration.js'

/** A port, as it will be bound on the destination of a live migration. */
export class VIFMigrateData extends defineObject({
  name: 'VIFMigrateData',
  version: '1.0',
  fields: {
    host: f.string(),
    port_id: f.string(),
    profile_json: f.string(),
    source_vif: f.networkVif(),
    vif_details_json: f.string(),
    vif_type: f.string(),
    vnic_type: f.string(),
  },
}) {}

/** What every hypervisor's migration needs. */
const liveMigrateFields = {
  is_volume_backed: f.boolean(),
  migration: f.object(Migration),
  old_vol_attachment_ids: f.dict(f.string()),
  wait_for_vif_plugged: f.boolean(),
  vifs: f.list(f.object(VIFMigrateData)),
} as const

/** What two Hyper-V hosts tell each other for a live migration. */
export class HyperVLiveMigrateData extends defineObject({
  name: 'HyperVLiveMigrateData',
  version: '1.4',
  fields: {
    ...liveMigrateFields,
    is_shared_instance_path: f.boolean(),
  },
  compat: [
    { below: '1.4', removes: ['vifs'] },
    { below: '1.3', removes: ['wait_for_vif_plugged'] },
    { below: '1.2', removes: ['old_vol_attachment_ids'] },
    { below: '1.1', removes: ['is_shared_instance_path'] },
  ],
}) {}

/** A volume, as the destination of a live migration attaches it. */
export class LibvirtLiveMigrateBDMInfo extends defineObject({
  name: 'LibvirtLiveMigrateBDMInfo',
  version: '1.1',
  fields: {
    boot_index: f.integer({ nullable: true }),
    bus: f.string(),
    connection_info_json: f.string(),
    dev: f.string(),
    encryption_secret_uuid: f.uuid({ nullable: true }),
    format: f.string({ nullable: true }),
    serial: f.string(),
    type: f.string(),
  },
  compat: [{ below: '1.1', removes: ['encryption_secret_uuid'] }],
}) {}

/** Where the CPUs of a guest are pinned on the destination. */
export class LibvirtLiveMigrateNUMAInfo extends defineObject({
  name: 'LibvirtLiveMigrateNUMAInfo',
  version: '1.0',
  fields: {
    cell_pins: f.dict(f.set(f.integer())),
    cpu_pins: f.dict(f.set(f.integer())),
    emulator_pins: f.set(f.integer()),
    sched_priority: f.integer(),
    sched_vcpus: f.set(f.integer()),
  },
}) {}

/** What two libvirt hosts tell each other for a live migration. */
export class LibvirtLiveMigrateData extends defineObject({
  name: 'LibvirtLiveMigrateData',
  version: '1.10',
  fields: {
    ...liveMigrateFields,
    bdms: f.list(f.object(LibvirtLiveMigrateBDMInfo)),
    block_migration: f.boolean(),
    disk_available_mb: f.integer({ nullable: true }),
    disk_over_commit: f.boolean(),
    dst_numa_info: f.object(LibvirtLiveMigrateNUMAInfo),
    dst_supports_numa_live_migration: f.boolean(),
    dst_wants_file_backed_memory: f.boolean(),
    file_backed_memory_discard: f.boolean(),
    filename: f.string(),
    graphics_listen_addr_spice: f.ipAddress({ nullable: true }),
    graphics_listen_addr_vnc: f.ipAddress({ nullable: true }),
    image_type: f.string(),
    instance_relative_path: f.string(),
    is_shared_block_storage: f.boolean(),
    is_shared_instance_path: f.boolean(),
    serial_listen_addr: f.string({ nullable: true }),
    serial_listen_ports: f.list(f.integer()),
    src_supports_native_luks: f.boolean(),
    src_supports_numa_live_migration: f.boolean(),
    supported_perf_events: f.list(f.string()),
    target_connect_addr: f.string({ nullable: true }),
  },
  compat: [
    { below: '1.10', removes: ['src_supports_numa_live_migration'] },
    { below: '1.10', removes: ['dst_supports_numa_live_migration'] },
    { below: '1.10', removes: ['dst_numa_info'] },
    { below: '1.9', removes: ['vifs'] },
    { below: '1.8', removes: ['file_backed_memory_discard'] },
    { below: '1.7', removes: ['dst_wants_file_backed_memory'] },
    { below: '1.6', removes: ['wait_for_vif_plugged'] },
    { below: '1.5', removes: ['src_supports_native_luks'] },
    { below: '1.4', removes: ['old_vol_attachment_ids'] },
    { below: '1.3', removes: ['supported_perf_events'] },
    { below: '1.2', removes: ['serial_listen_ports'] },
    { below: '1.1', removes: ['target_connect_addr'] },
  ],
}) {}

/** What two vCenter clusters tell each other for a live migration. */
export class VMwareLiveMigrateData extends defineObject({
  name: 'VMwareLiveMigrateData',
  version: '1.0',
  fields: {
    ...liveMigrateFields,
    cluster_name: f.string(),
    datastore_regex: f.string(),
  },
}) {}
