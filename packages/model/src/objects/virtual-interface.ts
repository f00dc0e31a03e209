import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'

/** A port of an instance, as the database keeps it. */
export class VirtualInterface extends defineObject({
  name: 'VirtualInterface',
  version: '1.3',
  fields: {
    ...persistentFields,
    address: f.string({ nullable: true }),
    id: f.integer(),
    instance_uuid: f.uuid(),
    network_id: f.integer(),
    tag: f.string({ nullable: true }),
    uuid: f.uuid(),
  },
  remotable: {
    create: instanceMethod(),
    delete_by_instance_uuid: classMethod('instance_uuid'),
    destroy: instanceMethod(),
    get_by_address: classMethod('address'),
    get_by_id: classMethod('vif_id'),
    get_by_instance_and_network: classMethod('instance_uuid', 'network_id'),
    get_by_uuid: classMethod('vif_uuid'),
    save: instanceMethod(),
  },
  compat: [{ below: '1.1', removes: ['tag'] }],
}) {}

export class VirtualInterfaceList extends defineList({
  name: 'VirtualInterfaceList',
  version: '1.0',
  of: VirtualInterface,
  remotable: {
    get_all: classMethod(),
    get_by_instance_uuid: classMethod('instance_uuid', ['use_slave', false]),
  },
}) {}
