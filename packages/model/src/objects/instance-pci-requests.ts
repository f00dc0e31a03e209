import { classMethod } from '@micronova/versionedobjects'
import { PCINUMAAffinityPolicy } from '../enums.js'
import { f } from '../fields.js'
import { defineObject } from './base.js'
import { loadNull } from './load.js'

/** PCI devices that an instance wants of one kind. */
export class InstancePCIRequest extends defineObject({
  name: 'InstancePCIRequest',
  version: '1.4',
  fields: {
    alias_name: f.string({ nullable: true }),
    count: f.integer(),
    is_new: f.boolean({ default: false }),
    numa_policy: f.enum(PCINUMAAffinityPolicy, { nullable: true }),
    request_id: f.uuid({ nullable: true }),
    requester_id: f.string({ nullable: true }),
    spec: f.list(f.dict(f.string({ nullable: true }))),
  },
  compat: [
    { below: '1.3', removes: ['requester_id'] },
    { below: '1.2', removes: ['numa_policy'] },
    { below: '1.1', removes: ['request_id'] },
  ],
  load: loadNull,
}) {}

/** All PCI devices that an instance wants. */
export class InstancePCIRequests extends defineObject({
  name: 'InstancePCIRequests',
  version: '1.1',
  fields: {
    instance_uuid: f.uuid(),
    requests: f.list(f.object(InstancePCIRequest)),
  },
  remotable: {
    get_by_instance_uuid: classMethod('instance_uuid'),
  },
}) {}
