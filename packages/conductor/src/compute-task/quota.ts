import { type Flavor, novaError, type RequestContext } from '@micronova/model'
import { placementOf } from './allocations.js'
import type { ComputeTaskDeps, Deployment } from './compute-task-deps.js'
import { recheckUnifiedLimits } from './unified-limits.js'

type Resource = 'instances' | 'cores' | 'ram'

const resources: readonly Resource[] = ['instances', 'cores', 'ram']

/** The instances of one request. */
export interface RequestedInstances {
  readonly flavor: Flavor
  readonly isVolumeBacked: boolean
  readonly count: number
}

type Counts = Readonly<Record<Resource, number>>

/**
 * Look again whether the project, and the user if there are limits for single users, is within its quota, now that the instances are
 * there: two requests may have been granted the same rest.
 *
 * @param requested how many instances, for the message, and what each of them is
 * @throws NovaError `TooManyInstances`; with limits of Keystone what `recheckUnifiedLimits` throws
 * @see nova 26.2.2, `compute/utils.py`, `check_num_instances_quota`; `quota.py`
 */
export async function recheckQuota(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  deployment: Deployment,
  requested: RequestedInstances,
): Promise<void> {
  const { recheck, source } = deps.settings.quota
  if (!recheck || ctx.projectId === null) return
  if (source === 'keystone') await recheckUnifiedLimits(deps, ctx, deployment, ctx.projectId, requested)
  if (source === 'database') await recheckDatabaseQuota(deps, ctx, deployment, ctx.projectId, requested)
}

async function recheckDatabaseQuota(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  deployment: Deployment,
  projectId: string,
  { flavor, count }: RequestedInstances,
): Promise<void> {
  const { quota } = deps.settings
  const { quotas } = deployment.api
  const [ofProject, ofUser, ofClass] = await Promise.all([
    quotas.limitsOfProject(ctx, projectId),
    ctx.userId === null ? {} : quotas.limitsOfUser(ctx, projectId, ctx.userId),
    quotas.limitsOfClass(ctx, 'default'),
  ])
  const standard = { ...{ instances: quota.instances, cores: quota.cores, ram: quota.ramMb }, ...ofClass }
  const hasUserLimits = resources.some((name) => name in ofUser)
  const { project, user } = await countUsage(deps, ctx, deployment, hasUserLimits)
  const projectLimits = { ...standard, ...ofProject }
  const overs = [...exceeded(project, projectLimits), ...(user === null ? [] : exceeded(user, { ...projectLimits, ...ofUser }))]
  if (overs.length === 0) return
  const over = resources.filter((name) => overs.includes(name))
  const limits: Readonly<Record<string, number | null>> = user === null ? projectLimits : { ...projectLimits, ...ofUser }
  const used = user ?? project
  const asked: Counts = { instances: count, cores: count * flavor.vcpus, ram: count * flavor.memory_mb }
  const list = (of: (name: Resource) => unknown) => over.map(of).join(', ')
  throw novaError('TooManyInstances', {
    overs: over.join(', '),
    req: list((name) => asked[name]),
    used: list((name) => used[name]),
    allowed: list((name) => limits[name]),
  })
}

function exceeded(used: Counts, limits: Readonly<Record<string, number | null>>): Resource[] {
  return resources.filter((name) => {
    const limit = limits[name]
    return limit !== undefined && limit !== null && limit >= 0 && used[name] > limit
  })
}

async function countUsage(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  { api, cells }: Deployment,
  withUser: boolean,
): Promise<{ readonly project: Counts; readonly user: Counts | null }> {
  const [projectId, userId] = [ctx.projectId!, withUser ? ctx.userId : null]
  if (deps.settings.quota.countFromPlacement) {
    const placement = placementOf(deps)
    const [counts, project, user] = await Promise.all([
      api.instanceMappings.counts(ctx, projectId, userId),
      placement.getUsages(ctx, { project_id: projectId }),
      userId === null ? null : placement.getUsages(ctx, { project_id: projectId, user_id: userId }),
    ])
    const usage = (instances: number, used: Readonly<Record<string, number>>): Counts => ({
      instances,
      cores: (used.VCPU ?? 0) + (used.PCPU ?? 0),
      ram: used.MEMORY_MB ?? 0,
    })
    return { project: usage(counts.project.instances, project), user: user === null ? null : usage(counts.user!.instances, user) }
  }
  // Of every cell, cell0 too: what could not be built counts until it is deleted. A cell that cannot be asked counts nothing.
  const all = await cells.list(ctx)
  const asked = await Promise.allSettled(
    all.map(async (cell) => (await cells.stores(cell)).instances.usageOfProject(ctx, projectId, userId)),
  )
  const found = asked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const sum = (counts: readonly Counts[]): Counts => ({
    instances: counts.reduce((total, { instances }) => total + instances, 0),
    cores: counts.reduce((total, { cores }) => total + cores, 0),
    ram: counts.reduce((total, { ram }) => total + ram, 0),
  })
  return { project: sum(found.map(({ project }) => project)), user: userId === null ? null : sum(found.map(({ user }) => user!)) }
}
