import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'
import { ComputeNode } from './compute-node.js'

/** A running program of Nova, with its last heartbeat. */
export class Service extends defineObject({
  name: 'Service',
  version: '1.22',
  fields: {
    ...persistentFields,
    availability_zone: f.string({ nullable: true }),
    binary: f.string({ nullable: true }),
    compute_node: f.object(ComputeNode),
    disabled: f.boolean(),
    disabled_reason: f.string({ nullable: true }),
    forced_down: f.boolean(),
    host: f.string({ nullable: true }),
    id: f.integer({ readOnly: true }),
    last_seen_up: f.dateTime({ nullable: true }),
    report_count: f.integer(),
    topic: f.string({ nullable: true }),
    uuid: f.uuid(),
    version: f.integer(),
  },
  remotable: {
    create: instanceMethod(),
    destroy: instanceMethod(),
    get_by_args: classMethod('host', 'binary'),
    get_by_compute_host: classMethod('host', ['use_slave', false]),
    get_by_host_and_binary: classMethod('host', 'binary'),
    get_by_host_and_topic: classMethod('host', 'topic'),
    get_by_id: classMethod('service_id'),
    get_by_uuid: classMethod('service_uuid'),
    get_minimum_version: classMethod('binary', ['use_slave', false]),
    get_minimum_version_multi: classMethod('binaries', ['use_slave', false]),
    save: instanceMethod(),
  },
  compat: [
    { below: '1.21', removes: ['uuid'] },
    { below: '1.16', removes: ['version'] },
    { below: '1.14', removes: ['forced_down'] },
    { below: '1.13', removes: ['last_seen_up'] },
  ],
}) {}

export class ServiceList extends defineList({
  name: 'ServiceList',
  version: '1.19',
  of: Service,
  remotable: {
    get_all: classMethod(['disabled', null], ['set_zones', false]),
    get_all_computes_by_hv_type: classMethod('hv_type'),
    get_by_binary: classMethod('binary', ['include_disabled', false]),
    get_by_host: classMethod('host'),
    get_by_topic: classMethod('topic'),
  },
}) {}
