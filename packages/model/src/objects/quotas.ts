import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineDerived, defineObject } from './base.js'

/** Limits of a project, and what is used of them. */
export class Quotas extends defineObject({
  name: 'Quotas',
  version: '1.3',
  fields: {
    project_id: f.string({ nullable: true, default: null }),
    reservations: f.list(f.string(), { nullable: true, default: () => [] }),
    user_id: f.string({ nullable: true, default: null }),
  },
  remotable: {
    check_deltas: classMethod('deltas', '*count_args', '**count_kwargs'),
    commit: instanceMethod(),
    count: classMethod('resource', '*args', '**kwargs'),
    count_as_dict: classMethod('resource', '*args', '**kwargs'),
    create_limit: classMethod('project_id', 'resource', 'limit', ['user_id', null]),
    limit_check: classMethod(['project_id', null], ['user_id', null], '**values'),
    limit_check_project_and_user: classMethod(['project_values', null], ['user_values', null], ['project_id', null], ['user_id', null]),
    reserve: instanceMethod(['expire', null], ['project_id', null], ['user_id', null], '**deltas'),
    rollback: instanceMethod(),
    update_limit: classMethod('project_id', 'resource', 'limit', ['user_id', null]),
  },
  load: (quotas, name) => {
    quotas.objSetDefaults(name)
    quotas.objResetChanges([name])
  },
}) {}

/** Quotas that limit nothing. */
export class QuotasNoOp extends defineDerived({
  name: 'QuotasNoOp',
  version: '1.3',
  parent: Quotas,
  fields: {},
  remotable: {
    count: classMethod('resource', '*args', '**kwargs'),
    count_as_dict: classMethod('resource', '*args', '**kwargs'),
    create_limit: classMethod('project_id', 'resource', 'limit', ['user_id', null]),
    limit_check: classMethod(['project_id', null], ['user_id', null], '**values'),
    limit_check_project_and_user: classMethod(['project_values', null], ['user_values', null], ['project_id', null], ['user_id', null]),
    update_limit: classMethod('project_id', 'resource', 'limit', ['user_id', null]),
  },
}) {}
