import type { Clock } from '@micronova/lifecycle'
import type { CellStores, CellSurvey, ComputeNode, RequestContext, SurveyedService } from '@micronova/model'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import { HostFacts } from './host-facts.js'

/**
 * A record may be written twice within the second that its time is kept in. It counts as settled if it was read this long after that
 * time was first seen: longer than a second and a transaction under way together.
 */
const settleMs = 5000

/** As well if its time lies this far back when it is first read: farther than clocks of services may be apart that are up. */
const oldMs = 60_000

interface Entry {
  readonly id: number
  readonly facts: HostFacts
  readonly changedAt: number
  /** When `changedAt` was first seen, milliseconds of the monotonic clock. */
  readonly seenAtMs: number
  readonly isSettled: boolean
}

export interface NodeCacheDeps {
  readonly stores: Pick<CellStores, 'computeNodes' | 'hostSurvey'>
  readonly registry: ObjectRegistry
  readonly clock: Clock
}

export interface KnownNode {
  readonly facts: HostFacts
  /** null: no nova-compute has this host. */
  readonly service: SurveyedService | null
}

/** Above so many uuids it is quicker to look at the whole cell than at those wanted. */
const manyUuids = 2048

/**
 * The compute nodes of a cell. Each look reads a few columns of all nodes wanted, and whole records only of those that were
 * changed since. Whoever writes a record moves its `updated_at`, as every Nova does.
 */
export class NodeCache {
  readonly #deps: NodeCacheDeps
  readonly #entries = new Map<string, Entry>()
  /** The same, by the id of the row. */
  readonly #byId = new Map<number, Entry>()
  /** Services that have been seen, by id, which no other host's service gets ever. */
  readonly #hostOfService = new Map<number, string>()

  constructor(deps: NodeCacheDeps) {
    this.#deps = deps
  }

  /** The nodes with these uuids that are in this cell; null: all of it. */
  async read(ctx: RequestContext, uuids: readonly string[] | null): Promise<readonly KnownNode[]> {
    return uuids === null || uuids.length > manyUuids ? this.#readCell(ctx, uuids) : this.#readThese(ctx, uuids)
  }

  async #readThese(ctx: RequestContext, uuids: readonly string[]): Promise<readonly KnownNode[]> {
    const { stores } = this.#deps
    const survey = await stores.hostSurvey.surveyNodes(ctx, uuids)
    const found = new Set(survey.map(({ uuid }) => uuid))
    // Those that were looked for and are gone.
    for (const uuid of uuids) if (!found.has(uuid)) this.#forget(uuid)
    const stale = survey.filter(({ uuid, changedAt }) => isStale(this.#entries.get(uuid), changedAt)).map(({ uuid }) => uuid)
    if (stale.length > 0) for (const node of await stores.computeNodes.listByUuids(ctx, stale)) this.#remember(node)
    return survey.flatMap(({ uuid, service }) => {
      const facts = this.#entries.get(uuid)?.facts
      return facts === undefined ? [] : [{ facts, service }]
    })
  }

  /** Ten thousand rows: no list is made that need not be (`npm run bench -- scheduler`). */
  async #readCell(ctx: RequestContext, uuids: readonly string[] | null): Promise<readonly KnownNode[]> {
    const { stores } = this.#deps
    const { nodes, services } = await stores.hostSurvey.surveyCell(ctx)
    const stale: number[] = []
    for (const { id, changedAt } of nodes) if (isStale(this.#byId.get(id), changedAt)) stale.push(id)
    if (stale.length > 0) for (const node of await stores.hostSurvey.listNodesByIds(ctx, stale)) this.#remember(node)
    if (this.#byId.size > nodes.length) this.#forgetAllBut(new Set(nodes.map(({ id }) => id)))
    const serviceOf = await this.#servicesByHost(ctx, services)
    const wanted = uuids === null ? null : new Set(uuids)
    const found: KnownNode[] = []
    for (const { id } of nodes) {
      const facts = this.#byId.get(id)?.facts
      if (facts !== undefined && (wanted === null || wanted.has(facts.uuid)))
        found.push({ facts, service: serviceOf.get(facts.host) ?? null })
    }
    return found
  }

  async #servicesByHost(ctx: RequestContext, services: CellSurvey['services']): Promise<ReadonlyMap<string, SurveyedService>> {
    const unnamed: number[] = []
    for (const { id } of services) if (!this.#hostOfService.has(id)) unnamed.push(id)
    if (unnamed.length > 0)
      for (const [id, host] of await this.#deps.stores.hostSurvey.hostsOfServices(ctx, unnamed)) this.#hostOfService.set(id, host)
    const byHost = new Map<string, SurveyedService>()
    for (const service of services) {
      const host = this.#hostOfService.get(service.id)
      if (host !== undefined) byHost.set(host, service)
    }
    return byHost
  }

  #remember(node: ComputeNode): void {
    const { clock, registry } = this.#deps
    const changedAt = (node.updated_at ?? node.created_at ?? new Date(0)).getTime()
    const before = this.#entries.get(node.uuid)
    const nowMs = clock.monotonicMs()
    const seenAtMs = before?.changedAt === changedAt ? before.seenAtMs : nowMs
    const isSettled = nowMs - seenAtMs >= settleMs || clock.now() - changedAt >= oldMs
    if (before !== undefined) this.#byId.delete(before.id)
    const entry = { id: node.id, facts: new HostFacts(node, registry), changedAt, seenAtMs, isSettled }
    this.#entries.set(node.uuid, entry)
    this.#byId.set(node.id, entry)
  }

  #forgetAllBut(ids: ReadonlySet<number>): void {
    for (const [id, { facts }] of this.#byId) if (!ids.has(id)) this.#forget(facts.uuid)
  }

  #forget(uuid: string): void {
    const entry = this.#entries.get(uuid)
    if (entry === undefined) return
    this.#entries.delete(uuid)
    this.#byId.delete(entry.id)
  }
}

function isStale(entry: Entry | undefined, changedAt: number): boolean {
  return entry === undefined || entry.changedAt !== changedAt || !entry.isSettled
}
