import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineObject, persistentFields } from './base.js'

/** What is known of the network of an instance. */
export class InstanceInfoCache extends defineObject({
  name: 'InstanceInfoCache',
  version: '1.5',
  fields: {
    ...persistentFields,
    instance_uuid: f.uuid(),
    network_info: f.networkModel({ nullable: true }),
  },
  remotable: {
    delete: instanceMethod(),
    get_by_instance_uuid: classMethod('instance_uuid'),
    refresh: instanceMethod(),
    save: instanceMethod(['update_cells', true]),
  },
}) {}
