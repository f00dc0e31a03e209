import { weightSettings } from '../weights/weight-settings.js'
import type { HostFilter } from './filter.js'

/** Hosts with all metrics that the MetricsWeigher needs. */
export const metricsFilter: HostFilter = {
  name: 'MetricsFilter',
  module: 'metrics_filter',
  oncePerRequest: false,
  onRebuild: false,
  prepare: (_spec, { metrics, log }) => {
    const names = weightSettings(metrics.weight_setting, log).map(({ name }) => name)
    return (host) => names.every((name) => host.metrics.some((metric) => metric.name === name))
  },
}
