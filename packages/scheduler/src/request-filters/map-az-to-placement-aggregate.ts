import { requireAggregates } from './destination.js'
import type { RequestFilter } from './request-filter.js'

/** Only hosts of the aggregates that make the requested zone. The zone of hosts without one is in no aggregate. */
export const mapAzToPlacementAggregate: RequestFilter = async (ctx, spec, { aggregates, settings }) => {
  const zone = spec.objIsSet('availability_zone') ? spec.availability_zone : null
  if (!settings.query_placement_for_availability_zone || !zone) return
  const found = await aggregates.listByMetadata(ctx, 'availability_zone', zone)
  if (found.length > 0)
    requireAggregates(
      spec,
      found.map(({ uuid }) => uuid),
    )
}
