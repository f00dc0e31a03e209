import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, timestampFields } from './base.js'

/** A cell: its database and its broker. */
export class CellMapping extends defineObject({
  name: 'CellMapping',
  version: '1.1',
  fields: {
    ...timestampFields,
    database_connection: f.string(),
    disabled: f.boolean({ default: false }),
    id: f.integer({ readOnly: true }),
    name: f.string({ nullable: true }),
    transport_url: f.string(),
    uuid: f.uuid(),
  },
  remotable: {
    create: instanceMethod(),
    destroy: instanceMethod(),
    get_by_uuid: classMethod('uuid'),
    save: instanceMethod(),
  },
  compat: [{ below: '1.1', removes: ['disabled'] }],
}) {}

export class CellMappingList extends defineList({
  name: 'CellMappingList',
  version: '1.1',
  of: CellMapping,
  remotable: {
    get_all: classMethod(),
    get_by_disabled: classMethod('disabled'),
  },
}) {}
