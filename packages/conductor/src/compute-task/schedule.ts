import { novaError, type RequestContext, type RequestSpec, type Selection } from '@micronova/model'
import type { CellScope, ComputeTaskDeps } from './compute-task-deps.js'
import { fillServerGroup } from './server-groups.js'

/**
 * Ask the scheduler for hosts: for each instance a list of the selected one, whose resources are claimed, and its alternates.
 *
 * @throws NovaError `NoValidHost`, and whatever else the scheduler failed with
 */
export async function schedule(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  spec: RequestSpec,
  instanceUuids: readonly string[],
  { alternates, scope }: { readonly alternates: boolean; readonly scope?: CellScope },
): Promise<Selection[][]> {
  await fillServerGroup(deps, ctx, spec, scope)
  return askScheduler(deps, ctx, spec, instanceUuids, alternates)
}

export async function askScheduler(
  { scheduler }: ComputeTaskDeps,
  ctx: RequestContext,
  specObj: RequestSpec,
  instanceUuids: readonly string[],
  returnAlternates: boolean,
): Promise<Selection[][]> {
  const lists = await scheduler.selectDestinations(ctx, { instanceUuids, specObj, returnObjects: true, returnAlternates })
  if (lists.length < instanceUuids.length || lists.some((list) => list.length === 0))
    throw novaError('NoValidHost', { reason: 'the scheduler did not answer a host for each instance' })
  return lists.map((list) => [...list])
}
