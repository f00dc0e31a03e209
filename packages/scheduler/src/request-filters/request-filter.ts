import type { NeutronClient, PlacementClient } from '@micronova/clients'
import type { Logger } from '@micronova/log'
import type { ApiStores, RequestContext, RequestSpec } from '@micronova/model'
import type { SchedulerSettings } from '../options.js'

export interface RequestFilterDeps {
  readonly aggregates: Pick<ApiStores['aggregates'], 'list' | 'listByMetadata'>
  readonly placement: Pick<PlacementClient, 'getAggregates'>
  /** null: `[neutron]` is not configured. */
  readonly neutron: Pick<NeutronClient, 'listPorts' | 'listSubnets' | 'showSubnet' | 'extensions'> | null
  readonly settings: SchedulerSettings
  readonly log: Logger
}

/**
 * Changes a request before Placement is asked: what must hold for a host beside what the user said.
 *
 * @throws NovaError `RequestFilterFailed` if no host can do
 */
export type RequestFilter = (ctx: RequestContext, spec: RequestSpec, deps: RequestFilterDeps, signal: AbortSignal) => Promise<void> | void
