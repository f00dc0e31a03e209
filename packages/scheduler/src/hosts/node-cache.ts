import type { Clock } from '@micronova/lifecycle'
import type { CellStores, ComputeNode, RequestContext, SurveyedService } from '@micronova/model'
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

/**
 * The compute nodes of a cell. Each look reads a few columns of all nodes wanted, and whole records only of those that were
 * changed since. Whoever writes a record moves its `updated_at`, as every Nova does.
 */
export class NodeCache {
  readonly #deps: NodeCacheDeps
  readonly #entries = new Map<string, Entry>()

  constructor(deps: NodeCacheDeps) {
    this.#deps = deps
  }

  /** The nodes with these uuids that are in this cell; null: all of it. */
  async read(ctx: RequestContext, uuids: readonly string[] | null): Promise<readonly KnownNode[]> {
    const { stores } = this.#deps
    const survey = await stores.hostSurvey.surveyNodes(ctx, uuids)
    this.#forget(uuids, new Set(survey.map(({ uuid }) => uuid)))
    const stale = survey.filter(({ uuid, changedAt }) => {
      const entry = this.#entries.get(uuid)
      return entry === undefined || entry.changedAt !== changedAt || !entry.isSettled
    })
    if (stale.length > 0)
      for (const node of await stores.computeNodes.listByUuids(
        ctx,
        stale.map(({ uuid }) => uuid),
      ))
        this.#remember(node)
    return survey.flatMap(({ uuid, service }) => {
      const facts = this.#entries.get(uuid)?.facts
      return facts === undefined ? [] : [{ facts, service }]
    })
  }

  #remember(node: ComputeNode): void {
    const { clock, registry } = this.#deps
    const changedAt = (node.updated_at ?? node.created_at ?? new Date(0)).getTime()
    const before = this.#entries.get(node.uuid)
    const nowMs = clock.monotonicMs()
    const seenAtMs = before?.changedAt === changedAt ? before.seenAtMs : nowMs
    const isSettled = nowMs - seenAtMs >= settleMs || clock.now() - changedAt >= oldMs
    this.#entries.set(node.uuid, { facts: new HostFacts(node, registry), changedAt, seenAtMs, isSettled })
  }

  /** Nodes that were looked for and are gone. */
  #forget(uuids: readonly string[] | null, found: ReadonlySet<string>): void {
    for (const uuid of uuids ?? this.#entries.keys()) if (!found.has(uuid)) this.#entries.delete(uuid)
  }
}
