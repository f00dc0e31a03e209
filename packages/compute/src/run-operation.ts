import { MessagingError } from '@micronova/messaging'
import { type Instance, isNovaError, type Migration, type RequestContext } from '@micronova/model'
import type { InstanceActionName } from '@micronova/notifications'
import { type FailureText, failureText, recordFault } from '@micronova/rpcapi'
import { driverAt } from './driver-calls.js'
import { updateUsage } from './instance-state.js'
import type { Operation, WireArguments } from './operation.js'
import type { ComputeParts } from './parts.js'
import { removeAllocations } from './placement/index.js'
import { waitingFor } from './whereabouts.js'

type Body = () => Promise<unknown>
/** Something around an operation, or around a part of what surrounds it. */
export type Around = (body: Body) => Promise<unknown>

/**
 * Run an operation under its policy. From the outside in, each only if the policy says so:
 *
 *     failure told -> lock 'all' -> build slot -> task state reverted -> event -> migration failed -> fault -> lock 'run' -> told -> the operation
 *
 * so a failure writes first the fault, then the migration, then the end of the event, then the task state: the order in
 * which Nova's own messages to the conductor were recorded.
 *
 * @param begin around what comes after a wait: it decides whether it is too late
 * @throws what the operation threw; a failure to record a failure is logged and does not hide it
 */
export function runOperation(
  allParts: ComputeParts,
  { method, policy, run }: Operation,
  ctx: RequestContext,
  args: WireArguments,
  signal: AbortSignal,
  begin: Around = (body) => body(),
): Promise<unknown> {
  const here = allParts.whereabouts.of(ctx, method)
  const parts: ComputeParts = { ...allParts, here, driver: driverAt(here, allParts.driver), log: allParts.log.with({ context: ctx }) }
  const instance = args.instance as Instance
  const locked: Around = (inner) => underLock(parts, instance.uuid, () => begin(inner))
  const layers: readonly (Around | false | undefined)[] = [
    (inner) => tellingFailure(parts, ctx, method, args, inner),
    policy.lock === 'all' && locked,
    policy.buildSlot &&
      ((inner) =>
        waitingFor(
          here,
          'a place among max_concurrent_builds',
          (run) => parts.buildSlots.run(run),
          () => begin(inner),
        )),
    policy.revertTaskState && ((inner) => revertingTaskState(parts, ctx, instance, inner, signal)),
    policy.event !== undefined && within(parts, ctx, instance, policy.event, policy.recordFault === true),
    policy.failMigration && ((inner) => failingMigration(parts, ctx, args.migration as Migration | null, inner)),
    policy.recordFault && ((inner) => recordingFault(parts, ctx, instance, inner)),
    policy.lock === 'run' && locked,
    policy.notify !== undefined && telling(parts, ctx, instance, policy.notify),
  ]
  const body: Body = () => run(parts, ctx, args, signal)
  const wrapped = layers.reduceRight<Body>((inner, layer) => (layer ? () => layer(inner) : inner), body)
  return instance?.uuid === undefined ? wrapped() : here.at(() => instanceText(parts, instance.uuid), wrapped)
}

function instanceText({ events }: ComputeParts, uuid: string): string {
  const expected = events.expected(uuid)
  return `instance ${uuid}${expected.length === 0 ? '' : `, expects ${expected.join(', ')}`}`
}

function underLock({ locks, here }: ComputeParts, uuid: string, body: Body): Promise<unknown> {
  const text = () => `lock of instance ${uuid}, held by ${locks.holder(uuid) ?? 'nobody yet'}`
  return waitingFor(here, text, (run) => locks.run(uuid, run, here), body)
}

async function tellingFailure(parts: ComputeParts, ctx: RequestContext, method: string, args: WireArguments, body: Body): Promise<unknown> {
  try {
    return await body()
  } catch (err) {
    await parts.notifications.exception(ctx, method, args, err)
    throw err
  }
}

function telling({ notifications }: ComputeParts, ctx: RequestContext, instance: Instance, action: InstanceActionName): Around {
  return async (body) => {
    await notifications.action(ctx, instance, action, 'start')
    const result = await body()
    await notifications.action(ctx, instance, action, 'end')
    return result
  }
}

/** An event that cannot begin is a failure of the operation; one that cannot end does not make a failure of a success. */
function within(parts: ComputeParts, ctx: RequestContext, instance: Instance, event: string, recordsFault: boolean): Around {
  const { stores, host, log } = parts
  const { uuid } = instance
  const begin = () => stores.actions.startEvent(ctx, uuid, event, host)
  const end = (failure?: FailureText) =>
    orLog(log, uuid, `end the event ${event}`, () => stores.actions.finishEvent(ctx, uuid, event, failure))
  return async (body) => {
    await (recordsFault ? recordingFault(parts, ctx, instance, begin) : begin())
    let result: unknown
    try {
      result = await body()
    } catch (err) {
      await end(failureText(err))
      throw err
    }
    await end()
    return result
  }
}

async function recordingFault(parts: ComputeParts, ctx: RequestContext, instance: Instance, body: Body): Promise<unknown> {
  try {
    return await body()
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound'))
      await orLog(parts.log, instance.uuid, 'record a fault', () => recordFault(parts, ctx, instance, err))
    throw err
  }
}

async function failingMigration(parts: ComputeParts, ctx: RequestContext, migration: Migration | null, body: Body): Promise<unknown> {
  try {
    return await body()
  } catch (err) {
    if (migration !== null) {
      migration.status = 'error'
      await orLog(parts.log, migration.instance_uuid, 'set the migration to error', () => parts.stores.migrations.save(ctx, migration))
    }
    throw err
  }
}

async function revertingTaskState(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  body: Body,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    return await body()
  } catch (err) {
    if (isNovaError(err, 'UnexpectedTaskStateError'))
      parts.log.info('Another operation has taken the instance over; its task state is left alone', { instanceUuid: instance.uuid })
    else
      await orLog(parts.log, instance.uuid, 'revert the task state', () =>
        untilAnswered(parts, () => revertTaskState(parts, ctx, instance), signal),
      )
    throw err
  }
}

async function revertTaskState(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  const reverted = instance.task_state
  instance.task_state = null
  // A build that could not even be given up. Upstream leaves it in BUILD, where nobody would ever look after it again.
  const isAbandoned = instance.vm_state === 'building'
  if (isAbandoned) instance.vm_state = 'error'
  try {
    await parts.stores.instances.save(ctx, instance)
    await updateUsage(parts, ctx, instance)
    // Without a host the API deletes it without us.
    if (isAbandoned && !instance.host) await removeAllocations(parts, ctx, instance)
    parts.log.info(`Reverted the task state from ${reverted} after a failure`, { instanceUuid: instance.uuid })
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound')) throw err // deleted soon after it failed: nothing to revert
  }
}

/** Longest pause between two tries while the conductor does not answer; each try waits for its own timeout besides. */
const longestPauseMs = 30_000

/**
 * Again and again while the conductor does not answer: whoever comes next finds the instance busy as long as its task
 * state stays, so an operation that ends late is the lesser evil. A stop of the service ends it.
 */
async function untilAnswered({ clock, log }: ComputeParts, work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let pauseMs = 1000; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      await work()
      return
    } catch (err) {
      if (!isUnanswered(err)) throw err
      log.warning('The conductor does not answer; the task state is reverted as soon as it does', { err })
      await clock.sleep(pauseMs, signal)
    }
  }
}

/** Of messaging's errors those that a later try may not meet. */
function isUnanswered(err: unknown): boolean {
  return err instanceof MessagingError && (err.code === 'timeout' || err.code === 'delivery_failure')
}

async function orLog(log: ComputeParts['log'], instanceUuid: string | null, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (err) {
    log.warning(`Could not ${what}`, { err, ...(instanceUuid === null ? {} : { instanceUuid }) })
  }
}
