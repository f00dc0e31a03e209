import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import type { ComputeParts } from '../parts.js'

export interface EarlierRun {
  /** When this run began, wall time in milliseconds: what was touched later is no business of an earlier one. */
  readonly startedAt: number
  /** Instances that the journal builds, or has ended. */
  readonly recovered: ReadonlySet<string>
}

/** Records keep whole seconds. */
const recordedTimeMs = 1000

/**
 * A build that this host was to do and had not begun when it went down would wait for ever: its instance is set to ERROR.
 * One whose message is in hand by now, or that has come further meanwhile, is left alone.
 *
 * @param unclaimed instances with allocations here that were being built and had no host
 * @see nova 26.2.2, `compute/manager.py`, `_error_out_instances_whose_build_was_interrupted`
 */
export async function failInterruptedBuilds(
  parts: Pick<ComputeParts, 'stores' | 'locks' | 'log'>,
  ctx: RequestContext,
  unclaimed: readonly Instance[],
  { startedAt, recovered }: EarlierRun,
): Promise<void> {
  for (const instance of unclaimed) {
    const { uuid } = instance
    const isOld = touchedAt(instance) + recordedTimeMs <= startedAt
    if (isOld && !recovered.has(uuid) && !parts.locks.has(uuid)) await failBuild(parts, ctx, instance)
  }
}

async function failBuild({ stores, log }: Pick<ComputeParts, 'stores' | 'log'>, ctx: RequestContext, instance: Instance): Promise<void> {
  instance.vm_state = 'error'
  instance.task_state = null
  try {
    await stores.instances.save(ctx, instance, { expectedVmState: ['building'], expectedTaskState: ['scheduling', null] })
  } catch (err) {
    const isGone = isNovaError(err, 'InstanceNotFound') || isNovaError(err, 'InstanceUpdateConflict')
    if (!isGone && !isNovaError(err, 'UnexpectedTaskStateError')) throw err
    return
  }
  log.warning('The build was interrupted before it began: the instance is set to ERROR', { instanceUuid: instance.uuid })
}

function touchedAt({ updated_at, created_at }: Instance): number {
  return (updated_at ?? created_at)?.getTime() ?? 0
}
