import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { BlockDeviceDestinationType, BlockDeviceEncryptionFormatType, BlockDeviceSourceType, BlockDeviceType } from '../enums.js'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'
import { Instance } from './instance.js'
import { loadDefaultOf } from './load.js'

/** A disk of an instance: where it comes from, where it goes, and how it is attached. */
export class BlockDeviceMapping extends defineObject({
  name: 'BlockDeviceMapping',
  version: '1.21',
  fields: {
    ...persistentFields,
    attachment_id: f.uuid({ nullable: true }),
    boot_index: f.integer({ nullable: true }),
    connection_info: f.sensitiveString({ nullable: true }),
    delete_on_termination: f.boolean({ default: false }),
    destination_type: f.enum(BlockDeviceDestinationType, { nullable: true }),
    device_name: f.string({ nullable: true }),
    device_type: f.enum(BlockDeviceType, { nullable: true }),
    disk_bus: f.string({ nullable: true }),
    encrypted: f.boolean({ default: false }),
    encryption_format: f.enum(BlockDeviceEncryptionFormatType, { nullable: true }),
    encryption_options: f.string({ nullable: true }),
    encryption_secret_uuid: f.uuid({ nullable: true }),
    guest_format: f.string({ nullable: true }),
    id: f.integer(),
    image_id: f.string({ nullable: true }),
    instance: f.object(Instance, { nullable: true }),
    instance_uuid: f.uuid(),
    no_device: f.boolean({ default: false }),
    snapshot_id: f.string({ nullable: true }),
    source_type: f.enum(BlockDeviceSourceType, { nullable: true }),
    tag: f.string({ nullable: true }),
    uuid: f.uuid(),
    volume_id: f.string({ nullable: true }),
    volume_size: f.integer({ nullable: true }),
    volume_type: f.string({ nullable: true }),
  },
  remotable: {
    create: instanceMethod(),
    destroy: instanceMethod(),
    get_by_volume: classMethod('volume_id', ['expected_attrs', null]),
    get_by_volume_and_instance: classMethod('volume_id', 'instance_uuid', ['expected_attrs', null]),
    get_by_volume_id: classMethod('volume_id', ['instance_uuid', null], ['expected_attrs', null]),
    save: instanceMethod(),
    update_or_create: instanceMethod(),
  },
  compatChildren: false,
  compat: [
    { below: '1.21', removes: ['encrypted', 'encryption_format', 'encryption_options', 'encryption_secret_uuid'] },
    { below: '1.20', removes: ['volume_type'] },
    { below: '1.19', removes: ['uuid'] },
    { below: '1.18', removes: ['attachment_id'] },
    { below: '1.17', removes: ['tag'] },
  ],
  load: loadDefaultOf('encrypted'),
}) {}

export class BlockDeviceMappingList extends defineList({
  name: 'BlockDeviceMappingList',
  version: '1.18',
  of: BlockDeviceMapping,
  remotable: {
    get_by_instance_uuid: classMethod('instance_uuid', ['use_slave', false]),
    get_by_instance_uuids: classMethod('instance_uuids', ['use_slave', false]),
    get_by_volume: classMethod('volume_id', ['use_slave', false]),
  },
}) {}
