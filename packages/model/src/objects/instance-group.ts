import { classMethod, instanceMethod, type Primitive } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'

/** A server group: instances that shall be together, or apart. */
export class InstanceGroup extends defineObject({
  name: 'InstanceGroup',
  version: '1.11',
  fields: {
    ...persistentFields,
    _rules: f.dict(f.string()),
    hosts: f.list(f.string(), { nullable: true }),
    id: f.integer(),
    members: f.list(f.string(), { nullable: true }),
    name: f.string({ nullable: true }),
    policies: f.list(f.string(), { nullable: true, readOnly: true }),
    policy: f.string({ nullable: true }),
    project_id: f.string({ nullable: true }),
    user_id: f.string({ nullable: true }),
    uuid: f.uuid(),
  },
  remotable: {
    add_members: classMethod('group_uuid', 'instance_uuids'),
    count_members_by_user: instanceMethod('user_id'),
    create: instanceMethod(),
    destroy: instanceMethod(),
    get_by_instance_uuid: classMethod('instance_uuid'),
    get_by_name: classMethod('name'),
    get_by_uuid: classMethod('uuid'),
    get_hosts: instanceMethod(['exclude', null]),
    refresh: instanceMethod(),
    save: instanceMethod(),
  },
  compat: [
    { below: '1.11', change: listPolicy },
    { below: '1.7', change: addMetadetails },
  ],
}) {
  /** The rules of the policy, as numbers. */
  get rules(): { readonly max_server_per_host?: number } {
    const limit = this.objIsSet('_rules') ? this._rules.max_server_per_host : undefined
    return limit === undefined ? {} : { max_server_per_host: Number(limit) }
  }
}

export class InstanceGroupList extends defineList({
  name: 'InstanceGroupList',
  version: '1.8',
  of: InstanceGroup,
  remotable: {
    get_all: classMethod(),
    get_by_project_id: classMethod('project_id'),
    get_counts: classMethod('project_id', ['user_id', null]),
  },
}) {}

/** Before 1.11 there was a list of policies, which never held more than one. */
function listPolicy(data: Primitive): void {
  const { policy } = data
  data.policies = policy ? [policy] : []
  delete data.policy
  delete data.rules
}

/** Before 1.7 there was a dict that was always empty. */
function addMetadetails(data: Primitive): void {
  data.metadetails = {}
}
