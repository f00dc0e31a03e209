import { type BuildRequest, isNovaError, novaError, type RequestContext, type RequestSpec, type Selection } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import { deleteAllocations } from '../allocations.js'
import type { CellScope, ComputeTaskDeps, Deployment } from '../compute-task-deps.js'
import { countAttempt, filterPropertiesOf, limitsOf, noteSelection } from '../filter-properties.js'
import { INSTANCES_AT_ONCE, inParallel } from '../in-parallel.js'
import { fillProviderMapping, refuseAccelerators } from '../provider-mapping.js'
import { recheckQuota } from '../quota.js'
import { schedule } from '../schedule.js'
import { scopeOfCell } from '../scope.js'
import { zonesOf } from '../zones.js'
import { cleanUpBuilds } from './build-artifacts.js'
import type { BuildOrder, PlannedBuild } from './build-plan.js'
import { buryInCell0 } from './bury-in-cell0.js'
import { createBlockDevices, createTags, newInstance } from './instance-parts.js'

/**
 * New servers: hosts for all of them, the instances in the cells of these hosts, then the computes.
 *
 *     scheduler -> (no host: cell0)
 *     -> instances in their cells -> quota -> action, disks, tags -> mapping -> build request gone -> nova-compute
 *
 * What is the same for all instances is read once, at the same time; then several instances are worked on at once.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `schedule_and_build_instances`
 */
export async function scheduleAndBuildInstances(
  deps: ComputeTaskDeps,
  deployment: Deployment,
  ctx: RequestContext,
  order: BuildOrder,
): Promise<void> {
  const { buildRequests, requestSpecs } = order
  const [first] = requestSpecs
  if (first === undefined) return
  let hosts: Selection[][]
  try {
    hosts = await schedule(
      deps,
      ctx,
      first,
      requestSpecs.map(({ instance_uuid }) => instance_uuid),
      { alternates: true },
    )
  } catch (error) {
    deps.log.error(`Failed to schedule instances: ${messageOf(error)}`, { context: ctx })
    return buryInCell0(deps, deployment, ctx, order, { buildRequests, requestSpec: first, error })
  }
  const planned = (await plan(deps, deployment, ctx, order, hosts)).filter((build) => build !== null)
  await inParallel(planned, INSTANCES_AT_ONCE, ({ instance, scope }) => scope.stores.instances.create(ctx, instance))
  try {
    const flavor = planned[0]?.instance.flavor
    const isVolumeBacked = first.objIsSet('is_bfv') && first.is_bfv
    if (flavor !== undefined) await recheckQuota(deps, ctx, deployment, { flavor, isVolumeBacked, count: buildRequests.length })
    for (const build of planned) {
      fillProviderMapping(build.requestSpec, build.host)
      refuseAccelerators(build.instance.flavor)
    }
  } catch (error) {
    await cleanUpBuilds(deps, deployment, ctx, order, planned, error)
    throw error
  }
  await inParallel(planned, INSTANCES_AT_ONCE, (build) => start(deps, deployment, ctx, order, build))
}

/** The cell of each instance; null for one that is not built: it is in cell0 already, or its user has deleted it. */
async function plan(
  deps: ComputeTaskDeps,
  deployment: Deployment,
  ctx: RequestContext,
  order: BuildOrder,
  hosts: readonly Selection[][],
): Promise<(PlannedBuild | null)[]> {
  const { api } = deployment
  const names = [...new Set(hosts.map((list) => list[0]!.service_host))]
  const uuids = order.buildRequests.map(({ instance_uuid }) => instance_uuid)
  const [mappings, zones, present, ofInstances] = await Promise.all([
    api.hostMappings.listByHosts(ctx, names),
    zonesOf(deps, ctx, names),
    api.buildRequests.presentUuids(ctx, uuids),
    api.instanceMappings.listByInstanceUuids(ctx, uuids),
  ])
  const mappingOf = new Map(ofInstances.map((mapping) => [mapping.instance_uuid, mapping]))
  const scopes = new Map<string, CellScope>()
  for (const { cell_mapping: cell } of mappings) if (!scopes.has(cell.uuid)) scopes.set(cell.uuid, await scopeOfCell(deployment, cell))
  const cellOf = new Map(mappings.map(({ host, cell_mapping }) => [host, cell_mapping]))
  return inParallel(order.buildRequests, INSTANCES_AT_ONCE, async (buildRequest, at) => {
    const [host, ...alternates] = hosts[at] as [Selection, ...Selection[]]
    const requestSpec = order.requestSpecs[at]!
    const cell = cellOf.get(host.service_host)
    if (cell === undefined) return withoutCell(deps, deployment, ctx, order, { buildRequest, requestSpec, host })
    if (!present.has(buildRequest.instance_uuid)) return deletedMeanwhile(deps, deployment, ctx, buildRequest)
    const instance = newInstance(buildRequest)
    instance.availability_zone = zones.get(host.service_host)!
    return {
      buildRequest,
      requestSpec,
      instance,
      mapping: mappingOf.get(instance.uuid),
      host,
      alternates,
      cell,
      scope: scopes.get(cell.uuid)!,
    }
  })
}

async function withoutCell(
  deps: ComputeTaskDeps,
  deployment: Deployment,
  ctx: RequestContext,
  order: BuildOrder,
  { buildRequest, requestSpec, host }: { readonly buildRequest: BuildRequest; readonly requestSpec: RequestSpec; readonly host: Selection },
): Promise<null> {
  const name = host.service_host
  deps.log.error(`No host-to-cell mapping found for selected host ${name}. Setup is incomplete.`, { context: ctx })
  const error = await deployment.api.hostMappings.getByHost(ctx, name).catch((err: unknown) => err)
  await buryInCell0(deps, deployment, ctx, order, { buildRequests: [buildRequest], requestSpec, error })
  return null
}

/** Nothing of it is left behind: neither the mapping nor what the scheduler claimed. */
async function deletedMeanwhile(
  deps: ComputeTaskDeps,
  { api }: Deployment,
  ctx: RequestContext,
  { instance_uuid: uuid }: BuildRequest,
): Promise<null> {
  deps.log.debug('While scheduling instance, the build request was already deleted.', { instanceUuid: uuid, context: ctx })
  await api.instanceMappings.destroy(ctx, uuid).catch((err: unknown) => {
    if (!isNovaError(err, 'InstanceMappingNotFound')) throw err
  })
  await deleteAllocations(deps, ctx, uuid)
  return null
}

async function start(
  deps: ComputeTaskDeps,
  { api }: Deployment,
  ctx: RequestContext,
  order: BuildOrder,
  build: PlannedBuild,
): Promise<void> {
  const { instance, requestSpec, host, alternates, scope } = build
  const properties = filterPropertiesOf(requestSpec)
  countAttempt(properties, instance.uuid, deps.settings.maxAttempts)
  noteSelection(properties, host)
  const [mappings, tags] = await Promise.all([
    createBlockDevices(scope, ctx, instance, order.blockDeviceMapping),
    createTags(scope, ctx, instance.uuid, order),
    scope.stores.actions.start(ctx, instance.uuid, 'create'),
  ])
  instance.tags = tags
  // Not before: from now on the API shows what is in the cell.
  await mapToCell(deps, api, ctx, build)
  if (!(await takeBuildRequest(deps, api, ctx, build, mappings.objects))) return
  await scope.compute.buildAndRunInstance(ctx, {
    host: host.service_host,
    instance,
    image: order.image,
    requestSpec,
    filterProperties: properties,
    adminPassword: order.adminPassword,
    injectedFiles: order.injectedFiles,
    requestedNetworks: order.requestedNetworks,
    securityGroups: requestSpec.security_groups.objects.map((group) => (group.objIsSet('uuid') ? group.uuid : group.name)),
    blockDeviceMapping: mappings,
    node: host.nodename,
    limits: limitsOf(host.limits),
    hostList: alternates,
    accelUuids: [],
  })
}

async function mapToCell(
  { log }: ComputeTaskDeps,
  api: Deployment['api'],
  ctx: RequestContext,
  { instance, mapping, cell }: PlannedBuild,
): Promise<void> {
  if (mapping === undefined) throw novaError('InstanceMappingNotFound', { uuid: instance.uuid })
  if (mapping.cell_mapping !== null)
    log.error(
      `During scheduling instance is already mapped to another cell: ${mapping.cell_mapping.uuid}. It is mapped to ${cell.uuid} now.`,
      {
        instanceUuid: instance.uuid,
        context: ctx,
      },
    )
  mapping.cell_mapping = cell
  await api.instanceMappings.save(ctx, mapping)
}

/** @returns false if its user has deleted the server meanwhile: then the instance goes as well, and is not built */
async function takeBuildRequest(
  deps: ComputeTaskDeps,
  api: Deployment['api'],
  ctx: RequestContext,
  { instance, scope }: PlannedBuild,
  mappings: readonly Parameters<CellScope['stores']['blockDeviceMappings']['destroy']>[1][],
): Promise<boolean> {
  try {
    await api.buildRequests.destroy(ctx, instance.uuid)
    return true
  } catch (err) {
    if (!isNovaError(err, 'BuildRequestNotFound')) throw err
  }
  const { stores } = scope
  await deps.onStep?.(ctx, { scope, instance }, 'delete', 'start')
  await Promise.all(mappings.map((mapping) => stores.blockDeviceMappings.destroy(ctx, mapping)))
  await ignoring('InstanceNotFound', stores.tags.destroyAll(ctx, instance.uuid))
  await ignoring('InstanceNotFound', stores.instances.destroy(ctx, instance))
  await deps.onStep?.(ctx, { scope, instance }, 'delete', 'end')
  return false
}

async function ignoring(kind: 'InstanceNotFound', work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (err) {
    if (!isNovaError(err, kind)) throw err
  }
}
