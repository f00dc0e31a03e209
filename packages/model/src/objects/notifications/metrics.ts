import { MonitorMetricType } from '../../enums.js'
import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { defineNotification } from './notification-family.js'

/** A measurement. */
export class MetricPayload extends defineNotification({
  name: 'MetricPayload',
  version: '1.0',
  fields: {
    name: f.enum(MonitorMetricType),
    numa_membw_values: f.dict(f.integer(), { nullable: true }),
    source: f.string(),
    timestamp: f.dateTime(),
    value: f.integer(),
  },
  schema: {
    name: ['monitor_metric', 'name'],
    numa_membw_values: ['monitor_metric', 'numa_membw_values'],
    source: ['monitor_metric', 'source'],
    timestamp: ['monitor_metric', 'timestamp'],
    value: ['monitor_metric', 'value'],
  },
}) {}

/** The measurements of a host. */
export class MetricsPayload extends defineNotification({
  name: 'MetricsPayload',
  version: '1.0',
  fields: {
    host: f.string(),
    host_ip: f.string(),
    metrics: f.list(f.object(MetricPayload)),
    nodename: f.string(),
  },
  schema: {},
}) {}

/** Notification `metrics.update`. */
export class MetricsNotification extends defineNotification({
  name: 'MetricsNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(MetricsPayload),
  },
}) {}
