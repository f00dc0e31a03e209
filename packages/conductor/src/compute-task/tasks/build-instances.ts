import { isClientError } from '@micronova/clients'
import {
  type BlockDeviceMapping,
  BlockDeviceMappingList,
  type Instance,
  type InstanceMapping,
  isNovaError,
  type NetworkRequestList,
  novaError,
  type RequestContext,
  RequestSpec,
  type Selection,
} from '@micronova/model'
import { claimAlternate } from '../allocations.js'
import type { ComputeTaskDeps } from '../compute-task-deps.js'
import { copyOf, countAttempt, type FilterProperties, limitsOf, noteSelection, specWith } from '../filter-properties.js'
import { cleanUpNetworks } from '../networks.js'
import { fillProviderMapping, refuseAccelerators } from '../provider-mapping.js'
import { giveUp } from '../report-failure.js'
import { schedule } from '../schedule.js'
import { zoneOf } from '../zones.js'

/** What a compute that could not build gives back. */
export interface Reschedule {
  readonly instances: readonly Instance[]
  readonly image: Readonly<Record<string, unknown>>
  readonly filterProperties: FilterProperties
  readonly adminPassword: string | null
  readonly injectedFiles: readonly unknown[]
  readonly requestedNetworks: NetworkRequestList | null
  readonly securityGroups: readonly string[] | null
  readonly requestSpec: RequestSpec | null
  /** For each instance the hosts that are left; null: the scheduler is asked. */
  readonly hostLists: readonly (readonly Selection[])[] | null
}

/**
 * A build that a nova-compute gives back is tried on the next host that has room. It is always work within the cell.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `build_instances`
 */
export async function buildInstances(deps: ComputeTaskDeps, ctx: RequestContext, order: Reschedule): Promise<void> {
  const [first] = order.instances
  if (first === undefined) return
  const asked = order.requestSpec ?? specOf(first, order)
  let hosts: readonly (readonly Selection[])[]
  try {
    countAttempt(order.filterProperties, first.uuid, deps.settings.maxAttempts)
    hosts = order.hostLists ?? (await scheduleAnew(deps, ctx, order, asked))
    if (hosts[0]?.[0] === undefined) throw exhausted(first.uuid)
  } catch (error) {
    const isFirstAttempt = (order.filterProperties.retry?.num_attempts ?? 1) <= 1
    for (const instance of order.instances) {
      if (isFirstAttempt) await dropBuildRequest(deps, ctx, instance)
      await fail(deps, ctx, order, instance, error)
    }
    return
  }
  for (const [at, instance] of order.instances.entries()) {
    try {
      await build(deps, ctx, order, asked, instance, [...(hosts[at] ?? [])])
    } catch (error) {
      await fail(deps, ctx, order, instance, error)
    }
  }
}

function scheduleAnew(deps: ComputeTaskDeps, ctx: RequestContext, order: Reschedule, asked: RequestSpec): Promise<Selection[][]> {
  const spec = specWith(asked, order.filterProperties)
  return schedule(
    deps,
    ctx,
    spec,
    order.instances.map(({ uuid }) => uuid),
    { alternates: true, scope: deps.local },
  )
}

async function build(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  order: Reschedule,
  asked: RequestSpec,
  instance: Instance,
  hosts: Selection[],
): Promise<void> {
  const { stores, compute } = deps.local
  const host = order.hostLists === null ? hosts.shift() : await claimNext(deps, ctx, asked, instance, hosts)
  if (host === undefined) throw exhausted(instance.uuid)
  refuseAccelerators(instance.flavor)
  instance.availability_zone = host.objIsSet('availability_zone') ? host.availability_zone : await zoneOf(deps, ctx, host.service_host)
  try {
    await stores.instances.save(ctx, instance)
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound') && !isNovaError(err, 'InstanceInfoCacheNotFound')) throw err
    deps.log.debug('Instance deleted during build', { instanceUuid: instance.uuid, context: ctx })
    return
  }
  const properties = copyOf(order.filterProperties)
  noteSelection(properties, host)
  const mappings = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  const isFirstAttempt = (properties.retry?.num_attempts ?? 1) <= 1
  if (isFirstAttempt && !(await takeFromApi(deps, ctx, instance, host))) return
  if (!isFirstAttempt) await renewAttachments(deps, ctx, instance, mappings)
  await compute.buildAndRunInstance(ctx, {
    host: host.service_host,
    instance,
    image: order.image,
    requestSpec: specWith(asked, properties),
    filterProperties: properties,
    adminPassword: order.adminPassword,
    injectedFiles: order.injectedFiles,
    requestedNetworks: order.requestedNetworks,
    securityGroups: order.securityGroups,
    blockDeviceMapping: new BlockDeviceMappingList({ objects: [...mappings] }),
    node: host.nodename,
    limits: limitsOf(host.objIsSet('limits') ? host.limits : null),
    hostList: hosts,
    accelUuids: [],
  })
}

/** The first of `hosts` with room; it and those without are taken out of the list. */
async function claimNext(
  deps: ComputeTaskDeps,
  ctx: RequestContext,
  spec: RequestSpec,
  { uuid }: Instance,
  hosts: Selection[],
): Promise<Selection | undefined> {
  for (let host = hosts.shift(); host !== undefined; host = hosts.shift()) {
    if (!(await claimAlternate(deps, ctx, spec, uuid, host))) continue
    fillProviderMapping(spec, host)
    return host
  }
  return undefined
}

/** The attachments of volumes went when the last compute cleaned up: without them nobody reserves the volume for this server. */
async function renewAttachments(
  { clients: { cinder }, local }: ComputeTaskDeps,
  ctx: RequestContext,
  { uuid }: Instance,
  mappings: readonly BlockDeviceMapping[],
): Promise<void> {
  for (const mapping of mappings) {
    const { destination_type, attachment_id: id, volume_id: volume } = mapping
    if (destination_type !== 'volume' || !id || !volume) continue
    try {
      await cinder.showAttachment(ctx, id)
    } catch (err) {
      if (!isClientError(err, 'not_found')) throw err
      mapping.attachment_id = (await cinder.createAttachment(ctx, { volumeId: volume, instanceUuid: uuid })).id
      await local.stores.blockDeviceMappings.save(ctx, mapping)
    }
  }
}

/** @returns false if its user has deleted the server meanwhile */
async function takeFromApi({ deployment }: ComputeTaskDeps, ctx: RequestContext, { uuid }: Instance, host: Selection): Promise<boolean> {
  if (deployment === null) return true
  const { instanceMappings, hostMappings, buildRequests } = deployment.api
  const [mapping] = await instanceMappings.listByInstanceUuids(ctx, [uuid])
  const [ofHost] = await hostMappings.listByHosts(ctx, [host.service_host])
  if (mapping !== undefined) await mapOrForget(deployment.api.instanceMappings, ctx, mapping, ofHost?.cell_mapping)
  try {
    await buildRequests.destroy(ctx, uuid)
    return true
  } catch (err) {
    if (!isNovaError(err, 'BuildRequestNotFound')) throw err
    if (mapping !== undefined) await instanceMappings.destroy(ctx, uuid)
    return false
  }
}

async function mapOrForget(
  store: { save(ctx: RequestContext, mapping: InstanceMapping): Promise<void>; destroy(ctx: RequestContext, uuid: string): Promise<void> },
  ctx: RequestContext,
  mapping: InstanceMapping,
  cell: InstanceMapping['cell_mapping'] | undefined,
): Promise<void> {
  if (!cell) return store.destroy(ctx, mapping.instance_uuid)
  mapping.cell_mapping = cell
  await store.save(ctx, mapping)
}

async function dropBuildRequest({ deployment }: ComputeTaskDeps, ctx: RequestContext, { uuid }: Instance): Promise<void> {
  await deployment?.api.buildRequests.destroy(ctx, uuid).catch((err: unknown) => {
    if (!isNovaError(err, 'BuildRequestNotFound')) throw err
  })
}

async function fail(deps: ComputeTaskDeps, ctx: RequestContext, order: Reschedule, instance: Instance, error: unknown): Promise<void> {
  const { local } = deps
  const failure = { instanceUuid: instance.uuid, method: 'build_instances', vmState: 'error', error, requestSpec: order.requestSpec }
  await giveUp(deps, local, ctx, failure)
  await cleanUpNetworks(deps, local, ctx, instance, order.requestedNetworks)
}

function exhausted(uuid: string) {
  return novaError('MaxRetriesExceeded', { reason: `Exhausted all hosts available for retrying build failures for instance ${uuid}.` })
}

/** A compute of before Queens does not say what was asked for. */
function specOf(instance: Instance, { instances }: Reschedule): RequestSpec {
  const { uuid, flavor, project_id, user_id, availability_zone } = instance
  const optional = Object.fromEntries(
    (['numa_topology', 'pci_requests'] as const).flatMap((name) => (instance.objIsSet(name) ? [[name, instance[name]]] : [])),
  )
  return new RequestSpec({
    instance_uuid: uuid,
    num_instances: instances.length,
    flavor,
    project_id,
    user_id,
    availability_zone,
    ...optional,
  })
}
