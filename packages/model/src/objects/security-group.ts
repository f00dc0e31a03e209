import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'

/** A security group of Neutron. */
export class SecurityGroup extends defineObject({
  name: 'SecurityGroup',
  version: '1.2',
  fields: {
    ...persistentFields,
    description: f.string(),
    id: f.integer(),
    name: f.string(),
    project_id: f.string(),
    user_id: f.string(),
    uuid: f.uuid(),
  },
  remotable: {
    get: classMethod('secgroup_id'),
    get_by_name: classMethod('project_id', 'group_name'),
    in_use: instanceMethod(),
    refresh: instanceMethod(),
    save: instanceMethod(),
  },
  compat: [{ below: '1.2', removes: ['uuid'] }],
}) {}

export class SecurityGroupList extends defineList({
  name: 'SecurityGroupList',
  version: '1.1',
  of: SecurityGroup,
  remotable: {
    get_all: classMethod(),
    get_by_instance: classMethod('instance'),
    get_by_project: classMethod('project_id'),
    get_counts: classMethod('project_id', ['user_id', null]),
  },
}) {}
