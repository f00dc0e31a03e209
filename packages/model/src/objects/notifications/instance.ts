import { DiskConfig, InstancePowerState, InstanceState, InstanceTaskState } from '../../enums.js'
import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { ExceptionPayload } from './exception.js'
import { FlavorPayload } from './flavor.js'
import { KeypairPayload } from './keypair.js'
import { defineDerivedNotification, defineNotification } from './notification-family.js'

/** The span that a usage audit tells of. */
export class AuditPeriodPayload extends defineNotification({
  name: 'AuditPeriodPayload',
  version: '1.0',
  fields: {
    audit_period_beginning: f.dateTime(),
    audit_period_ending: f.dateTime(),
  },
  schema: {},
}) {}

/** A disk of an instance. */
export class BlockDevicePayload extends defineNotification({
  name: 'BlockDevicePayload',
  version: '1.0',
  fields: {
    boot_index: f.integer({ nullable: true }),
    delete_on_termination: f.boolean({ default: false }),
    device_name: f.string({ nullable: true }),
    tag: f.string({ nullable: true }),
    volume_id: f.uuid(),
  },
  schema: {
    boot_index: ['bdm', 'boot_index'],
    delete_on_termination: ['bdm', 'delete_on_termination'],
    device_name: ['bdm', 'device_name'],
    tag: ['bdm', 'tag'],
    volume_id: ['bdm', 'volume_id'],
  },
}) {}

/** An address of an instance. */
export class IpPayload extends defineNotification({
  name: 'IpPayload',
  version: '1.0',
  fields: {
    address: f.ipv4AndV6Address(),
    device_name: f.string({ nullable: true }),
    label: f.string(),
    mac: f.macAddress(),
    meta: f.dict(f.string()),
    port_uuid: f.uuid({ nullable: true }),
    version: f.integer(),
  },
  schema: {},
}) {}

/** An instance; those of actions add to it. */
export class InstancePayload extends defineNotification({
  name: 'InstancePayload',
  version: '1.8',
  fields: {
    action_initiator_project: f.string({ nullable: true }),
    action_initiator_user: f.string({ nullable: true }),
    architecture: f.string({ nullable: true }),
    auto_disk_config: f.enum(DiskConfig),
    availability_zone: f.string({ nullable: true }),
    block_devices: f.list(f.object(BlockDevicePayload), { nullable: true }),
    created_at: f.dateTime({ nullable: true }),
    deleted_at: f.dateTime({ nullable: true }),
    display_description: f.string({ nullable: true }),
    display_name: f.string({ nullable: true }),
    flavor: f.object(FlavorPayload),
    host: f.string({ nullable: true }),
    host_name: f.string({ nullable: true }),
    image_uuid: f.string({ nullable: true }),
    ip_addresses: f.list(f.object(IpPayload)),
    kernel_id: f.string({ nullable: true }),
    key_name: f.string({ nullable: true }),
    launched_at: f.dateTime({ nullable: true }),
    locked: f.boolean(),
    locked_reason: f.string({ nullable: true }),
    metadata: f.dict(f.string()),
    node: f.string({ nullable: true }),
    os_type: f.string({ nullable: true }),
    power_state: f.enum(InstancePowerState, { nullable: true }),
    progress: f.integer({ nullable: true }),
    ramdisk_id: f.string({ nullable: true }),
    request_id: f.string({ nullable: true }),
    reservation_id: f.string({ nullable: true }),
    state: f.enum(InstanceState, { nullable: true }),
    task_state: f.enum(InstanceTaskState, { nullable: true }),
    tenant_id: f.string({ nullable: true }),
    terminated_at: f.dateTime({ nullable: true }),
    updated_at: f.dateTime({ nullable: true }),
    user_id: f.string({ nullable: true }),
    uuid: f.uuid(),
  },
  schema: {
    architecture: ['instance', 'architecture'],
    auto_disk_config: ['instance', 'auto_disk_config'],
    availability_zone: ['instance', 'availability_zone'],
    created_at: ['instance', 'created_at'],
    deleted_at: ['instance', 'deleted_at'],
    display_description: ['instance', 'display_description'],
    display_name: ['instance', 'display_name'],
    host: ['instance', 'host'],
    host_name: ['instance', 'hostname'],
    image_uuid: ['instance', 'image_ref'],
    kernel_id: ['instance', 'kernel_id'],
    key_name: ['instance', 'key_name'],
    launched_at: ['instance', 'launched_at'],
    locked: ['instance', 'locked'],
    metadata: ['instance', 'metadata'],
    node: ['instance', 'node'],
    os_type: ['instance', 'os_type'],
    power_state: ['instance', 'power_state'],
    progress: ['instance', 'progress'],
    ramdisk_id: ['instance', 'ramdisk_id'],
    reservation_id: ['instance', 'reservation_id'],
    state: ['instance', 'vm_state'],
    task_state: ['instance', 'task_state'],
    tenant_id: ['instance', 'project_id'],
    terminated_at: ['instance', 'terminated_at'],
    updated_at: ['instance', 'updated_at'],
    user_id: ['instance', 'user_id'],
    uuid: ['instance', 'uuid'],
  },
}) {}

/** An instance and the fault of an action, if there was one. */
export class InstanceActionPayload extends defineDerivedNotification({
  name: 'InstanceActionPayload',
  version: '1.8',
  parent: InstancePayload,
  fields: {
    fault: f.object(ExceptionPayload, { nullable: true }),
  },
}) {}

/** Notification `instance.<action>.<phase>`. */
export class InstanceActionNotification extends defineNotification({
  name: 'InstanceActionNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(InstanceActionPayload),
  },
}) {}

/** An instance that is rebuilt, with its trusted certificates. */
export class InstanceActionRebuildPayload extends defineDerivedNotification({
  name: 'InstanceActionRebuildPayload',
  version: '1.9',
  parent: InstanceActionPayload,
  fields: {
    trusted_image_certificates: f.list(f.string(), { nullable: true }),
  },
}) {}

/** Notification `instance.rebuild.<phase>`. */
export class InstanceActionRebuildNotification extends defineNotification({
  name: 'InstanceActionRebuildNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(InstanceActionRebuildPayload),
  },
}) {}

/** An instance that is rescued, with the image. */
export class InstanceActionRescuePayload extends defineDerivedNotification({
  name: 'InstanceActionRescuePayload',
  version: '1.3',
  parent: InstanceActionPayload,
  fields: {
    rescue_image_ref: f.uuid({ nullable: true }),
  },
}) {}

/** Notification `instance.rescue.<phase>`. */
export class InstanceActionRescueNotification extends defineNotification({
  name: 'InstanceActionRescueNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(InstanceActionRescuePayload),
  },
}) {}

/** An instance that is resized, with its new flavor. */
export class InstanceActionResizePrepPayload extends defineDerivedNotification({
  name: 'InstanceActionResizePrepPayload',
  version: '1.3',
  parent: InstanceActionPayload,
  fields: {
    new_flavor: f.object(FlavorPayload, { nullable: true }),
  },
}) {}

/** Notification `instance.resize_prep.<phase>`. */
export class InstanceActionResizePrepNotification extends defineNotification({
  name: 'InstanceActionResizePrepNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(InstanceActionResizePrepPayload),
  },
}) {}

/** An instance of which an image is made. */
export class InstanceActionSnapshotPayload extends defineDerivedNotification({
  name: 'InstanceActionSnapshotPayload',
  version: '1.9',
  parent: InstanceActionPayload,
  fields: {
    snapshot_image_id: f.uuid(),
  },
}) {}

/** Notification `instance.snapshot.<phase>`. */
export class InstanceActionSnapshotNotification extends defineNotification({
  name: 'InstanceActionSnapshotNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(InstanceActionSnapshotPayload),
  },
}) {}

/** An instance and the volume that is attached or detached. */
export class InstanceActionVolumePayload extends defineDerivedNotification({
  name: 'InstanceActionVolumePayload',
  version: '1.6',
  parent: InstanceActionPayload,
  fields: {
    volume_id: f.uuid(),
  },
}) {}

/** Notification `instance.volume_attach.<phase>` and `instance.volume_detach.<phase>`. */
export class InstanceActionVolumeNotification extends defineNotification({
  name: 'InstanceActionVolumeNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(InstanceActionVolumePayload),
  },
}) {}

/** An instance and the volumes that change places. */
export class InstanceActionVolumeSwapPayload extends defineDerivedNotification({
  name: 'InstanceActionVolumeSwapPayload',
  version: '1.8',
  parent: InstanceActionPayload,
  fields: {
    new_volume_id: f.uuid(),
    old_volume_id: f.uuid(),
  },
}) {}

/** Notification `instance.volume_swap.<phase>`. */
export class InstanceActionVolumeSwapNotification extends defineNotification({
  name: 'InstanceActionVolumeSwapNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(InstanceActionVolumeSwapPayload),
  },
}) {}

/** An instance that is created. */
export class InstanceCreatePayload extends defineDerivedNotification({
  name: 'InstanceCreatePayload',
  version: '1.12',
  parent: InstanceActionPayload,
  fields: {
    instance_name: f.string({ nullable: true }),
    keypairs: f.list(f.object(KeypairPayload)),
    tags: f.list(f.string()),
    trusted_image_certificates: f.list(f.string(), { nullable: true }),
  },
}) {}

/** Notification `instance.create.<phase>`. */
export class InstanceCreateNotification extends defineNotification({
  name: 'InstanceCreateNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(InstanceCreatePayload),
  },
}) {}

/** An instance that was there in the audit period. */
export class InstanceExistsPayload extends defineDerivedNotification({
  name: 'InstanceExistsPayload',
  version: '2.0',
  parent: InstancePayload,
  fields: {
    audit_period: f.object(AuditPeriodPayload),
  },
}) {}

/** Notification `instance.exists`. */
export class InstanceExistsNotification extends defineNotification({
  name: 'InstanceExistsNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(InstanceExistsPayload),
  },
}) {}

/** States before and after. */
export class InstanceStateUpdatePayload extends defineNotification({
  name: 'InstanceStateUpdatePayload',
  version: '1.0',
  fields: {
    new_task_state: f.string({ nullable: true }),
    old_state: f.string({ nullable: true }),
    old_task_state: f.string({ nullable: true }),
    state: f.string({ nullable: true }),
  },
  schema: {},
}) {}

/** An instance whose state or name changed. */
export class InstanceUpdatePayload extends defineDerivedNotification({
  name: 'InstanceUpdatePayload',
  version: '2.0',
  parent: InstancePayload,
  fields: {
    audit_period: f.object(AuditPeriodPayload),
    old_display_name: f.string({ nullable: true }),
    state_update: f.object(InstanceStateUpdatePayload),
    tags: f.list(f.string()),
  },
}) {}

/** Notification `instance.update`. */
export class InstanceUpdateNotification extends defineNotification({
  name: 'InstanceUpdateNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(InstanceUpdatePayload),
  },
}) {}
