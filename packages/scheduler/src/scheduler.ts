import type { NeutronClient, PlacementClient } from '@micronova/clients'
import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import {
  type Aggregate,
  type ApiStores,
  type Cells,
  elevated,
  isNovaError,
  novaError,
  type RequestContext,
  type RequestSpec,
  type Selection,
} from '@micronova/model'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import { chooseFilters } from './filters/index.js'
import { hintOf, isRebuild } from './filters/scheduler-hints.js'
import { HostManager } from './hosts/host-manager.js'
import type { FilterSchedulerSettings, MetricsSettings, SchedulerSettings } from './options.js'
import { processRequest } from './request-filters/index.js'
import { type Candidates, candidatesFor } from './select/candidates.js'
import { type SelectDeps, selectHosts } from './select/select-hosts.js'
import { legacySelection } from './select/selection.js'
import { chooseWeighers } from './weights/index.js'

export interface SchedulerDeps {
  readonly api: Pick<ApiStores, 'aggregates' | 'hostMappings'>
  readonly cells: Cells
  readonly placement: PlacementClient
  /** null: `[neutron]` is not configured, and nothing is asked about networks. */
  readonly neutron: NeutronClient | null
  readonly registry: ObjectRegistry
  readonly clock: Clock
  readonly random: Random
  /** A logger by its dotted name. */
  getLogger(name: string): Logger
}

export interface SchedulerOptions {
  readonly scheduler: SchedulerSettings
  readonly filters: FilterSchedulerSettings
  readonly metrics: MetricsSettings
  readonly serviceDownTimeSeconds: number
  /** `[DEFAULT] default_availability_zone` */
  readonly defaultAvailabilityZone: string | null
  /** `[compute] packing_host_numa_cells_allocation_strategy` */
  readonly packNumaCells: boolean
  /** `[workarounds] disable_fallback_pcpu_query` */
  readonly disablePinningFallback: boolean
}

export interface DestinationsRequest {
  readonly spec: RequestSpec
  /** null: a caller of before Pike, which knows no claims. */
  readonly instanceUuids: readonly string[] | null
  readonly returnObjects: boolean
  readonly returnAlternates: boolean
}

/** Chooses hosts. */
export class Scheduler {
  readonly hosts: HostManager
  readonly #deps: SchedulerDeps
  readonly #options: SchedulerOptions
  readonly #select: SelectDeps
  readonly #log: Logger

  /** @throws NovaError `SchedulerHostFilterNotFound`; UnknownWeigher */
  constructor(deps: SchedulerDeps, options: SchedulerOptions) {
    this.#deps = deps
    this.#options = options
    this.#log = deps.getLogger('nova.scheduler.manager')
    const { filters, packNumaCells } = options
    this.hosts = new HostManager(
      { ...deps, log: deps.getLogger('nova.scheduler.host_manager') },
      { trackInstanceChanges: filters.track_instance_changes, packNumaCells },
    )
    this.#select = {
      ...deps,
      ...options,
      log: this.#log,
      settings: filters,
      filters: chooseFilters(filters.available_filters, filters.enabled_filters),
      weighers: chooseWeighers(filters.weight_classes),
    }
  }

  /**
   * For each instance its host and alternates; hosts alone, as dicts, for a caller that knows no objects.
   *
   * @throws NovaError `NoValidHost`, `AllocationUpdateFailed`
   */
  async selectDestinations(
    ctx: RequestContext,
    { spec, instanceUuids, returnObjects, returnAlternates }: DestinationsRequest,
    signal: AbortSignal,
  ): Promise<readonly unknown[]> {
    this.#log.with({ context: ctx }).debug(`Starting to schedule for instances: ${instanceUuids?.join(', ') ?? 'None'}`)
    const candidates = isRebuild(spec) ? null : await this.#candidates(ctx, spec, signal)
    const instances = instanceUuids?.length
      ? instanceUuids
      : new Array<null>(spec.objIsSet('num_instances') ? spec.num_instances : 1).fill(null)
    const hosts = await this.hosts.hostStates(
      elevated(ctx),
      candidates?.providers ?? null,
      spec,
      relevantInstances(spec, instanceUuids ?? []),
    )
    const alternates = returnAlternates && returnObjects ? this.#options.scheduler.max_attempts - 1 : 0
    const deps = { ...this.#select, log: this.#log.with({ context: ctx }) }
    const selections = await selectHosts(elevated(ctx), hosts, { spec, instances, candidates, alternates }, deps, signal)
    return returnObjects ? selections : selections.map(([selection]) => legacySelection(selection as Selection))
  }

  async #candidates(ctx: RequestContext, spec: RequestSpec, signal: AbortSignal): Promise<Candidates> {
    const { scheduler: settings, disablePinningFallback } = this.#options
    const { placement, neutron, api } = this.#deps
    const log = this.#log.with({ context: ctx })
    try {
      await processRequest(ctx, spec, { aggregates: api.aggregates, placement, neutron, settings, log }, signal)
    } catch (err) {
      if (isNovaError(err, 'RequestFilterFailed')) throw novaError('NoValidHost', { reason: err.message }, { cause: err })
      throw err
    }
    return candidatesFor(
      ctx,
      spec,
      { hosts: this.hosts, placement, log, limit: settings.max_placement_results, disablePinningFallback },
      signal,
    )
  }

  updateAggregates(aggregates: readonly Aggregate[]): void {
    this.hosts.aggregates.update(aggregates)
  }

  deleteAggregate(aggregate: Aggregate): void {
    this.hosts.aggregates.delete(aggregate)
  }

  updateInstanceInfo(ctx: RequestContext, host: string, uuids: readonly string[]): Promise<void> {
    return this.hosts.instances.update(ctx, host, uuids)
  }

  deleteInstanceInfo(ctx: RequestContext, host: string, uuid: string): Promise<void> {
    return this.hosts.instances.delete(ctx, host, uuid)
  }

  syncInstanceInfo(ctx: RequestContext, host: string, uuids: readonly string[]): Promise<void> {
    return this.hosts.instances.sync(ctx, host, uuids)
  }
}

/** Instances that filters and weighers look for on hosts: members of the server group, and those that hints name. */
function relevantInstances(spec: RequestSpec, placed: readonly string[]): readonly string[] {
  const group = spec.objIsSet('instance_group') ? spec.instance_group : null
  const members = group === null ? [] : [...(group.members ?? []), ...placed]
  return [...new Set([...members, ...(hintOf(spec, 'same_host') ?? []), ...(hintOf(spec, 'different_host') ?? [])])]
}
