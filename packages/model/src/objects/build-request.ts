import { classMethod, instanceMethod, isBelow, type Primitive, type VersionParts } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject } from './base.js'
import { BlockDeviceMappingList } from './block-device.js'
import { Instance } from './instance.js'
import { TagList } from './tag.js'

/** An instance that was asked for and is not in a cell yet. */
export class BuildRequest extends defineObject({
  name: 'BuildRequest',
  version: '1.3',
  fields: {
    block_device_mappings: f.object(BlockDeviceMappingList),
    created_at: f.dateTime({ nullable: true }),
    id: f.integer(),
    instance: f.object(Instance),
    instance_uuid: f.uuid(),
    project_id: f.string(),
    tags: f.object(TagList),
    updated_at: f.dateTime({ nullable: true }),
  },
  remotable: {
    create: instanceMethod(),
    destroy: instanceMethod(),
    get_by_instance_uuid: classMethod('instance_uuid'),
    save: instanceMethod(),
  },
  compat: [
    { below: '1.3', change: removeTags },
    { below: '1.1', removes: ['block_device_mappings'] },
  ],
}) {}

/** Upstream leaves the tags in for a receiver of 1.0, who does not look at them. */
function removeTags(data: Primitive, target: VersionParts): void {
  if (!isBelow(target, '1.1')) delete data.tags
}

export class BuildRequestList extends defineList({
  name: 'BuildRequestList',
  version: '1.0',
  of: BuildRequest,
  remotable: {
    get_all: classMethod(),
    get_by_filters: classMethod('filters', ['limit', null], ['marker', null], ['sort_keys', null], ['sort_dirs', null]),
  },
}) {}
