import { ResourceRequest } from '@micronova/clients'
import type { Logger } from '@micronova/log'
import { novaError, type RequestContext, type RequestSpec } from '@micronova/model'
import { hintOf } from '../filters/scheduler-hints.js'
import type { HostManager } from '../hosts/host-manager.js'

export interface ResourcesOfDeps {
  readonly hosts: Pick<HostManager, 'nodesByName'>
  readonly log: Logger
  /** `[scheduler] max_placement_results` */
  readonly limit: number
}

/**
 * What Placement is asked for, with the destination of the request: aggregates, and the node if it is one alone.
 *
 * @throws NovaError `NoValidHost` if the destination does not exist
 * @see nova 26.2.2, `scheduler/utils.py`, `resources_from_request_spec`
 */
export async function resourcesOf(
  ctx: RequestContext,
  spec: RequestSpec,
  deps: ResourcesOfDeps,
  translatePinning: boolean,
): Promise<ResourceRequest> {
  const request = new ResourceRequest(spec, { ...deps, translatePinning })
  const destination = spec.requested_destination
  if (destination !== null) {
    const { aggregates, forbidden_aggregates: forbidden } = destination
    if (aggregates?.length) request.group(null).aggregates = aggregates.map((anyOf) => anyOf.split(','))
    for (const uuid of forbidden ?? []) request.group(null).forbiddenAggregates.add(uuid)
  }
  await goTo(ctx, spec, request, deps)
  if (['group', 'same_host', 'different_host'].some((hint) => hintOf(spec, hint) !== undefined)) request.limit = null
  defaultGroupPolicy(request, deps.log)
  return request
}

async function goTo(ctx: RequestContext, spec: RequestSpec, request: ResourceRequest, { hosts }: ResourcesOfDeps): Promise<void> {
  const destination = spec.requested_destination
  const host = (destination?.objIsSet('host') && destination.host) || firstOf(spec, 'force_hosts')
  const node = (destination?.objIsSet('node') && destination.node) || firstOf(spec, 'force_nodes')
  if (!host && !node) return
  const cell = destination?.objIsSet('cell') ? destination.cell : null
  const nodes = await hosts.nodesByName(ctx, host, node, cell)
  const [only] = nodes
  if (only === undefined) throw novaError('NoValidHost', { reason: `No such host - host: ${host ?? 'None'} node: ${node ?? 'None'} ` })
  if (nodes.length > 1) {
    // A query has one root: all candidates are wanted, so that those of the host are among them.
    request.limit = null
    return
  }
  if (destination !== null) {
    destination.host = only.host ?? ''
    destination.node = only.hypervisor_hostname
  }
  request.group(null).inTree = only.uuid
}

function firstOf(spec: RequestSpec, name: 'force_hosts' | 'force_nodes'): string | null {
  return (spec.objIsSet(name) ? spec[name]?.[0] : undefined) ?? null
}

/** Placement refuses several groups without a policy. A flavor that names several must name it; groups of ports get `none`. */
function defaultGroupPolicy(request: ResourceRequest, log: Logger): void {
  if (request.suffixedGroups < 2 || request.groupPolicy !== null) return
  log.warning('There is more than one group of resources in the request and the flavor has no group_policy: Placement would refuse it')
  if (request.suffixedGroupsOfFlavor <= 1) request.groupPolicy = 'none'
}
