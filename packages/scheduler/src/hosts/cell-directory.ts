import type { Clock } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import {
  type ApiStores,
  CELL0_UUID,
  type CellMapping,
  type CellStores,
  type Cells,
  isNovaError,
  type RequestContext,
} from '@micronova/model'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import { NodeCache } from './node-cache.js'

/** A cell that does not answer for so long is left out of a request. @see nova 26.2.2, `context.py`, `CELL_TIMEOUT` */
const cellTimeoutMs = 60_000

export interface CellDirectoryDeps {
  readonly cells: Cells
  readonly hostMappings: Pick<ApiStores['hostMappings'], 'getByHost'>
  readonly registry: ObjectRegistry
  readonly clock: Clock
  readonly log: Logger
}

/** The cells with hosts, and which host is in which. Both are looked up once; SIGHUP has them looked up again. */
export class CellDirectory {
  readonly #deps: CellDirectoryDeps
  readonly #nodes = new Map<string, NodeCache>()
  #cellOfHost = new Map<string, CellMapping>()

  constructor(deps: CellDirectoryDeps) {
    this.#deps = deps
  }

  /** All cells but cell0, which has no hosts. */
  async all(ctx: RequestContext): Promise<readonly CellMapping[]> {
    return (await this.#deps.cells.list(ctx)).filter(({ uuid }) => uuid !== CELL0_UUID)
  }

  /** The cell that a request names, as the API database knows it: what a message says of a database is not believed. */
  byUuid(ctx: RequestContext, uuid: string): Promise<CellMapping> {
    return this.#deps.cells.byUuid(ctx, uuid)
  }

  async enabled(ctx: RequestContext): Promise<readonly CellMapping[]> {
    return (await this.all(ctx)).filter(({ disabled }) => !disabled)
  }

  refresh(): void {
    this.#deps.cells.refresh()
    this.#nodes.clear()
    this.#cellOfHost = new Map()
  }

  stores(cell: CellMapping): Promise<CellStores> {
    return this.#deps.cells.stores(cell)
  }

  async nodes(cell: CellMapping): Promise<NodeCache> {
    const known = this.#nodes.get(cell.uuid)
    if (known !== undefined) return known
    const { registry, clock } = this.#deps
    const cache = new NodeCache({ stores: await this.stores(cell), registry, clock })
    this.#nodes.set(cell.uuid, cache)
    return cache
  }

  /** null: the host is in no cell yet. */
  async cellOfHost(ctx: RequestContext, host: string): Promise<CellMapping | null> {
    const known = this.#cellOfHost.get(host)
    if (known !== undefined) return known
    try {
      const { cell_mapping: cell } = await this.#deps.hostMappings.getByHost(ctx, host)
      this.#cellOfHost.set(host, cell)
      return cell
    } catch (err) {
      if (isNovaError(err, 'HostMappingNotFound')) return null
      throw err
    }
  }

  /** Ask each of the cells at the same time. One that fails or is silent is logged and left out. */
  async gather<T>(
    cells: readonly CellMapping[],
    what: string,
    ask: (cell: CellMapping) => Promise<T>,
  ): Promise<readonly { readonly cell: CellMapping; readonly answer: T }[]> {
    const answers = await Promise.all(cells.map((cell) => this.#within(cell, what, ask)))
    return answers.flatMap((answer) => answer ?? [])
  }

  async #within<T>(
    cell: CellMapping,
    what: string,
    ask: (cell: CellMapping) => Promise<T>,
  ): Promise<{ cell: CellMapping; answer: T } | null> {
    const { clock, log } = this.#deps
    const over = new AbortController()
    const silence = clock.sleep(cellTimeoutMs, over.signal).then(
      () => 'silent' as const,
      () => 'silent' as const,
    )
    try {
      const answer = await Promise.race([ask(cell).then((value) => ({ value })), silence])
      if (answer !== 'silent') return { cell, answer: answer.value }
      log.warning(`Timeout getting ${what} for cell ${cell.uuid}`)
    } catch (err) {
      log.warning(`Failed to get ${what} for cell ${cell.uuid}`, { err })
    } finally {
      over.abort()
    }
    return null
  }
}
