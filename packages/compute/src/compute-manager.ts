import { doneOrAborted } from '@micronova/lifecycle'
import type { Endpoint, RpcServer, Serializer, Transport } from '@micronova/messaging'
import type { RequestContext } from '@micronova/model'
import { baseEndpoint, noHooks, type ServiceHooks } from '@micronova/rpcapi'
import type { Manager, PeriodicTask, StartSteps } from '@micronova/service'
import { computeEndpoints } from './endpoint.js'
import { initHost } from './init-host/index.js'
import { failInterruptedBuilds } from './init-host/interrupted-builds.js'
import type { JournalFile } from './journal/journal-file.js'
import { OperationJournal } from './journal/operation-journal.js'
import type { AcceptedRecord } from './journal/record.js'
import { recoverWork } from './journal/recover.js'
import { dropQueued } from './live-migration/abort.js'
import type { ComputeParts } from './parts.js'
import type { ComputeReport } from './report.js'
import { nodeReport } from './resource-tracker/node-report.js'
import { Semaphore } from './semaphore.js'
import type { StartSignal } from './start-signal.js'
import { auditPlacement, updateHostResources } from './update-host-resources.js'
import type { Place } from './whereabouts.js'
import { within } from './within.js'

export interface ComputeManagerDeps {
  readonly parts: ComputeParts
  readonly periodicTasks: readonly PeriodicTask[]
  readonly steps: StartSteps
  readonly journalFile: JournalFile
  readonly serializer: Serializer<RequestContext>
  /** Known to the stores of `parts`. */
  readonly startSignal: StartSignal
  /** Called by a reload. */
  readonly forgetPeers?: () => void
  /** Default: none. */
  readonly hooks?: ServiceHooks
}

/** How many messages of an earlier run are worked on at once beside the new ones. */
const replaysAtOnce = 16

/** A Placement that does not answer holds up a first start no longer than this. */
const placementWaitMs = 10_000

/** What nova-compute does between its start and its end; the operations themselves are in `operations/`. */
export class ComputeManager implements Manager {
  readonly serviceName = 'compute'
  readonly endpoints: readonly Endpoint<RequestContext>[]
  readonly periodicTasks: readonly PeriodicTask[]
  readonly #deps: ComputeManagerDeps
  readonly #replaySlots = new Semaphore(replaysAtOnce)
  /** What an earlier run has left in the journal, and what of it is to be run again. */
  #unfinished: readonly AcceptedRecord[] = []
  #replays: readonly AcceptedRecord[] = []
  /** Instances that the journal takes care of. */
  #recovered: ReadonlySet<string> = new Set()
  /** Wall time in milliseconds. */
  #startedAt = 0
  #replaying: Promise<unknown> = Promise.resolve()
  #server: RpcServer | null = null

  constructor(deps: ComputeManagerDeps) {
    this.#deps = deps
    const { hooks = noHooks } = deps
    this.endpoints = hooks.wrapEndpoints([...computeEndpoints(deps.parts), baseEndpoint(this.serviceName, hooks.backdoorPort)])
    this.periodicTasks = hooks.wrapPeriodicTasks(deps.periodicTasks)
  }

  /** The RPC server of this manager: work is in the journal before its message is acknowledged. Made after `initHost`. */
  listen(transport: Pick<Transport, 'server'>, target: { readonly topic: string; readonly server: string }): RpcServer {
    const { serializer, journalFile } = this.#deps
    this.#server = transport.server(target, this.endpoints, {
      serializer,
      journal: new OperationJournal(journalFile),
      acceptedBefore: this.#unfinished.map(({ text }) => text),
    })
    return this.#server
  }

  /** @throws JournalFailed; what the driver or the conductor throws */
  initHost(signal: AbortSignal): Promise<void> {
    return this.#deps.startSignal.during(signal, () => this.#initHost(signal))
  }

  async #initHost(signal: AbortSignal): Promise<void> {
    const { parts, steps, journalFile, serializer } = this.#deps
    this.#startedAt = parts.clock.now()
    this.#unfinished = await steps.run('open_journal', () => journalFile.open(), signal)
    await initHost(
      {
        parts,
        steps,
        recoverWork: async (ctx, instances) => {
          const deps = { parts, serializer, log: parts.log, finish: (id: number) => journalFile.finish(id) }
          const recovery = await recoverWork(deps, ctx, this.#unfinished, instances, signal)
          this.#replays = recovery.replays
          this.#recovered = recovery.instances
          return recovery.instances
        },
      },
      signal,
    )
  }

  /**
   * The record of each compute node is there, and right, before the first message is taken. Placement is told meanwhile;
   * what it does not know yet is waited for, as nothing can be scheduled to it.
   */
  preStartHook(signal: AbortSignal): Promise<void> {
    return this.#deps.startSignal.during(signal, () => this.#preStart(signal))
  }

  async #preStart(signal: AbortSignal): Promise<void> {
    const { parts, steps } = this.#deps
    const ctx = parts.adminContext()
    await parts.placement.readConfigs()
    const { hasNewNode } = await updateHostResources(parts, ctx, { startup: true })
    const audit = steps.run('audit_placement', () => this.#auditPlacement(ctx))
    if (hasNewNode && (await within(audit, { clock: parts.clock, ms: placementWaitMs, signal })) === null)
      parts.log.warning('Placement has not answered yet: the start goes on without it')
  }

  async #auditPlacement(ctx: RequestContext): Promise<true> {
    const { parts } = this.#deps
    try {
      const unclaimed = await auditPlacement(parts, ctx)
      await failInterruptedBuilds(parts, ctx, unclaimed, { startedAt: this.#startedAt, recovered: this.#recovered })
    } catch (err) {
      parts.log.error('Builds that were interrupted before they began could not be set to ERROR', { err })
    }
    return true
  }

  /** Work of an earlier run begins; the start does not wait for it. */
  async postStartHook(_signal: AbortSignal): Promise<void> {
    this.#replaying = Promise.all(this.#replays.map((record) => this.#replaySlots.run(() => this.#replayOne(record))))
  }

  /** Where the operations are. */
  places(): readonly Place[] {
    return this.#deps.parts.whereabouts.report()
  }

  /** Resolves when all the work of an earlier run is done, or when there was none. */
  async replayed(): Promise<void> {
    await this.#replaying
  }

  report(): ComputeReport {
    const { parts, journalFile } = this.#deps
    return {
      nodes: [...parts.tracker.nodes.values()].map(nodeReport),
      journalled: journalFile.unfinished,
      builds: parts.buildSlots.report(),
      snapshots: parts.snapshotSlots.report(),
    }
  }

  /** Options are read at each use; what the peers understand, and what Placement has, is looked up again. */
  async reset(_signal: AbortSignal): Promise<void> {
    this.#deps.parts.placement.forget()
    this.#deps.parts.log.info('Reloading compute RPC API')
    this.#deps.forgetPeers?.()
  }

  /** Waits for live migrations and replays in work; of those that have not begun the former are given up, the latter stay in the journal. */
  async cleanupHost(deadline: AbortSignal): Promise<void> {
    const { parts, journalFile } = this.#deps
    parts.events.cancelAll()
    parts.placement.close()
    await doneOrAborted(this.#replaying, deadline)
    await endLiveMigrations(parts, deadline)
    try {
      await parts.driver.cleanupHost(parts.host)
    } finally {
      await journalFile.close()
    }
  }

  async #replayOne({ id, method, text }: AcceptedRecord): Promise<void> {
    if (this.#server?.state !== 'running') return // a stop has begun, and does not wait for what has not
    const { parts, journalFile } = this.#deps
    try {
      await this.#server.replay(text)
    } catch (err) {
      parts.log.error(`${method} of an earlier run could not be run again`, { err })
    }
    journalFile.finish(id)
  }
}

/** A guest that moves arrives; one whose turn has not come stays. */
async function endLiveMigrations(parts: ComputeParts, deadline: AbortSignal): Promise<void> {
  for (const instanceUuid of parts.liveMigrations.waiting) {
    const outcome = parts.liveMigrations.abort(instanceUuid)
    if (outcome.kind !== 'dropped') continue
    const ctx = parts.adminContext()
    try {
      await dropQueued(parts, ctx, await parts.stores.instances.getByUuid(ctx, instanceUuid), outcome.migration)
    } catch (err) {
      parts.log.error('A live migration that waited could not be given up', { err, instanceUuid })
    }
  }
  await doneOrAborted(parts.liveMigrations.settled(), deadline)
}
