import {
  type AllocationsBody,
  type ConsumerAllocations,
  hasNoAllocations,
  isClientError,
  isConsumerChange,
  isProviderChange,
  moveAllocations as moveBetweenConsumers,
  type PlacementClient,
  removeFromTree,
  whileProvidersChange,
} from '@micronova/clients'
import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { type ComputeNode, type Instance, novaError, type RequestContext, type RequestSpec } from '@micronova/model'

export interface AllocationsDeps {
  readonly clients: { readonly placement: PlacementClient | null }
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

type AllocationRequest = Pick<AllocationsBody, 'allocations' | 'mappings'>

/** @throws NovaError `PlacementAPIConnectFailure` if `[placement]` is not configured */
export function placementOf({ clients: { placement } }: Pick<AllocationsDeps, 'clients'>): PlacementClient {
  if (placement === null) throw novaError('PlacementAPIConnectFailure')
  return placement
}

/**
 * Claim for the instance what `request` asks of the providers of a host. What it holds already stays: it is being moved.
 *
 * @param isNew the instance must not hold anything
 * @returns false if the host has no room
 * @throws NovaError `AllocationUpdateFailed` if somebody else changed the allocations of the instance meanwhile
 * @see nova 26.2.2, `scheduler/client/report.py`, `claim_resources`
 */
export async function claim(
  deps: AllocationsDeps,
  ctx: RequestContext,
  owner: { readonly instanceUuid: string; readonly projectId: string; readonly userId: string },
  request: AllocationRequest,
  microversion: string,
  generation: number | null = null,
): Promise<boolean> {
  const placement = placementOf(deps)
  const { instanceUuid, projectId, userId } = owner
  return whileProvidersChange(deps, async () => {
    const current = await placement.getAllocations(ctx, instanceUuid)
    const isMove = !hasNoAllocations(current)
    const body = {
      ...(isMove ? doubled(current, request) : request),
      project_id: projectId,
      user_id: userId,
      consumer_generation: isMove ? (current.consumer_generation ?? null) : generation,
    }
    try {
      await placement.putAllocations(ctx, instanceUuid, body, { microversion })
      return true
    } catch (err) {
      if (!isClientError(err, 'conflict', 'bad_request')) throw err
      if (isProviderChange(err)) throw err
      if (isConsumerChange(err))
        throw novaError('AllocationUpdateFailed', { consumer_uuid: instanceUuid, error: err.message }, { cause: err })
      deps.log.warning(`Unable to submit allocation for instance ${instanceUuid}: ${err.message}`, { instanceUuid, context: ctx })
      return false
    }
  })
}

/** Claim what a selected alternate host was going to give. A host whose scheduler did not use Placement is taken as it is. */
export async function claimAlternate(
  deps: AllocationsDeps,
  ctx: RequestContext,
  spec: RequestSpec,
  instanceUuid: string,
  {
    allocation_request: text,
    allocation_request_version: version,
  }: { readonly allocation_request: string | null; readonly allocation_request_version: string | null },
): Promise<boolean> {
  if (!text) return true
  const userId = spec.objIsSet('user_id') && spec.user_id ? spec.user_id : (ctx.userId ?? '')
  const owner = { instanceUuid, projectId: spec.project_id ?? '', userId }
  return claim(deps, ctx, owner, JSON.parse(text) as AllocationRequest, version ?? '1.36')
}

/**
 * Claim on a forced destination what the instance holds on its source: the scheduler was not asked.
 *
 * @param source what it held; default: what it holds now
 * @throws NovaError `NoValidHost`, `ConsumerAllocationRetrievalFailed`, `AllocationUpdateFailed`
 * @see nova 26.2.2, `scheduler/utils.py`, `claim_resources_on_destination`
 */
export async function claimOnDestination(
  deps: AllocationsDeps,
  ctx: RequestContext,
  instance: Instance,
  { from, to }: { readonly from: ComputeNode; readonly to: ComputeNode },
  source?: ConsumerAllocations['allocations'],
): Promise<void> {
  const { uuid, project_id, user_id } = instance
  const current = source === undefined ? await placementOf(deps).getAllocations(ctx, uuid) : null
  const held = source ?? current!.allocations
  if (Object.keys(held).length === 0)
    throw novaError('ConsumerAllocationRetrievalFailed', {
      consumer_uuid: uuid,
      error: `Expected to find allocations for source node resource provider ${from.uuid}. Retry the operation without forcing a destination host.`,
    })
  const resources = held[from.uuid]?.resources
  if (Object.keys(held).length > 1 || resources === undefined)
    throw noValidHost(
      `Unable to move instance ${uuid} to host ${to.host}. The instance has complex allocations on the source host so move cannot be forced.`,
    )
  const request = { allocations: { [to.uuid]: { resources } } }
  const owner = { instanceUuid: uuid, projectId: project_id ?? '', userId: user_id ?? '' }
  if (await claim(deps, ctx, owner, request, '1.28', current?.consumer_generation ?? null)) return
  throw noValidHost(`Unable to move instance ${uuid} to host ${to.host}. There is not enough capacity on the host for the instance.`)
}

/** @throws NovaError `AllocationMoveFailed`, `PlacementAPIConnectFailure` */
export function moveAllocations(deps: AllocationsDeps, ctx: RequestContext, from: string, to: string): Promise<boolean> {
  return moveBetweenConsumers({ ...deps, placement: placementOf(deps) }, ctx, from, to)
}

/** Whatever the consumer holds; that it holds nothing is fine. */
export async function deleteAllocations(deps: AllocationsDeps, ctx: RequestContext, consumerUuid: string): Promise<void> {
  try {
    await deps.clients.placement?.deleteAllocations(ctx, consumerUuid)
  } catch (err) {
    if (!isClientError(err, 'not_found')) throw err
  }
}

/** Take from the consumer what it holds on the providers of one host. */
export async function removeFromHost(
  deps: AllocationsDeps,
  ctx: RequestContext,
  consumerUuid: string,
  rootProviderUuid: string,
): Promise<void> {
  await removeFromTree({ ...deps, placement: placementOf(deps) }, ctx, consumerUuid, rootProviderUuid)
}

/** Both hosts, during a move; of a provider that both use, what is held there already. */
function doubled({ allocations: current }: ConsumerAllocations, request: AllocationRequest): AllocationRequest {
  const held = Object.entries(current).map(([uuid, { resources }]) => [uuid, { resources }])
  return { allocations: { ...request.allocations, ...Object.fromEntries(held) } }
}

function noValidHost(reason: string) {
  return novaError('NoValidHost', { reason })
}
