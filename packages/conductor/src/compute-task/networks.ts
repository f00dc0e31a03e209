import { isClientError, type NeutronClient, type Port, type PortBinding, withoutHostKeys } from '@micronova/clients'
import {
  type Instance,
  NetworkMetadata,
  NetworkRequest,
  type NetworkRequestList,
  NetworkRequestList as NetworkRequests,
  novaError,
  type RequestContext,
  RequestGroup,
  RequestLevelParams,
  type RequestSpec,
  type Vif,
} from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import type { CellScope, ComputeTaskDeps } from './compute-task-deps.js'

/** What the ports of an instance ask of Placement. */
export interface PortRequests {
  readonly groups: RequestGroup[]
  readonly params: RequestLevelParams
}

interface GroupRequest {
  readonly id?: string
  readonly resources: Readonly<Record<string, number>>
  readonly required?: readonly string[]
}

interface ExtendedRequest {
  readonly request_groups?: readonly GroupRequest[]
  readonly same_subtree?: readonly string[]
}

/** @see nova 26.2.2, `network/neutron.py`, `get_requested_resource_for_instance` */
export async function portRequestsOf(
  { clients: { neutron } }: ComputeTaskDeps,
  ctx: RequestContext,
  instanceUuid: string,
): Promise<PortRequests> {
  const params = new RequestLevelParams()
  if (neutron === null) return { groups: [], params }
  // Only an administrator sees the requests of ports.
  const ports = await neutron.listPorts(ctx, { device_id: instanceUuid }, { auth: 'admin', fields: ['id', 'resource_request'] })
  const asking = ports.filter(({ resource_request: request }) => request)
  if (asking.length === 0) return { groups: [], params }
  const isExtended = (await neutron.extensions(ctx, { auth: 'admin' })).has('port-resource-request-groups')
  if (!isExtended) return { groups: asking.map(({ id, resource_request }) => groupOf(id, resource_request as GroupRequest)), params }
  const requests = asking.map(({ resource_request }) => resource_request as ExtendedRequest)
  const subtrees = requests.flatMap(({ same_subtree: subtree }) => (subtree?.length ? [[...subtree]] : []))
  if (subtrees.length > 0) params.same_subtree = subtrees
  return { groups: requests.flatMap(({ request_groups: groups = [] }) => groups.map((group) => groupOf(group.id ?? '', group))), params }
}

function groupOf(requester_id: string, { resources, required = [] }: GroupRequest): RequestGroup {
  return new RequestGroup({ use_same_provider: true, resources: { ...resources }, required_traits: new Set(required), requester_id })
}

/**
 * Tell the scheduler of the networks that the instance is on, as far as its cache knows them.
 *
 * @see nova 26.2.2, `objects/request_spec.py`, `ensure_network_information`
 */
export function ensureNetworks(spec: RequestSpec, instance: Instance): void {
  const vifs = vifsOf(instance)
  if (vifs.length === 0) return
  const physnets = new Set(vifs.flatMap(({ network }) => (network?.meta.physical_network as string | undefined) ?? []))
  // NOTE: upstream begins with true, so it is never anything else; a scheduler of theirs sees the same from us.
  spec.network_metadata = new NetworkMetadata({ physnets, tunneled: true })
  const objects = vifs.map(({ id, network }) => new NetworkRequest({ network_id: network?.id ?? null, port_id: id }))
  spec.requested_networks = new NetworkRequests({ objects })
}

export function vifsOf(instance: Instance): readonly Vif[] {
  if (!instance.objIsSet('info_cache') || instance.info_cache === null) return []
  const { network_info: info } = instance.info_cache
  return info ?? []
}

/**
 * Free the networks of a build that failed: ports that the user brought are unbound, the others deleted. A failure is logged: the
 * instance ends in ERROR anyway, and deleting it tries again.
 */
export async function cleanUpNetworks(
  deps: ComputeTaskDeps,
  { stores }: CellScope,
  ctx: RequestContext,
  instance: Instance,
  requested: NetworkRequestList | null,
): Promise<void> {
  const { log } = deps
  const noted = { instanceUuid: instance.uuid, context: ctx }
  try {
    if (!isWithoutNetworks(requested)) await deallocate(deps, { stores }, ctx, instance, requested)
    const current = await stores.instances.getByUuid(ctx, instance.uuid, ['system_metadata'])
    current.system_metadata = { ...current.system_metadata, network_allocated: 'False' }
    await stores.instances.save(ctx, current)
  } catch (err) {
    log.warning(`Failed to deallocate networks: ${messageOf(err)}`, noted)
  }
}

/** The user asked for none: the one request names the network `none`. */
function isWithoutNetworks(requested: NetworkRequestList | null): boolean {
  return requested?.objects.length === 1 && requested.objects[0]!.network_id === 'none'
}

async function deallocate(
  { clients: { neutron }, log }: ComputeTaskDeps,
  { stores }: Pick<CellScope, 'stores'>,
  ctx: RequestContext,
  instance: Instance,
  requested: NetworkRequestList | null,
): Promise<void> {
  if (neutron === null) return
  const brought = new Set([
    ...(requested?.objects ?? []).flatMap(({ port_id }) => port_id ?? []),
    ...vifsOf(instance).flatMap(({ id, preserve_on_delete: isKept }) => (isKept && id ? [id] : [])),
  ])
  const ports = await neutron.listPorts(ctx, { device_id: instance.uuid })
  await Promise.all([
    ...[...brought].map((portId) =>
      unbind(neutron, ctx, portId, instance.uuid).catch((err: Error) =>
        log.warning(`Unable to clear device ID for port ${portId}: ${err.message}`),
      ),
    ),
    ...ports.filter(({ id }) => !brought.has(id)).map(({ id }) => withoutNotFound(neutron.deletePort(ctx, id))),
  ])
  await stores.virtualInterfaces.deleteByInstanceUuid(ctx, instance.uuid)
}

async function unbind(neutron: NeutronClient, ctx: RequestContext, portId: string, instanceUuid: string): Promise<void> {
  const found = await withoutNotFound(
    neutron.showPort(ctx, portId, { auth: 'admin', fields: ['binding:profile', 'network_id', 'device_id'] }),
  )
  // One of another instance, whose build failed for that, must not lose it.
  if (found?.device_id !== instanceUuid) return
  const profile = withoutHostKeys(found['binding:profile'] ?? {})
  const dns = (await hasInternalDns(neutron, ctx, found)) ? { dns_name: '' } : {}
  const body = { device_id: '', device_owner: '', 'binding:host_id': null, 'binding:profile': profile, ...dns }
  await withoutNotFound(neutron.updatePort(ctx, portId, body, { auth: 'admin' }))
}

/** Names are the ports' where the network has no domain of its own. */
async function hasInternalDns(neutron: NeutronClient, ctx: RequestContext, { network_id }: Port): Promise<boolean> {
  if (!(await neutron.extensions(ctx, { auth: 'admin' })).has('dns-integration')) return false
  const network = await withoutNotFound(neutron.showNetwork(ctx, network_id, { fields: ['dns_domain'] }))
  return !network?.dns_domain
}

async function withoutNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (err) {
    if (isClientError(err, 'not_found')) return undefined
    throw err
  }
}

/** Can ports be bound on the destination of a live migration before it begins? */
export async function hasExtendedBinding({ clients: { neutron } }: ComputeTaskDeps, ctx: RequestContext): Promise<boolean> {
  return neutron !== null && (await neutron.extensions(ctx, { auth: 'admin' })).has('binding-extended')
}

/**
 * Bind the ports of the instance on a further host, inactive. If one cannot be, those that were bound are unbound.
 *
 * @param profiles by port; default that of the present interface
 * @throws NovaError `PortBindingFailed`
 */
export async function bindPortsOn(
  { clients: { neutron }, log }: ComputeTaskDeps,
  ctx: RequestContext,
  instance: Instance,
  host: string,
  profiles: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): Promise<ReadonlyMap<string, PortBinding>> {
  const client = neutron!
  const vifs = vifsOf(instance).filter((vif): vif is Vif & { id: string } => vif.id !== null)
  const results = await Promise.allSettled(
    vifs.map(({ id, vnic_type, profile }) =>
      client.createPortBinding(ctx, id, { host, vnic_type, profile: profiles.get(id) ?? profile ?? {} }, { auth: 'admin' }),
    ),
  )
  const failed = results.findIndex(({ status }) => status === 'rejected')
  if (failed < 0) return new Map(results.map((result, at) => [vifs[at]!.id, (result as PromiseFulfilledResult<PortBinding>).value]))
  const { reason } = results[failed] as PromiseRejectedResult
  log.error(`Binding failed for port ${vifs[failed]!.id} and host ${host}: ${messageOf(reason)}`, {
    instanceUuid: instance.uuid,
  })
  const bound = vifs.filter((_, at) => results[at]!.status === 'fulfilled')
  await Promise.all(
    bound.map(({ id }) =>
      removeBinding(client, ctx, id, host).catch((err: Error) =>
        log.warning(`Failed to remove binding for port ${id} on host ${host}: ${err.message}`),
      ),
    ),
  )
  throw novaError('PortBindingFailed', { port_id: vifs[failed]!.id }, { cause: reason })
}

/**
 * A move does not take place: the binding of the source is the active one again, that of the destination goes. A port whose source
 * cannot be made active keeps both, to have one at all.
 *
 * @throws ClientError of the first port that failed; the others are seen to
 */
export async function returnPorts(
  { clients: { neutron } }: ComputeTaskDeps,
  ctx: RequestContext,
  portIds: readonly string[],
  { source, destination }: { readonly source: string; readonly destination: string },
): Promise<void> {
  const client = neutron!
  const results = await Promise.allSettled(
    portIds.map(async (id) => {
      await client.activatePortBinding(ctx, id, source, { auth: 'admin' }).catch((err: unknown) => {
        // It is active still.
        if (!isClientError(err, 'conflict')) throw err
      })
      await removeBinding(client, ctx, id, destination)
    }),
  )
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

async function removeBinding(client: NeutronClient, ctx: RequestContext, portId: string, host: string): Promise<void> {
  await withoutNotFound(client.deletePortBinding(ctx, portId, host, { auth: 'admin' }))
}
