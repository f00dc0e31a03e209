import { isClientError } from '@micronova/clients'
import { Destination, NovaError, novaError, type RequestContext } from '@micronova/model'
import { requireAggregates } from './destination.js'
import type { RequestFilter, RequestFilterDeps } from './request-filter.js'

type Neutron = NonNullable<RequestFilterDeps['neutron']>

/** Only hosts of the aggregates that belong to the segments of the requested networks; for a port with an address, of its subnet. */
export const routedNetworks: RequestFilter = async (ctx, spec, deps, signal) => {
  if (!deps.settings.query_placement_for_routed_network_aggregates || !spec.objIsSet('requested_networks')) return
  spec.requested_destination ??= new Destination()
  const { neutron } = deps
  if (neutron === null) return
  let aggregates: readonly string[] = []
  for (const { port_id: portId, network_id } of spec.requested_networks.objects) {
    let networkId = portId ? null : network_id
    if (portId) {
      const [port] = await neutron.listPorts(ctx, { id: portId }, { signal })
      if (port === undefined) throw novaError('PortNotFound', { port_id: portId })
      const subnet = port.fixed_ips[0]?.subnet_id
      if (subnet === undefined) networkId = port.network_id
      else aggregates = await orFailed(`Aggregates not found for the subnet ${subnet}`, () => ofSubnet(ctx, subnet, neutron, deps, signal))
    }
    const id = networkId
    if (id) aggregates = await orFailed(`Aggregates not found for the network ${id}`, () => ofNetwork(ctx, id, neutron, deps, signal))
    if (aggregates.length > 0) requireAggregates(spec, aggregates)
  }
}

async function ofNetwork(ctx: RequestContext, id: string, neutron: Neutron, deps: RequestFilterDeps, signal: AbortSignal) {
  if (!(await hasSegments(ctx, neutron, signal))) return []
  const subnets = await neutron.listSubnets(ctx, { network_id: id }, { auth: 'admin', fields: ['segment_id'], signal })
  const segments = subnets.flatMap(({ segment_id }) => (typeof segment_id === 'string' ? [segment_id] : []))
  const found = await Promise.all(segments.map((segment) => ofSegment(ctx, segment, deps, signal)))
  return found.flat()
}

async function ofSubnet(ctx: RequestContext, id: string, neutron: Neutron, deps: RequestFilterDeps, signal: AbortSignal) {
  if (!(await hasSegments(ctx, neutron, signal))) return []
  const { segment_id: segment } = await neutron.showSubnet(ctx, id, { auth: 'admin', signal })
  return typeof segment === 'string' ? ofSegment(ctx, segment, deps, signal) : []
}

async function hasSegments(ctx: RequestContext, neutron: Neutron, signal: AbortSignal): Promise<boolean> {
  return (await neutron.extensions(ctx, { auth: 'admin', signal })).has('segment')
}

/** Neutron makes an aggregate in Placement for each segment. */
async function ofSegment(
  ctx: RequestContext,
  segment: string,
  { placement }: RequestFilterDeps,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { aggregates } = await placement.getAggregates(ctx, segment, { signal })
  if (aggregates.length === 0)
    throw novaError('InvalidRoutedNetworkConfiguration', {}, `Failed to find aggregate related to segment ${segment}`)
  return aggregates
}

async function orFailed<T>(reason: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (err) {
    if (!isClientError(err) && !(err instanceof NovaError)) throw err
    throw novaError('RequestFilterFailed', { reason }, { cause: err })
  }
}
