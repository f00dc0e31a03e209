import { type CellMapping, Destination, type Instance, type RequestContext, type RequestSpec } from '@micronova/model'
import type { CellScope, ComputeTaskDeps } from './compute-task-deps.js'
import { ensureNetworks, portRequestsOf } from './networks.js'

/** Whoever moves an instance does not mean the host that its build was forced to. The stored request keeps it. */
export function resetForcedDestinations(spec: RequestSpec): void {
  spec.objSetStored({ force_hosts: null, force_nodes: null })
  spec.objResetChanges(['force_hosts', 'force_nodes'])
}

export async function requestPortResources(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  spec: RequestSpec,
  instanceUuid: string,
): Promise<void> {
  const { groups, params } = await portRequestsOf(deps, ctx, instanceUuid)
  spec.requested_resources = groups
  spec.request_level_params = params
}

/** Limit the request to the cell of the instance. */
export function restrictToCell(spec: RequestSpec, { cell }: CellScope): void {
  if (cell === null) return
  const mapping: CellMapping = cell.objClone()
  if (spec.objIsSet('requested_destination') && spec.requested_destination) spec.requested_destination.cell = mapping
  else spec.requested_destination = new Destination({ cell: mapping })
}

/** What requests of older releases lack: owner, networks, whether the root disk is a volume. */
export async function completeRequest(
  deps: ComputeTaskDeps,
  { stores }: CellScope,
  ctx: RequestContext,
  spec: RequestSpec,
  instance: Instance,
): Promise<void> {
  if (!spec.objIsSet('project_id') || spec.project_id === null) spec.project_id = instance.project_id
  if (!spec.objIsSet('user_id') || spec.user_id === null) spec.user_id = instance.user_id
  ensureNetworks(spec, instance)
  if (spec.objIsSet('is_bfv')) return
  const mappings = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  const root = mappings.find(({ boot_index }) => boot_index === 0)
  spec.is_bfv = root === undefined ? !instance.image_ref : root.destination_type === 'volume'
  await deps.deployment?.api.requestSpecs.save(ctx, spec)
}
