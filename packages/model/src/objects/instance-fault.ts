import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'

/** An error of an instance that its user gets to see. */
export class InstanceFault extends defineObject({
  name: 'InstanceFault',
  version: '1.2',
  fields: {
    ...persistentFields,
    code: f.integer(),
    details: f.string({ nullable: true }),
    host: f.string({ nullable: true }),
    id: f.integer(),
    instance_uuid: f.uuid(),
    message: f.string({ nullable: true }),
  },
  remotable: {
    create: instanceMethod(),
    get_latest_for_instance: classMethod('instance_uuid'),
  },
}) {}

export class InstanceFaultList extends defineList({
  name: 'InstanceFaultList',
  version: '1.2',
  of: InstanceFault,
  remotable: {
    get_by_instance_uuids: classMethod('instance_uuids'),
    get_latest_by_instance_uuids: classMethod('instance_uuids'),
  },
}) {}
