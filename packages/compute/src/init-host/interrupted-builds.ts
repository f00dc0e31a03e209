import type { Instance, RequestContext } from '@micronova/model'
import { setErrorState } from '../instance-state.js'
import type { ComputeParts } from '../parts.js'

/**
 * A build that this host was to do and had not begun when it went down would wait for ever: its instance is set to ERROR.
 *
 * @param unclaimed instances with allocations here that are being built and have no host
 * @param recovered those that the journal builds, or has ended
 * @see nova 26.2.2, `compute/manager.py`, `_error_out_instances_whose_build_was_interrupted`
 */
export async function failInterruptedBuilds(
  parts: Pick<ComputeParts, 'stores' | 'log'>,
  ctx: RequestContext,
  unclaimed: readonly Instance[],
  recovered: ReadonlySet<string>,
): Promise<void> {
  for (const instance of unclaimed) {
    if (recovered.has(instance.uuid)) continue
    parts.log.warning('The build was interrupted before it began: the instance is set to ERROR', { instanceUuid: instance.uuid })
    await setErrorState(parts, ctx, instance, { clearTaskState: true })
  }
}
