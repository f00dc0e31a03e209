import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'

/** Something that a user did to an instance. */
export class InstanceAction extends defineObject({
  name: 'InstanceAction',
  version: '1.2',
  fields: {
    ...persistentFields,
    action: f.string({ nullable: true }),
    finish_time: f.dateTime({ nullable: true }),
    id: f.integer(),
    instance_uuid: f.uuid({ nullable: true }),
    message: f.string({ nullable: true }),
    project_id: f.string({ nullable: true }),
    request_id: f.string({ nullable: true }),
    start_time: f.dateTime({ nullable: true }),
    user_id: f.string({ nullable: true }),
  },
  remotable: {
    action_finish: classMethod('instance_uuid', ['want_result', true]),
    action_start: classMethod('instance_uuid', 'action_name', ['want_result', true]),
    create: instanceMethod(),
    finish: instanceMethod(),
    get_by_request_id: classMethod('instance_uuid', 'request_id'),
  },
}) {}

/** A step of an action, on one host. */
export class InstanceActionEvent extends defineObject({
  name: 'InstanceActionEvent',
  version: '1.4',
  fields: {
    ...persistentFields,
    action_id: f.integer({ nullable: true }),
    details: f.string({ nullable: true }),
    event: f.string({ nullable: true }),
    finish_time: f.dateTime({ nullable: true }),
    host: f.string({ nullable: true }),
    id: f.integer(),
    result: f.string({ nullable: true }),
    start_time: f.dateTime({ nullable: true }),
    traceback: f.string({ nullable: true }),
  },
  remotable: {
    create: instanceMethod('instance_uuid', 'request_id'),
    event_finish: classMethod('instance_uuid', 'event_name', ['want_result', true]),
    event_finish_with_failure: classMethod('instance_uuid', 'event_name', ['exc_val', null], ['exc_tb', null], ['want_result', null]),
    event_start: classMethod('instance_uuid', 'event_name', ['want_result', true], ['host', null]),
    finish: instanceMethod(),
    finish_with_failure: instanceMethod('exc_val', 'exc_tb'),
    get_by_id: classMethod('action_id', 'event_id'),
  },
  compat: [
    { below: '1.4', removes: ['details'] },
    { below: '1.2', removes: ['host'] },
  ],
}) {}

export class InstanceActionEventList extends defineList({
  name: 'InstanceActionEventList',
  version: '1.1',
  of: InstanceActionEvent,
  remotable: {
    get_by_action: classMethod('action_id'),
  },
}) {}

export class InstanceActionList extends defineList({
  name: 'InstanceActionList',
  version: '1.1',
  of: InstanceAction,
  remotable: {
    get_by_instance_uuid: classMethod('instance_uuid', ['limit', null], ['marker', null], ['filters', null]),
  },
}) {}
