import { CELL0_UUID, type InstanceGroup, isNovaError, type RequestContext, type RequestSpec } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import type { CellScope, ComputeTaskDeps, Deployment } from './compute-task-deps.js'

/**
 * Give the group of a request its present members and the hosts that these are on: what the scheduler's filters look at.
 *
 * @param scope of a move: the hosts of that cell alone. Without it all cells are asked at once.
 * @see nova 26.2.2, `scheduler/utils.py`, `setup_instance_group`
 */
export async function fillServerGroup(deps: ComputeTaskDeps, ctx: RequestContext, spec: RequestSpec, scope?: CellScope): Promise<void> {
  const { deployment } = deps
  if (deployment === null) return
  const asked = spec.objIsSet('instance_group') ? spec.instance_group : null
  if (asked === null) return
  const askedHosts = asked.objIsSet('hosts') && asked.hosts !== null ? asked.hosts : await hostsOf(deps, ctx, deployment, asked, scope)
  const group = await groupOf(ctx, deployment, spec.instance_uuid)
  if (group === null) {
    asked.hosts = askedHosts
    return
  }
  const hosts = await hostsOf(deps, ctx, deployment, group, scope)
  asked.hosts = [...new Set([...askedHosts, ...hosts])]
  asked.policy = group.policy
  asked.members = group.members
}

async function groupOf(ctx: RequestContext, { api }: Deployment, instanceUuid: string): Promise<InstanceGroup | null> {
  try {
    return await api.instanceGroups.getByInstanceUuid(ctx, instanceUuid)
  } catch (err) {
    if (isNovaError(err, 'InstanceGroupNotFound')) return null
    throw err
  }
}

/** A cell that cannot be asked counts as empty, as upstream. */
async function hostsOf(
  { log }: ComputeTaskDeps,
  ctx: RequestContext,
  { cells }: Deployment,
  group: InstanceGroup,
  scope: CellScope | undefined,
): Promise<string[]> {
  const members = group.objIsSet('members') ? (group.members ?? []) : []
  if (members.length === 0) return []
  if (scope !== undefined) return scope.stores.instances.listHostsByUuids(ctx, members)
  const enabled = (await cells.list(ctx)).filter((cell) => cell.uuid !== CELL0_UUID && !cell.disabled)
  const found = await Promise.allSettled(enabled.map(async (cell) => (await cells.stores(cell)).instances.listHostsByUuids(ctx, members)))
  return found.flatMap((result, at) => {
    if (result.status === 'fulfilled') return result.value
    const reason = messageOf(result.reason)
    log.warning(`The cell ${enabled[at]!.name ?? enabled[at]!.uuid} could not be asked for the hosts of a server group: ${reason}`)
    return []
  })
}
