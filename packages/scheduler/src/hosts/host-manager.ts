import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { ApiStores, CellMapping, Cells, ComputeNode, RequestContext, RequestSpec } from '@micronova/model'
import { isNovaError } from '@micronova/model'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import { AggregateMap } from './aggregate-map.js'
import { CellDirectory } from './cell-directory.js'
import { HostState } from './host-state.js'
import { InstanceTracker } from './instance-tracker.js'
import type { KnownNode } from './node-cache.js'

export interface HostManagerDeps {
  readonly cells: Cells
  readonly api: Pick<ApiStores, 'aggregates' | 'hostMappings'>
  readonly registry: ObjectRegistry
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
}

export interface HostManagerOptions {
  /** `[filter_scheduler] track_instance_changes` */
  readonly trackInstanceChanges: boolean
  /** `[compute] packing_host_numa_cells_allocation_strategy` */
  readonly packNumaCells: boolean
}

/**
 * The hosts of all enabled cells.
 *
 * @see nova 26.2.2, `scheduler/host_manager.py`, `HostManager`
 */
export class HostManager {
  readonly aggregates = new AggregateMap()
  readonly instances: InstanceTracker
  readonly directory: CellDirectory
  readonly #deps: HostManagerDeps
  readonly #options: HostManagerOptions

  constructor(deps: HostManagerDeps, options: HostManagerOptions) {
    this.#deps = deps
    this.#options = options
    this.directory = new CellDirectory({ ...deps, hostMappings: deps.api.hostMappings })
    this.instances = new InstanceTracker(this.directory, deps.log)
  }

  async loadAggregates(ctx: RequestContext): Promise<void> {
    this.aggregates.replace(await this.#deps.api.aggregates.list(ctx))
  }

  /** Whatever the database has, until the hosts tell themselves. */
  async loadInstances(ctx: RequestContext, signal: AbortSignal): Promise<void> {
    if (this.#options.trackInstanceChanges) await this.instances.load(ctx, signal)
  }

  /**
   * The hosts of these compute nodes, in an order by chance: among equals none is preferred.
   *
   * @param uuids null: all hosts, or those of the destination that the request names
   * @param wanted instances whose hosts matter for the request: filters and weighers look for no others
   */
  async hostStates(
    ctx: RequestContext,
    uuids: readonly string[] | null,
    spec: RequestSpec,
    wanted: readonly string[],
  ): Promise<HostState[]> {
    const cells = await this.#cellsOf(ctx, spec)
    if (cells.length === 0) this.#deps.log.warning('No cells were found')
    const found = await this.directory.gather(cells, 'computes', async (cell) => {
      const nodes = await (await this.directory.nodes(cell)).read(ctx, uuids ?? (await this.#uuidsOfDestination(ctx, cell, spec)))
      return { nodes, located: await this.#locate(ctx, cell, nodes, wanted) }
    })
    const states: HostState[] = []
    for (const { cell, answer } of found)
      for (const node of answer.nodes) {
        const state = this.#stateOf(node, cell, answer.located)
        if (state !== null) states.push(state)
      }
    return shuffled(states, this.#deps.random)
  }

  /** Only the cell of the destination, unless the request may leave it. */
  async #cellsOf(ctx: RequestContext, spec: RequestSpec): Promise<readonly CellMapping[]> {
    const destination = spec.requested_destination
    const cell = destination?.objIsSet('cell') && !destination.allow_cross_cell_move ? destination.cell : null
    return cell ? [await this.directory.byUuid(ctx, cell.uuid)] : this.directory.enabled(ctx)
  }

  async #uuidsOfDestination(ctx: RequestContext, cell: CellMapping, spec: RequestSpec): Promise<readonly string[] | null> {
    const destination = spec.requested_destination
    if (!destination?.objIsSet('host')) return null
    const { computeNodes } = await this.directory.stores(cell)
    return (await computeNodes.listByHosts(ctx, [destination.host])).map(({ uuid }) => uuid)
  }

  #stateOf(
    { facts, service }: KnownNode,
    { uuid: cellUuid }: CellMapping,
    located: ReadonlyMap<string, readonly string[]>,
  ): HostState | null {
    const { log } = this.#deps
    if (service === null) {
      log.warning(`No compute service record found for host ${facts.host}`)
      return null
    }
    if (!facts.isUsable) {
      log.debug(`Ignoring compute node ${facts.uuid} as its usage has not been updated yet.`)
      return null
    }
    const there = located.get(facts.host)
    const instances = this.#tracked(facts.host) ?? (there === undefined ? null : new Set(there))
    const { packNumaCells } = this.#options
    return new HostState({ facts, service, cellUuid, aggregates: this.aggregates.of(facts.host), instances, packNumaCells })
  }

  #tracked(host: string): Set<string> | undefined {
    return this.#options.trackInstanceChanges ? this.instances.tracked(host) : undefined
  }

  /** Where the instances wanted are, for the hosts that do not tell. */
  async #locate(
    ctx: RequestContext,
    cell: CellMapping,
    nodes: readonly KnownNode[],
    wanted: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const located = new Map<string, string[]>()
    if (wanted.length === 0 || nodes.every(({ facts }) => this.#tracked(facts.host) !== undefined)) return located
    const { hostSurvey } = await this.directory.stores(cell)
    for (const { uuid, host } of await hostSurvey.locateInstances(ctx, wanted)) located.set(host, [...(located.get(host) ?? []), uuid])
    return located
  }

  /** Compute nodes by host, or node, or both: those of the first cell that has any. */
  async nodesByName(
    ctx: RequestContext,
    host: string | null,
    node: string | null,
    cell: CellMapping | null,
  ): Promise<readonly ComputeNode[]> {
    const only = cell ? await this.directory.byUuid(ctx, cell.uuid) : host ? await this.#cellOfHost(ctx, host) : null
    const found = await this.directory.gather(only ? [only] : await this.directory.enabled(ctx), 'compute nodes', async (one) => {
      const { computeNodes, hostSurvey } = await this.directory.stores(one)
      if (!host) return hostSurvey.listNodesByName(ctx, node ?? '')
      if (!node) return computeNodes.listByHosts(ctx, [host])
      return computeNodes.getByHostAndNode(ctx, host, node).then((it) => [it], noneIfNotFound)
    })
    return found.find(({ answer }) => answer.length > 0)?.answer ?? []
  }

  async #cellOfHost(ctx: RequestContext, host: string): Promise<CellMapping | null> {
    const cell = await this.directory.cellOfHost(ctx, host)
    if (cell === null) this.#deps.log.warning(`No host-to-cell mapping found for selected host ${host}.`)
    return cell
  }
}

function noneIfNotFound(err: unknown): readonly ComputeNode[] {
  if (isNovaError(err, 'NotFound')) return []
  throw err
}

function shuffled<T>(items: T[], random: Pick<Random, 'next'>): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random.next() * (last + 1))
    const item = items[last]!
    items[last] = items[other]!
    items[other] = item
  }
  return items
}
