import { aggregateValues } from './aggregate-metadata.js'
import type { HostFilter } from './filter.js'

/** Hosts in aggregates with `instance_type` take the flavors named there only. */
export const aggregateTypeAffinityFilter: HostFilter = {
  name: 'AggregateTypeAffinityFilter',
  module: 'type_filter',
  oncePerRequest: true,
  onRebuild: false,
  prepare: ({ flavor }) => {
    const isNamed = (text: string) => text.split(',').some((name) => name.trim() === flavor.name)
    return (host) => {
      const values = [...aggregateValues(host, 'instance_type')]
      return values.length === 0 || values.some(isNamed)
    }
  },
}
