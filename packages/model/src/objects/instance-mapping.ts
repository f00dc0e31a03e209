import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, timestampFields } from './base.js'
import { CellMapping } from './cell-mapping.js'

/** In which cell an instance is. */
export class InstanceMapping extends defineObject({
  name: 'InstanceMapping',
  version: '1.2',
  fields: {
    ...timestampFields,
    cell_mapping: f.object(CellMapping, { nullable: true }),
    id: f.integer({ readOnly: true }),
    instance_uuid: f.uuid(),
    project_id: f.string(),
    queued_for_delete: f.boolean({ default: false }),
    user_id: f.string(),
  },
  remotable: {
    create: instanceMethod(),
    destroy: instanceMethod(),
    get_by_instance_uuid: classMethod('instance_uuid'),
    save: instanceMethod(),
  },
  compat: [
    { below: '1.2', removes: ['user_id'] },
    { below: '1.1', removes: ['queued_for_delete'] },
  ],
}) {}

export class InstanceMappingList extends defineList({
  name: 'InstanceMappingList',
  version: '1.3',
  of: InstanceMapping,
  remotable: {
    get_by_cell_id: classMethod('cell_id'),
    get_by_instance_uuids: classMethod('uuids'),
    get_by_project_id: classMethod('project_id'),
    get_counts: classMethod('project_id', ['user_id', null]),
  },
}) {}
