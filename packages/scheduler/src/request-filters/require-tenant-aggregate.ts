import { novaError } from '@micronova/model'
import { requireAggregates } from './destination.js'
import type { RequestFilter } from './request-filter.js'

/** Only hosts of the aggregates that name the project under a key beginning with `filter_tenant_id`, if there are any. */
export const requireTenantAggregate: RequestFilter = async (ctx, spec, { aggregates, settings, log }) => {
  if (!settings.limit_tenants_to_placement_aggregate) return
  const project = spec.project_id
  const found = await aggregates.listByMetadata(ctx, null, project)
  const uuids = found
    .filter(({ metadata }) => Object.keys(metadata ?? {}).some((key) => key.startsWith('filter_tenant_id')))
    .map(({ uuid }) => uuid)
  if (uuids.length > 0) requireAggregates(spec, uuids)
  else if (settings.placement_aggregate_required_for_tenants) {
    log.warning(`Tenant ${project} has no available aggregates`)
    throw novaError('RequestFilterFailed', { reason: 'No hosts available for tenant' })
  }
}
