import { MonitorMetricType } from '../enums.js'
import { f } from '../fields.js'
import { defineList, defineObject } from './base.js'

/** A measurement of a host. */
export class MonitorMetric extends defineObject({
  name: 'MonitorMetric',
  version: '1.1',
  fields: {
    name: f.enum(MonitorMetricType),
    numa_membw_values: f.dict(f.integer(), { nullable: true }),
    source: f.string(),
    timestamp: f.dateTime(),
    value: f.integer(),
  },
  compat: [{ below: '1.1', removes: ['numa_membw_values'] }],
}) {}

export class MonitorMetricList extends defineList({
  name: 'MonitorMetricList',
  version: '1.1',
  of: MonitorMetric,
}) {}
