import type { Instance, RequestContext } from '@micronova/model'
import type { ComputeParts } from '../parts.js'
import { runOperation } from '../run-operation.js'
import { stopInstance } from './stop-instance.js'

/** Stop a guest as a part of an operation that has the instance already, with an event of its own. */
export async function stopWithin(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  { clean }: { readonly clean: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { lock: _, ...policy } = stopInstance.policy
  await runOperation(parts, { ...stopInstance, policy }, ctx, { instance, clean_shutdown: clean }, signal)
}
