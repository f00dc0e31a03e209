import { leastAggregateNumber } from './aggregate-metadata.js'
import type { HostFilter } from './filter.js'

const common = { module: 'io_ops_filter', oncePerRequest: false, onRebuild: false } as const

/** Hosts with less than `max_io_ops_per_host` operations under way. */
export const ioOpsFilter: HostFilter = {
  ...common,
  name: 'IoOpsFilter',
  prepare: (_spec, { settings }) => {
    const limit = settings.max_io_ops_per_host
    return (host) => host.ioOps < limit
  },
}

/** The same with the limit of the aggregates of the host, where they have one. */
export const aggregateIoOpsFilter: HostFilter = {
  ...common,
  name: 'AggregateIoOpsFilter',
  prepare: (_spec, { settings, log }) => {
    const limit = settings.max_io_ops_per_host
    return (host) => host.ioOps < leastAggregateNumber(host, 'max_io_ops_per_host', limit, log)
  },
}
