import { leastAggregateNumber } from './aggregate-metadata.js'
import type { HostFilter } from './filter.js'

const common = { module: 'num_instances_filter', oncePerRequest: false, onRebuild: false } as const

/** Hosts with less than `max_instances_per_host` instances. */
export const numInstancesFilter: HostFilter = {
  ...common,
  name: 'NumInstancesFilter',
  prepare: (_spec, { settings }) => {
    const limit = settings.max_instances_per_host
    return (host) => host.numInstances < limit
  },
}

/** The same with the limit of the aggregates of the host, where they have one. */
export const aggregateNumInstancesFilter: HostFilter = {
  ...common,
  name: 'AggregateNumInstancesFilter',
  prepare: (_spec, { settings, log }) => {
    const limit = settings.max_instances_per_host
    return (host) => host.numInstances < leastAggregateNumber(host, 'max_instances_per_host', limit, log)
  },
}
