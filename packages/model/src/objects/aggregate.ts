import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'

/** A group of hosts with metadata; one with `availability_zone` in it is a zone. */
export class Aggregate extends defineObject({
  name: 'Aggregate',
  version: '1.3',
  fields: {
    ...persistentFields,
    hosts: f.list(f.string(), { nullable: true }),
    id: f.integer(),
    metadata: f.dict(f.string(), { nullable: true }),
    name: f.string(),
    uuid: f.uuid(),
  },
  remotable: {
    add_host: instanceMethod('host'),
    create: instanceMethod(),
    delete_host: instanceMethod('host'),
    destroy: instanceMethod(),
    get_by_id: classMethod('aggregate_id'),
    get_by_uuid: classMethod('aggregate_uuid'),
    save: instanceMethod(),
    update_metadata: instanceMethod('updates'),
  },
}) {
  /** The zone that the aggregate makes of its hosts, if it makes one. */
  get availability_zone(): string | null {
    return this.metadata?.availability_zone ?? null
  }
}

export class AggregateList extends defineList({
  name: 'AggregateList',
  version: '1.3',
  of: Aggregate,
  remotable: {
    get_all: classMethod(),
    get_by_host: classMethod('host', ['key', null]),
    get_by_metadata: classMethod(['key', null], ['value', null]),
    get_by_metadata_key: classMethod('key', ['hosts', null]),
  },
}) {}
