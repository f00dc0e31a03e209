import type { HostSurveyStore, PlacedInstance, SurveyedNode } from '@micronova/model'
import { parseDatetime } from '../driver/values.js'
import { oneOf } from '../rows.js'
import type { DatabaseComputeNodeStore } from './compute-nodes.js'
import type { StoreDeps } from './deps.js'

/** Above so many uuids it is quicker to read all nodes than to name those wanted. */
const manyUuids = 4096

/** A scheduler's look at all hosts of the cell. */
export class DatabaseHostSurveyStore implements HostSurveyStore {
  readonly #deps: StoreDeps
  readonly #nodes: DatabaseComputeNodeStore

  constructor(deps: StoreDeps, nodes: DatabaseComputeNodeStore) {
    this.#deps = deps
    this.#nodes = nodes
  }

  async surveyNodes(_ctx: Parameters<HostSurveyStore['surveyNodes']>[0], uuids: readonly string[] | null): Promise<SurveyedNode[]> {
    if (uuids?.length === 0) return []
    const isMany = uuids !== null && uuids.length > manyUuids
    const rows = await this.#deps.database.read(({ db }) => {
      const nodes = db
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
      return (uuids === null || isMany ? nodes : nodes.where(oneOf('n.uuid', uuids))).execute()
    })
    const wanted = isMany ? new Set(uuids) : null
    return rows.flatMap(({ uuid, changed_at, service, disabled, forced_down, seen_at }) => {
      if (uuid === null || wanted?.has(uuid) === false) return []
      const found = { disabled: disabled ?? false, forcedDown: forced_down ?? false, seenAt: msOf(seen_at) }
      return [{ uuid, changedAt: msOf(changed_at), service: service === null ? null : found }]
    })
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

/** SQLite has no type for what a function gives: a time is text there. */
function msOf(time: Date | string | null): number {
  if (time === null) return 0
  return (typeof time === 'string' ? parseDatetime(time) : time).getTime()
}
