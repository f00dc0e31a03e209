import type { Logger } from '@micronova/log'
import type { RequestContext } from '@micronova/model'
import type { CellDirectory } from './cell-directory.js'

/** Instances that are read at once at the start. */
const pageSize = 10_000

interface TrackedHost {
  readonly instances: Set<string>
  /** The host has told something since this was read from the database: what it tells is complete. */
  isTold: boolean
}

/**
 * Which instances are on which host, as the computes tell it. Only the uuids: all that filters and weighers look at.
 *
 * @see nova 26.2.2, `scheduler/host_manager.py`, `update_instance_info` and its kin
 */
export class InstanceTracker {
  readonly #directory: CellDirectory
  readonly #log: Logger
  readonly #hosts = new Map<string, TrackedHost>()
  /** Reports of a host are worked on one after another. */
  readonly #queues = new Map<string, Promise<void>>()

  constructor(directory: CellDirectory, log: Logger) {
    this.#directory = directory
    this.#log = log
  }

  /** undefined: the host tells nothing, the database knows. */
  tracked(host: string): Set<string> | undefined {
    const known = this.#hosts.get(host)
    return known?.isTold ? known.instances : undefined
  }

  /** What all cells have now, as long as no host has told better. */
  async load(ctx: RequestContext, signal: AbortSignal): Promise<void> {
    await this.#directory.gather(await this.#directory.all(ctx), 'instances', async (cell) => {
      const { hostSurvey } = await this.#directory.stores(cell)
      for (let afterId = 0; !signal.aborted; ) {
        const page = await hostSurvey.listPlacedInstances(ctx, { afterId, limit: pageSize })
        for (const { uuid, host } of page) this.#add(host, uuid)
        if (page.length < pageSize) return
        afterId = page.at(-1)!.id
      }
    })
  }

  #add(host: string, uuid: string): void {
    const known = this.#hosts.get(host) ?? { instances: new Set(), isTold: false }
    this.#hosts.set(host, known)
    if (!known.isTold) known.instances.add(uuid)
  }

  /** New instances of a host, or all that it has when it starts. */
  update(ctx: RequestContext, host: string, uuids: readonly string[]): Promise<void> {
    return this.#inTurn(host, async () => {
      const known = this.#hosts.get(host)
      if (known !== undefined) {
        for (const uuid of uuids) known.instances.add(uuid)
        known.isTold = true
      } else if (uuids.length > 1) {
        this.#hosts.set(host, { instances: new Set(uuids), isTold: true })
      } else {
        await this.#recreate(ctx, host)
        this.#log.info(`Received an update from an unknown host '${host}'. Re-created its InstanceList.`)
      }
    })
  }

  delete(ctx: RequestContext, host: string, uuid: string): Promise<void> {
    return this.#inTurn(host, async () => {
      const known = this.#hosts.get(host)
      if (known !== undefined) {
        known.instances.delete(uuid)
        known.isTold = true
      } else {
        await this.#recreate(ctx, host)
        this.#log.info(`Received a delete update from an unknown host '${host}'. Re-created its InstanceList.`)
      }
    })
  }

  /** All instances of a host, told every so often: what was missed shows. */
  sync(ctx: RequestContext, host: string, uuids: readonly string[]): Promise<void> {
    return this.#inTurn(host, async () => {
      const known = this.#hosts.get(host)
      if (known === undefined) {
        await this.#recreate(ctx, host)
        this.#log.info(`Received a sync request from an unknown host '${host}'. Re-created its InstanceList.`)
      } else if (known.instances.size !== uuids.length || uuids.some((uuid) => !known.instances.has(uuid))) {
        await this.#recreate(ctx, host)
        this.#log.info(`The instance sync for host '${host}' did not match. Re-created its InstanceList.`)
      } else {
        known.isTold = true
      }
    })
  }

  async #recreate(ctx: RequestContext, host: string): Promise<void> {
    const cell = await this.#directory.cellOfHost(ctx, host)
    if (cell === null) this.#log.info(`Host mapping not found for host ${host}. Not tracking instance info for this host.`)
    const uuids = cell === null ? [] : await (await this.#directory.stores(cell)).instances.listUuidsByHost(ctx, host)
    this.#hosts.set(host, { instances: new Set(uuids), isTold: false })
  }

  async #inTurn(host: string, work: () => Promise<void>): Promise<void> {
    const before = this.#queues.get(host) ?? Promise.resolve()
    const mine = before.catch(() => {}).then(work)
    this.#queues.set(host, mine)
    try {
      await mine
    } finally {
      if (this.#queues.get(host) === mine) this.#queues.delete(host)
    }
  }
}
