import { f } from '../fields.js'
import { defineObject } from './base.js'
import { SchedulerLimits } from './request-spec.js'

/** A host that the scheduler chose, with what was claimed there. */
export class Selection extends defineObject({
  name: 'Selection',
  version: '1.1',
  fields: {
    allocation_request: f.string({ nullable: true }),
    allocation_request_version: f.string({ nullable: true }),
    availability_zone: f.string({ nullable: true }),
    cell_uuid: f.uuid(),
    compute_node_uuid: f.uuid(),
    limits: f.object(SchedulerLimits, { nullable: true }),
    nodename: f.string(),
    service_host: f.string(),
  },
  compat: [{ below: '1.1', removes: ['availability_zone'] }],
}) {}
