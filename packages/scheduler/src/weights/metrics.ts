import { novaError } from '@micronova/model'
import type { HostWeigher, WeigherDeps } from './weigher.js'
import { weightMultiplier } from './weight-multiplier.js'
import { weightSettings } from './weight-settings.js'

/** The metrics of `[metrics] weight_setting`, each times its ratio. */
export const metricsWeigher: HostWeigher = {
  name: 'MetricsWeigher',
  module: 'metrics',
  multiplierName: 'metrics_weight_multiplier',
  multiplier: ({ metrics }) => metrics.weight_multiplier,
  prepare: (_spec, deps: WeigherDeps) => {
    const { required, weight_of_unavailable: unavailable, weight_setting } = deps.metrics
    const settings = weightSettings(weight_setting, deps.log)
    if (settings.length === 0) return () => 0
    return (host) => {
      const values = new Map(host.metrics.map(({ name, value }) => [name, value]))
      let sum = 0
      for (const { name, ratio } of settings) {
        const value = values.get(name)
        if (value !== undefined) sum += value * ratio
        else if (required) throw novaError('ComputeHostMetricNotFound', { host: host.host, node: host.nodename, name })
        else if (ratio * weightMultiplier(metricsWeigher, host, deps) !== 0) return unavailable
      }
      return sum
    }
  },
}
