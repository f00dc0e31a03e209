import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, timestampFields } from './base.js'
import { CellMapping } from './cell-mapping.js'

/** In which cell a host is. */
export class HostMapping extends defineObject({
  name: 'HostMapping',
  version: '1.0',
  fields: {
    ...timestampFields,
    cell_mapping: f.object(CellMapping),
    host: f.string(),
    id: f.integer({ readOnly: true }),
  },
  remotable: {
    create: instanceMethod(),
    destroy: instanceMethod(),
    get_by_host: classMethod('host'),
    save: instanceMethod(),
  },
}) {}

export class HostMappingList extends defineList({
  name: 'HostMappingList',
  version: '1.1',
  of: HostMapping,
  remotable: {
    get_all: classMethod(),
    get_by_cell_id: classMethod('cell_id'),
  },
}) {}
