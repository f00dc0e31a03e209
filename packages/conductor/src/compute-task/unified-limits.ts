import { ClientError, type KeystoneClient, type LimitQuery, ResourceRequest } from '@micronova/clients'
import { PythonError } from '@micronova/messaging'
import { type Flavor, novaError, type RequestContext, RequestSpec } from '@micronova/model'
import { placementOf } from './allocations.js'
import type { ComputeTaskDeps, Deployment } from './compute-task-deps.js'

/** Resources of Placement among those that have limits: `class:VCPU`. */
const classPrefix = 'class:'
const servers = 'servers'

interface Over {
  readonly resource: string
  readonly limit: number
  readonly used: number
}

/**
 * Look again whether the project is within its limits in Keystone, now that the instances are there. What counts are servers and what
 * the flavor asks of Placement; a resource without a limit may not be used at all. -1 is a number as any other, as it is to the API.
 *
 * @throws NovaError `TooManyInstances`, `UsagesRetrievalFailed`, `PlacementAPIConnectFailure`, `KeystoneConnectionFailed`
 * @throws PythonError `ValueError` for an enforcement model other than flat
 * @see nova 26.2.2, `limit/placement.py`; oslo.limit 2.0.1, `limit.py`
 */
export async function recheckUnifiedLimits(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  deployment: Deployment,
  projectId: string,
  { flavor, isVolumeBacked }: { readonly flavor: Flavor; readonly isVolumeBacked: boolean },
): Promise<void> {
  const classes = resourceClasses(deps, flavor, isVolumeBacked)
  const resources = [servers, ...classes.map((name) => `${classPrefix}${name}`)].sort()
  const [limits, usage] = await Promise.all([limitsOf(deps, projectId, resources), usageOf(deps, ctx, deployment, projectId, resources)])
  const overs = resources.flatMap((resource): Over[] => {
    const [limit, used] = [limits.get(resource) ?? 0, usage(resource)]
    return used > limit ? [{ resource, limit, used }] : []
  })
  if (overs.length > 0) throw novaError('TooManyInstances', {}, tooMany(projectId, overs))
}

/** The instances are there already: nothing is added to what is in use. */
function tooMany(projectId: string, overs: readonly Over[]): string {
  const texts = overs.map(
    ({ resource, limit, used }) => `Resource ${resource} is over limit of ${limit} due to current usage ${used} and delta 0`,
  )
  return `Project ${projectId} is over a limit for [${texts.join(', ')}]`
}

/** Those that a server of this flavor uses, whatever image and ports add. */
function resourceClasses({ log }: ComputeTaskDeps, flavor: Flavor, isVolumeBacked: boolean): string[] {
  const spec = new RequestSpec({ flavor, is_bfv: isVolumeBacked })
  return [...new ResourceRequest(spec, { log, limit: 0 }).totals.keys()]
}

async function limitsOf(
  { clients: { keystone }, log }: ComputeTaskDeps,
  projectId: string,
  resources: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (keystone === null) throw novaError('KeystoneConnectionFailed', { reason: '[oslo_limit] is not configured' })
  try {
    const [model, endpoint] = await Promise.all([keystone.enforcementModel(), keystone.limitedEndpoint()])
    if (model !== 'flat') throw new PythonError('ValueError', `enforcement model ${model} is not supported`)
    const limits = await Promise.all(
      resources.map(async (resource_name): Promise<[string, number]> => {
        const limit = await limitOf(keystone, projectId, { ...endpoint, resource_name })
        if (limit === null) log.error(`Keystone has no registered limit for ${resource_name}: none of it may be used`)
        return [resource_name, limit ?? 0]
      }),
    )
    return new Map(limits)
  } catch (err) {
    if (!(err instanceof ClientError)) throw err
    throw novaError('KeystoneConnectionFailed', { reason: err.message }, { cause: err })
  }
}

/** That of the project, or that of all projects. The limits are asked for one by one, as a list of all of them may come cut off. */
async function limitOf(keystone: KeystoneClient, projectId: string, query: LimitQuery): Promise<number | null> {
  const [own] = await keystone.listLimits({ ...query, project_id: projectId })
  if (own !== undefined) return own.resource_limit
  const [registered] = await keystone.listRegisteredLimits(query)
  return registered?.default_limit ?? null
}

async function usageOf(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  { api: { instanceMappings } }: Deployment,
  projectId: string,
  resources: readonly string[],
): Promise<(resource: string) => number> {
  if (!(await instanceMappings.isCountable(ctx))) {
    deps.log.error('Instance mappings of before Stein must be migrated before unified limits can be used', { context: ctx })
    throw new PythonError('ValueError', 'must first migrate instance mappings')
  }
  const [{ project }, used] = await Promise.all([instanceMappings.counts(ctx, projectId), usedClasses(deps, ctx, projectId, resources)])
  return (resource) => (resource === servers ? project.instances : (used[resource.slice(classPrefix.length)] ?? 0))
}

/** What the project has of each class. */
async function usedClasses(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  projectId: string,
  resources: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  let used: Readonly<Record<string, number>>
  try {
    used = await placementOf(deps).getUsages(ctx, { project_id: projectId })
  } catch (err) {
    if (!(err instanceof ClientError)) throw err
    const message = `Failed to retrieve usages from placement while enforcing ${resources.join(', ')} quota limits.`
    deps.log.error(`${message} Error: ${err.message}`, { context: ctx })
    throw novaError('UsagesRetrievalFailed', {}, { message, cause: err })
  }
  // A flavor that asks for dedicated CPUs has a limit for them.
  if (!deps.settings.quota.countPcpuAsVcpu || resources.includes(`${classPrefix}PCPU`)) return used
  return { ...used, VCPU: (used['VCPU'] ?? 0) + (used['PCPU'] ?? 0) }
}
