import { extraSpecsOf } from '@micronova/model'
import { aggregateMetadata } from './aggregate-metadata.js'
import { fulfils } from './extra-spec-operators.js'
import { type HostFilter, passesAll } from './filter.js'

const scope = 'aggregate_instance_extra_specs:'

/** Hosts whose aggregates have as metadata what the extra specs want, those of this scope and those without any. */
export const aggregateInstanceExtraSpecsFilter: HostFilter = {
  name: 'AggregateInstanceExtraSpecsFilter',
  module: 'aggregate_instance_extra_specs',
  oncePerRequest: true,
  onRebuild: false,
  prepare: ({ flavor }) => {
    const wanted = Object.entries(extraSpecsOf(flavor)).flatMap(([key, value]) =>
      key.startsWith(scope) ? [{ key: key.slice(scope.length), value }] : key.includes(':') ? [] : [{ key, value }],
    )
    if (wanted.length === 0) return passesAll
    return (host) => {
      const metadata = aggregateMetadata(host)
      return wanted.every(({ key, value }) => [...(metadata.get(key) ?? [])].some((has) => fulfils(has, value)))
    }
  },
}
