import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject } from './base.js'

/** A word that a user gave to an instance. */
export class Tag extends defineObject({
  name: 'Tag',
  version: '1.1',
  fields: {
    resource_id: f.string(),
    tag: f.string(),
  },
  remotable: {
    create: instanceMethod(),
    destroy: classMethod('resource_id', 'name'),
    exists: classMethod('resource_id', 'name'),
  },
}) {}

export class TagList extends defineList({
  name: 'TagList',
  version: '1.1',
  of: Tag,
  remotable: {
    create: classMethod('resource_id', 'tags'),
    destroy: classMethod('resource_id'),
    get_by_resource_id: classMethod('resource_id'),
  },
}) {}
