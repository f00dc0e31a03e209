import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import type { ComputeParts } from '../parts.js'

/**
 * An instance has nothing on this host any more: what it had in Placement is free. A Placement that refuses keeps nobody
 * from going on; what is left of a deleted instance the audit of its node removes.
 */
export async function removeAllocations(
  { placement, log }: Pick<ComputeParts, 'placement' | 'log'>,
  ctx: RequestContext,
  { uuid }: Instance,
  { force = true }: { readonly force?: boolean } = {},
): Promise<void> {
  try {
    await placement.deleteAllocations(ctx, uuid, { force })
  } catch (err) {
    if (!isNovaError(err, 'AllocationDeleteFailed')) throw err
    log.error(err.message, { instanceUuid: uuid })
  }
}
