import type { RequestContext } from './context.js'
import type { ComputeNode } from './objects/index.js'

/** A compute node without its large columns, and what counts of the service of its host: thousands of these are read for a request. */
export interface SurveyedNode {
  readonly uuid: string
  /** When the record was last changed, or made; milliseconds since 1970. MariaDB keeps whole seconds. */
  readonly changedAt: number
  /** null: there is no nova-compute of this host. */
  readonly service: SurveyedService | null
}

export interface SurveyedService {
  readonly disabled: boolean
  readonly forcedDown: boolean
  /** When it last reported, or was made; milliseconds since 1970. */
  readonly seenAt: number
}

/** All nodes of a cell and all its nova-compute, by the ids of their rows: names would cost most of a look at ten thousand hosts. */
export interface CellSurvey {
  readonly nodes: readonly { readonly id: number; readonly changedAt: number }[]
  readonly services: readonly (SurveyedService & { readonly id: number })[]
}

/** Where an instance is. */
export interface PlacedInstance {
  readonly id: number
  readonly uuid: string
  readonly host: string
}

/** What a scheduler looks up about thousands of hosts of a cell at once: few columns, one round trip each. */
export interface HostSurveyStore {
  /** The nodes with these uuids that are in this cell. */
  surveyNodes(ctx: RequestContext, uuids: readonly string[]): Promise<SurveyedNode[]>
  surveyCell(ctx: RequestContext): Promise<CellSurvey>
  listNodesByIds(ctx: RequestContext, ids: readonly number[]): Promise<ComputeNode[]>
  /** Hosts of services, by id. */
  hostsOfServices(ctx: RequestContext, ids: readonly number[]): Promise<ReadonlyMap<number, string>>
  /** Nodes by the name that the hypervisor has for them. */
  listNodesByName(ctx: RequestContext, nodename: string): Promise<ComputeNode[]>
  /** Nodes of hosts that nobody has told the API database of. */
  listUnmappedNodes(ctx: RequestContext): Promise<ComputeNode[]>
  /** Those of these instances that are on a host. */
  locateInstances(ctx: RequestContext, uuids: readonly string[]): Promise<PlacedInstance[]>
  /** All instances that are on a host, in the order of their ids; those after `afterId`, at most `limit`. */
  listPlacedInstances(ctx: RequestContext, page: { readonly afterId: number; readonly limit: number }): Promise<PlacedInstance[]>
}
