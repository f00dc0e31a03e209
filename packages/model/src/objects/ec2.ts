import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineObject, persistentFields } from './base.js'

/** The identifiers that the EC2 API had for an instance and its images. */
export class EC2Ids extends defineObject({
  name: 'EC2Ids',
  version: '1.0',
  fields: {
    ami_id: f.string({ nullable: true, readOnly: true }),
    instance_id: f.string({ readOnly: true }),
    kernel_id: f.string({ nullable: true, readOnly: true }),
    ramdisk_id: f.string({ nullable: true, readOnly: true }),
  },
  remotable: {
    get_by_instance: classMethod('instance'),
  },
}) {}

/** EC2 number of an instance. */
export class EC2InstanceMapping extends defineObject({
  name: 'EC2InstanceMapping',
  version: '1.0',
  fields: {
    ...persistentFields,
    id: f.integer(),
    uuid: f.uuid(),
  },
  remotable: {
    create: instanceMethod(),
    get_by_id: classMethod('ec2_id'),
    get_by_uuid: classMethod('instance_uuid'),
  },
}) {}

/** EC2 number of an image. */
export class S3ImageMapping extends defineObject({
  name: 'S3ImageMapping',
  version: '1.0',
  fields: {
    ...persistentFields,
    id: f.integer({ readOnly: true }),
    uuid: f.uuid(),
  },
  remotable: {
    create: instanceMethod(),
    get_by_id: classMethod('s3_id'),
    get_by_uuid: classMethod('s3_image_uuid'),
  },
}) {}
