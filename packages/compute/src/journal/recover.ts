import type { Logger } from '@micronova/log'
import type { Serializer } from '@micronova/messaging'
import { type Instance, isNovaError, Migration, novaError, type RequestContext, type TaskState } from '@micronova/model'
import { recordFault } from '@micronova/rpcapi'
import { giveUpBuild } from '../build/give-up.js'
import { decodeBuildRequest } from '../build/request.js'
import { ensureLoaded } from '../instance-attributes.js'
import { setErrorState } from '../instance-state.js'
import { cachedNetworkInfo } from '../network/network-api.js'
import type { ComputeParts } from '../parts.js'
import { teardownGuest } from '../teardown.js'
import { theOnlyNode } from '../the-only-node.js'
import { cancelWork } from './cancel.js'
import { isInterfaceInGuest } from './interface-work.js'
import type { AcceptedRecord } from './record.js'
import { type Evidence, judgeWork, type Verdict, volumeMethods } from './verdict.js'
import { blockDeviceOf, completeAttach } from './volume-work.js'
import { type JournalledWork, readWork } from './work.js'

export interface RecoveryDeps {
  readonly parts: ComputeParts
  readonly serializer: Serializer<RequestContext>
  readonly log: Logger
  /** Called when nothing more is to be done about an entry. */
  finish(id: number): void
}

export interface Recovery {
  /** To be run again, in this order, when the service is up. */
  readonly replays: readonly AcceptedRecord[]
  /** Uuids of the instances that are taken care of. */
  readonly instances: ReadonlySet<string>
}

const interrupted = 'nova-compute was restarted'
const needed = ['info_cache', 'flavor', 'system_metadata'] as const

/**
 * Decide what becomes of work that an earlier process accepted and did not finish, and do what needs no running service.
 * Nothing of it keeps the host from starting: an entry that cannot be read is dropped, one whose recovery fails stays in
 * the journal for the next start.
 *
 * @param instances of this host, as the caller has them already
 */
export async function recoverWork(
  deps: RecoveryDeps,
  adminCtx: RequestContext,
  unfinished: readonly AcceptedRecord[],
  instances: readonly Instance[],
  signal: AbortSignal,
): Promise<Recovery> {
  const known = new Map(instances.map((instance) => [instance.uuid, instance]))
  const replays: AcceptedRecord[] = []
  const handled = new Set<string>()
  const entries = await readAll(deps, unfinished)
  for (const [index, { record, work }] of entries.entries()) {
    signal.throwIfAborted()
    const { uuid } = work.instance
    const later = new Set(entries.slice(index + 1).flatMap((entry) => (entry.work.instance.uuid === uuid ? entry.work.method : [])))
    const verdict = await recoverOne(deps, adminCtx, { record, work, later }, known)
    if (verdict === 'replay') replays.push(record)
    const isAside = verdict === 'replay' && volumeMethods.has(work.method)
    if (verdict !== null && takenCareOf.includes(verdict) && !isAside) handled.add(uuid)
  }
  return { replays, instances: handled }
}

/** After these the instance is no business of the rest of the start. */
const takenCareOf: readonly Verdict['kind'][] = ['replay', 'unwind', 'error', 'adopt']

/** An entry that can be read. */
interface Entry {
  readonly record: AcceptedRecord
  readonly work: JournalledWork
}

async function readAll(deps: RecoveryDeps, unfinished: readonly AcceptedRecord[]): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const record of unfinished) {
    const work = await readOrDrop(deps, record)
    if (work !== null) entries.push({ record, work })
  }
  return entries
}

async function readOrDrop({ serializer, log, finish }: RecoveryDeps, { id, method, text }: AcceptedRecord): Promise<JournalledWork | null> {
  try {
    const work = await readWork(serializer, text)
    if (work !== null) return work
    log.error(`Unfinished ${method} of an earlier run is about no instance; it is dropped`)
  } catch (err) {
    log.error(`Unfinished ${method} of an earlier run cannot be read; it is dropped`, { err })
  }
  finish(id)
  return null
}

/** @returns what was decided and done; null if that failed */
async function recoverOne(
  { parts, log, finish }: RecoveryDeps,
  adminCtx: RequestContext,
  { record: { id }, work, later }: Entry & { readonly later: ReadonlySet<string> },
  known: ReadonlyMap<string, Instance>,
): Promise<Verdict['kind'] | null> {
  const { uuid } = work.instance
  try {
    const instance = known.get(uuid) ?? (await findInstance(parts, adminCtx, uuid))
    const guestExists = await parts.driver.guestExists(uuid)
    const blockDevice = await blockDeviceOf(parts, adminCtx, work)
    const isInGuest = await isInterfaceInGuest(parts, work, instance)
    const evidence = { method: work.method, instance, host: parts.host, guestExists, later, blockDevice, isInGuest }
    const verdict = judgeWork({ ...evidence, ...(await evidenceOfMove(parts, adminCtx, work, instance)) })
    log.info(`Unfinished ${work.method} of an earlier run: ${verdict.kind.replaceAll('_', ' ')}`, { instanceUuid: uuid })
    await carryOut(parts, work, instance, verdict)
    if (verdict.kind === 'done') await completeAttach(parts, work, blockDevice)
    if (verdict.kind === 'replay') return 'replay'
    await endEvent(parts, work, verdict)
    finish(id)
    return verdict.kind
  } catch (err) {
    log.error(`Unfinished ${work.method} of an earlier run could not be recovered; the next start tries again`, { err, instanceUuid: uuid })
    return null
  }
}

async function findInstance({ stores }: ComputeParts, ctx: RequestContext, uuid: string): Promise<Instance | null> {
  try {
    return await stores.instances.getByUuid(ctx, uuid, needed)
  } catch (err) {
    if (isNovaError(err, 'InstanceNotFound')) return null
    throw err
  }
}

/** Asked for only where it counts. */
async function evidenceOfMove(
  { stores }: ComputeParts,
  ctx: RequestContext,
  { args }: JournalledWork,
  instance: Instance | null,
): Promise<Pick<Evidence, 'migration' | 'isEvacuation'>> {
  const { migration } = args
  if (!(migration instanceof Migration) || instance === null) return { isEvacuation: args.recreate === true }
  await ensureLoaded(stores, ctx, instance, ['migration_context'])
  try {
    return { migration: await stores.migrations.getByIdAndInstance(ctx, migration.id, instance.uuid), isEvacuation: args.recreate === true }
  } catch (err) {
    if (isNovaError(err, 'MigrationNotFound')) return { migration: null }
    throw err
  }
}

async function carryOut(parts: ComputeParts, work: JournalledWork, instance: Instance | null, verdict: Verdict): Promise<void> {
  if (verdict.kind === 'replay' && verdict.rewindTo !== undefined && instance !== null)
    await rewind(parts, work, instance, verdict.rewindTo)
  if (verdict.kind === 'adopt' && instance !== null) await adopt(parts, work, instance)
  if (verdict.kind === 'remove_guest') await removeGuest(parts, work, instance ?? work.instance)
  else if (verdict.kind === 'unwind' && instance !== null) await unwindBuild(parts, work, instance)
  else if (verdict.kind === 'cancel' && instance !== null) await cancelWork(parts, work, instance)
  else if (verdict.kind === 'error' && instance !== null) await failBuild(parts, work, instance)
}

/** The message expects the task state in which it was sent. A guest of an evacuation is made anew. */
async function rewind({ stores, driver }: ComputeParts, work: JournalledWork, instance: Instance, taskState: TaskState): Promise<void> {
  if (work.args.recreate === true && (await driver.guestExists(instance.uuid))) {
    const keepDisks = (await driver.evacuating?.hasDisks(instance)) === true
    await driver.destroy(work.ctx, { instance, network: cachedNetworkInfo(instance), blockDevices: [] }, { keepDisks })
  }
  const { task_state: before } = instance
  instance.task_state = taskState
  await stores.instances.save(work.ctx, instance, { expectedTaskState: [before] })
}

/** The guest of an evacuation runs here: so does its instance. */
async function adopt(parts: ComputeParts, { ctx, args }: JournalledWork, instance: Instance): Promise<void> {
  const node = typeof args.scheduled_node === 'string' ? args.scheduled_node : await theOnlyNode(parts)
  await parts.tracker.moves.finishEvacuation(ctx, instance, node, args.migration as Migration | null)
}

/** Its networks may be in use where the instance is now. */
async function removeGuest({ driver }: ComputeParts, { ctx }: JournalledWork, instance: Instance): Promise<void> {
  await driver.destroy(ctx, { instance, network: cachedNetworkInfo(instance), blockDevices: [] })
}

/** As a build that failed: another host if there is one, else ERROR with a fault. */
async function unwindBuild(parts: ComputeParts, { ctx, args }: JournalledWork, instance: Instance): Promise<void> {
  const request = decodeBuildRequest({ ...args, instance })
  // Volumes may have been made and attached since the message was sent.
  const blockDevices = await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  await teardownGuest(parts, ctx, instance, blockDevices, { deallocateNetworks: false })
  const error = novaError('RescheduledException', { instance_uuid: instance.uuid, reason: interrupted })
  await giveUpBuild(parts, ctx, request, { kind: 'rescheduled', error, reason: interrupted, byPolicy: false })
}

async function failBuild(parts: ComputeParts, { ctx }: JournalledWork, instance: Instance): Promise<void> {
  await recordFault(parts, ctx, instance, novaError('BuildAbortException', { instance_uuid: instance.uuid, reason: interrupted }))
  await setErrorState(parts, ctx, instance, { clearTaskState: true })
}

/** The action shall not look as if it went on for ever. Whether its event had begun is not known, so a failure is no news. */
async function endEvent({ stores, log }: ComputeParts, { ctx, method, instance }: JournalledWork, verdict: Verdict): Promise<void> {
  const event = method === 'build_and_run_instance' ? 'compute__do_build_and_run_instance' : `compute_${method}`
  const failure = verdict.kind === 'done' ? undefined : { message: interrupted, traceback: '' }
  try {
    await stores.actions.finishEvent(ctx, instance.uuid, event, failure)
  } catch (err) {
    log.debug(`The event ${event} could not be ended`, { err, instanceUuid: instance.uuid })
  }
}
