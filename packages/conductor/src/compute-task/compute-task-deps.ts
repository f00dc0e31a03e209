import type { Clients } from '@micronova/clients'
import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import type { Aggregate, ApiStores, CellMapping, CellStores, Cells, Instance, RequestContext, Stores } from '@micronova/model'
import type { ComputeApi, SchedulerApi } from '@micronova/rpcapi'
import type { ComputeTaskSettings } from './options.js'

/** A cell as a task works on it. */
export interface CellScope {
  /** null: the one that this conductor itself stands in, whose mapping nobody asked for. */
  readonly cell: CellMapping | null
  readonly stores: CellStores
  readonly compute: ComputeApi
}

/** What is above the cells. */
export interface Deployment {
  readonly api: ApiStores
  readonly cells: Cells
  /** nova-compute of a cell, over the cell's own broker. */
  compute(cell: CellMapping): ComputeApi
}

/** What a task failed with, and for whom. */
export interface TaskFailure {
  readonly instanceUuid: string
  /** `build_instances`, `migrate_server`, `rebuild_server`. */
  readonly method: string
  /** That the instance was given. */
  readonly vmState: string
  readonly error: unknown
  readonly requestSpec: unknown
}

/** Tells others how far the caching of images is. Never rejects. */
export interface CachingObserver {
  caching(ctx: RequestContext, aggregate: Aggregate, phase: 'start' | 'end'): Promise<void>
  /** @param index hosts that are done, this one included, of `total` */
  progress(
    ctx: RequestContext,
    aggregate: Aggregate,
    step: {
      readonly host: string
      readonly results: Readonly<Record<string, string>>
      readonly index: number
      readonly total: number
    },
  ): Promise<void>
}

/**
 * What a conductor does to an instance itself: the user's decision on a move to another cell is carried out; the user has deleted the
 * server before it was built.
 */
export type ToldStep = 'resize_confirm' | 'resize_revert' | 'delete'

/** Others are told by these of what tasks do. None rejects. */
export interface TaskObservers {
  /** Called once for each instance that a task gave up, after its states and fault are written: the place to tell others. */
  onFailure?(ctx: RequestContext, failure: TaskFailure): Promise<void>
  readonly cachingObserver?: CachingObserver
  /** Called when a host for a rebuild is found; `stores` are those of the instance's cell. */
  onRebuildScheduled?(ctx: RequestContext, instance: Instance, stores: Pick<Stores, 'instances' | 'blockDeviceMappings'>): Promise<void>
  /** Called before a step and after it: others are told by it. */
  onStep?(
    ctx: RequestContext,
    of: { readonly scope: Pick<CellScope, 'cell' | 'stores'>; readonly instance: Instance },
    step: ToldStep,
    phase: 'start' | 'end',
  ): Promise<void>
}

export interface ComputeTaskDeps extends TaskObservers {
  readonly log: Logger
  readonly clock: Clock
  readonly random: Random
  /** Of this conductor; events and faults carry it. */
  readonly host: string
  /** The cell of this conductor. */
  readonly local: CellScope
  /** null in the conductor of a cell, which cannot reach the API database. */
  readonly deployment: Deployment | null
  readonly scheduler: SchedulerApi
  /** Opened at the first use. */
  readonly clients: Clients
  readonly settings: ComputeTaskSettings
}
