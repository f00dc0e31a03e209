import { type ComputeNode, novaError, type RequestContext } from '@micronova/model'
import { isServiceUp } from '@micronova/service'
import type { CellScope, ComputeTaskDeps } from './compute-task-deps.js'

/** @throws NovaError `ComputeHostNotFound`, `ComputeServiceUnavailable` */
export async function ensureComputeUp(deps: ComputeTaskDeps, scope: CellScope, ctx: RequestContext, host: string): Promise<void> {
  if (!(await isComputeUp(deps, scope, ctx, host))) throw novaError('ComputeServiceUnavailable', { host })
}

/** @throws NovaError `ComputeHostNotFound` */
export async function isComputeUp(
  { clock, settings }: ComputeTaskDeps,
  { stores }: CellScope,
  ctx: RequestContext,
  host: string,
): Promise<boolean> {
  const { forced_down, last_seen_up, created_at } = await stores.services.getByComputeHost(ctx, host)
  const seen = { forcedDown: forced_down, lastSeenUp: last_seen_up, createdAt: created_at ?? new Date(0) }
  return isServiceUp(seen, settings.serviceDownSeconds, clock.now())
}

/** The one node of the host; Ironic's hosts have several, and are not meant here. @throws NovaError `ComputeHostNotFound` */
export async function firstNodeOf({ stores }: CellScope, ctx: RequestContext, host: string): Promise<ComputeNode> {
  const [node] = await stores.computeNodes.listByHost(ctx, host)
  return node!
}
