import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'

/** A size that an instance can have. */
export class Flavor extends defineObject({
  name: 'Flavor',
  version: '1.2',
  fields: {
    ...persistentFields,
    description: f.string({ nullable: true }),
    disabled: f.boolean(),
    ephemeral_gb: f.integer(),
    extra_specs: f.dict(f.string()),
    flavorid: f.string(),
    id: f.integer(),
    is_public: f.boolean(),
    memory_mb: f.integer(),
    name: f.string({ nullable: true }),
    projects: f.list(f.string()),
    root_gb: f.integer(),
    rxtx_factor: f.float({ nullable: true, default: 1 }),
    swap: f.integer(),
    vcpu_weight: f.integer({ nullable: true }),
    vcpus: f.integer(),
  },
  tracked: ['extra_specs', 'projects'],
  remotable: {
    _load_projects: instanceMethod(),
    add_access: instanceMethod('project_id'),
    create: instanceMethod(),
    destroy: instanceMethod(),
    get_by_flavor_id: classMethod('flavor_id', ['read_deleted', null]),
    get_by_id: classMethod('id'),
    get_by_name: classMethod('name'),
    remove_access: instanceMethod('project_id'),
    save_extra_specs: instanceMethod(['to_add', null], ['to_delete', null]),
    save_projects: instanceMethod(['to_add', null], ['to_delete', null]),
  },
  compat: [{ below: '1.2', removes: ['description'] }],
}) {}

export class FlavorList extends defineList({
  name: 'FlavorList',
  version: '1.1',
  of: Flavor,
  remotable: {
    get_all: classMethod(
      ['inactive', false],
      ['filters', null],
      ['sort_key', 'flavorid'],
      ['sort_dir', 'asc'],
      ['limit', null],
      ['marker', null],
    ),
  },
}) {}
