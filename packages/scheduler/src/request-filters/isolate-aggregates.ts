import { ResourceRequest } from '@micronova/clients'
import { nullLogger } from '@micronova/log'
import { forbidAggregates } from './destination.js'
import type { RequestFilter } from './request-filter.js'

/** No hosts of an aggregate that requires a trait (`trait:NAME=required`) which neither flavor nor image ask for. */
export const isolateAggregates: RequestFilter = async (ctx, spec, { aggregates, settings }) => {
  if (!settings.enable_isolated_aggregate_filtering) return
  const traits = new ResourceRequest(spec, { log: nullLogger, limit: 1 }).requiredTraits
  const isolated = (await aggregates.list(ctx)).filter(({ metadata }) =>
    Object.entries(metadata ?? {}).some(
      ([key, value]) => key.startsWith('trait:') && value === 'required' && !traits.has(key.slice('trait:'.length)),
    ),
  )
  if (isolated.length > 0)
    forbidAggregates(
      spec,
      isolated.map(({ uuid }) => uuid),
    )
}
