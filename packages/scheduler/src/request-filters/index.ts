import type { RequestContext, RequestSpec } from '@micronova/model'
import { accelerators } from './accelerators.js'
import { computeStatus } from './compute-status.js'
import { ephemeralEncryption } from './ephemeral-encryption.js'
import { isolateAggregates } from './isolate-aggregates.js'
import { mapAzToPlacementAggregate } from './map-az-to-placement-aggregate.js'
import { remoteManagedPorts } from './remote-managed-ports.js'
import type { RequestFilter, RequestFilterDeps } from './request-filter.js'
import { requireImageTypeSupport } from './require-image-type-support.js'
import { requireTenantAggregate } from './require-tenant-aggregate.js'
import { routedNetworks } from './routed-networks.js'
import { transformImageMetadata } from './transform-image-metadata.js'

/** In upstream's order. @see nova 26.2.2, `scheduler/request_filter.py` */
const requestFilters: readonly RequestFilter[] = [
  requireTenantAggregate,
  mapAzToPlacementAggregate,
  requireImageTypeSupport,
  computeStatus,
  isolateAggregates,
  transformImageMetadata,
  accelerators,
  routedNetworks,
  remoteManagedPorts,
  ephemeralEncryption,
]

/** @throws NovaError `RequestFilterFailed`, and what the filters throw */
export async function processRequest(ctx: RequestContext, spec: RequestSpec, deps: RequestFilterDeps, signal: AbortSignal): Promise<void> {
  for (const filter of requestFilters) await filter(ctx, spec, deps, signal)
}
