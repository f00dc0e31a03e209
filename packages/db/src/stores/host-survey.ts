import type { CellSurvey, HostSurveyStore, PlacedInstance, SurveyedNode, SurveyedService } from '@micronova/model'
import { parseDatetime } from '../driver/values.js'
import { oneOf } from '../rows.js'
import type { DatabaseComputeNodeStore } from './compute-nodes.js'
import type { StoreDeps } from './deps.js'

/** A scheduler's look at all hosts of the cell. */
export class DatabaseHostSurveyStore implements HostSurveyStore {
  readonly #deps: StoreDeps
  readonly #nodes: DatabaseComputeNodeStore

  constructor(deps: StoreDeps, nodes: DatabaseComputeNodeStore) {
    this.#deps = deps
    this.#nodes = nodes
  }

  async surveyNodes(...[, uuids]: Parameters<HostSurveyStore['surveyNodes']>): Promise<SurveyedNode[]> {
    if (uuids.length === 0) return []
    const rows = await this.#deps.database.read(({ db }) =>
      db
        .selectFrom('compute_nodes as n')
        .leftJoin('services as s', (join) =>
          join.onRef('s.host', '=', 'n.host').on('s.binary', '=', 'nova-compute').on('s.deleted', '=', 0),
        )
        .select(({ fn }) => [
          'n.uuid',
          fn.coalesce('n.updated_at', 'n.created_at').as('changed_at'),
          's.id as service',
          's.disabled',
          's.forced_down',
          fn.coalesce('s.last_seen_up', 's.created_at').as('seen_at'),
        ])
        .where('n.deleted', '=', 0)
        .where(oneOf('n.uuid', uuids))
        .execute(),
    )
    return rows.flatMap(({ uuid, changed_at, service, ...state }) =>
      uuid === null ? [] : [{ uuid, changedAt: msOf(changed_at), service: service === null ? null : serviceOf(state) }],
    )
  }

  /** Two reads at once: the database joins ten thousand hosts more slowly than the reader does by id. */
  async surveyCell(): Promise<CellSurvey> {
    const { database } = this.#deps
    const [nodes, services] = await Promise.all([
      database.read(({ db }) =>
        db
          .selectFrom('compute_nodes')
          .select(({ fn }) => ['id', fn.coalesce('updated_at', 'created_at').as('changed_at')])
          .where('deleted', '=', 0)
          .where('uuid', 'is not', null)
          .execute(),
      ),
      database.read(({ db }) =>
        db
          .selectFrom('services')
          .select(({ fn }) => ['id', 'disabled', 'forced_down', fn.coalesce('last_seen_up', 'created_at').as('seen_at')])
          .where('binary', '=', 'nova-compute')
          .where('deleted', '=', 0)
          .execute(),
      ),
    ])
    return {
      nodes: nodes.map(({ id, changed_at }) => ({ id, changedAt: msOf(changed_at) })),
      services: services.map(({ id, ...state }) => ({ id, ...serviceOf(state) })),
    }
  }

  listNodesByIds(...[ctx, ids]: Parameters<HostSurveyStore['listNodesByIds']>): ReturnType<HostSurveyStore['listNodesByIds']> {
    return this.#nodes.listByIds(ctx, ids)
  }

  async hostsOfServices(...[, ids]: Parameters<HostSurveyStore['hostsOfServices']>): Promise<ReadonlyMap<number, string>> {
    if (ids.length === 0) return new Map()
    const rows = await this.#deps.database.read(({ db }) =>
      db.selectFrom('services').select(['id', 'host']).where(oneOf('id', ids)).execute(),
    )
    return new Map(rows.map(({ id, host }) => [id, host ?? '']))
  }

  listNodesByName(...[ctx, nodename]: Parameters<HostSurveyStore['listNodesByName']>): ReturnType<HostSurveyStore['listNodesByName']> {
    return this.#nodes.listByName(ctx, nodename)
  }

  listUnmappedNodes(...[ctx]: Parameters<HostSurveyStore['listUnmappedNodes']>): ReturnType<HostSurveyStore['listUnmappedNodes']> {
    return this.#nodes.listUnmapped(ctx)
  }

  async locateInstances(_ctx: Parameters<HostSurveyStore['locateInstances']>[0], uuids: readonly string[]): Promise<PlacedInstance[]> {
    if (uuids.length === 0) return []
    const rows = await this.#deps.database.read(({ db }) =>
      db.selectFrom('instances').select(['id', 'uuid', 'host']).where('deleted', '=', 0).where(oneOf('uuid', uuids)).execute(),
    )
    return rows.flatMap(({ id, uuid, host }) => (host ? [{ id, uuid, host }] : []))
  }

  async listPlacedInstances(
    _ctx: Parameters<HostSurveyStore['listPlacedInstances']>[0],
    { afterId, limit }: { readonly afterId: number; readonly limit: number },
  ): Promise<PlacedInstance[]> {
    const rows = await this.#deps.database.read(({ db }) =>
      db
        .selectFrom('instances')
        .select(['id', 'uuid', 'host'])
        .where('id', '>', afterId)
        .where('deleted', '=', 0)
        .where('host', 'is not', null)
        .orderBy('id')
        .limit(limit)
        .execute(),
    )
    return rows.flatMap(({ id, uuid, host }) => (host ? [{ id, uuid, host }] : []))
  }
}

interface ServiceColumns {
  readonly disabled: boolean | null
  readonly forced_down: boolean | null
  readonly seen_at: Date | string | null
}

function serviceOf({ disabled, forced_down, seen_at }: ServiceColumns): SurveyedService {
  return { disabled: disabled ?? false, forcedDown: forced_down ?? false, seenAt: msOf(seen_at) }
}

/** SQLite has no type for what a function gives: a time is text there. */
function msOf(time: Date | string | null): number {
  if (time === null) return 0
  return (typeof time === 'string' ? parseDatetime(time) : time).getTime()
}
