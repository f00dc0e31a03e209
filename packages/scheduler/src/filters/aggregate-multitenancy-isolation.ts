import { aggregateMetadata } from './aggregate-metadata.js'
import type { HostFilter } from './filter.js'

/** Hosts in an aggregate with `filter_tenant_id` take instances of these projects only. */
export const aggregateMultiTenancyIsolation: HostFilter = {
  name: 'AggregateMultiTenancyIsolation',
  module: 'aggregate_multitenancy_isolation',
  oncePerRequest: true,
  onRebuild: false,
  prepare: (spec) => {
    const project = spec.objIsSet('project_id') ? spec.project_id : null
    return (host) => {
      const projects = aggregateMetadata(host, 'filter_tenant_id').get('filter_tenant_id')
      return projects === undefined || (project !== null && projects.has(project))
    }
  },
}
