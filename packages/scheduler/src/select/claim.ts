import { type AllocationRequest, type AllocationsBody, isClientError, type PlacementClient } from '@micronova/clients'
import type { Clock, Random } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { novaError, type RequestContext, type RequestSpec } from '@micronova/model'
import { candidatesMicroversion } from './candidates.js'

/** Tries after a conflict of providers, the first one included. @see nova 26.2.2, `scheduler/client/report.py`, `retries` */
const tries = 4

export interface ClaimDeps {
  readonly placement: Pick<PlacementClient, 'getAllocations' | 'putAllocations' | 'deleteAllocations'>
  readonly clock: Pick<Clock, 'sleep'>
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
}

/**
 * Allocate what a candidate offers to an instance. One that has something already, as when it is evacuated, has both from now on.
 *
 * @returns false if it could not be had: somebody else was quicker, or Placement does not answer
 * @throws NovaError `AllocationUpdateFailed` if somebody changes the allocations of the instance at the same time
 */
export async function claim(
  ctx: RequestContext,
  spec: RequestSpec,
  instanceUuid: string,
  request: AllocationRequest,
  deps: ClaimDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock, random, log } = deps
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (attempt > 0) await clock.sleep(random.next() * attempt * 2000, signal)
    try {
      const body = await bodyOf(ctx, spec, instanceUuid, request, deps, signal)
      await deps.placement.putAllocations(ctx, instanceUuid, body, { microversion: candidatesMicroversion, signal })
      return true
    } catch (err) {
      if (!isClientError(err)) throw err
      log.warning(`Failed to save allocation for ${instanceUuid}: ${err.message}`)
      if (err.serviceCode !== 'placement.concurrent_update') return false
      if (err.detail?.includes('consumer generation conflict')) {
        const error = `another process changed the consumer ${instanceUuid} after the report client read the consumer state during the claim `
        throw novaError('AllocationUpdateFailed', { consumer_uuid: instanceUuid, error }, { cause: err })
      }
    }
  }
  log.error('Failed scheduler client operation claim_resources: out of retries')
  return false
}

async function bodyOf(
  ctx: RequestContext,
  spec: RequestSpec,
  instanceUuid: string,
  { allocations, mappings }: AllocationRequest,
  { placement }: ClaimDeps,
  signal: AbortSignal,
): Promise<AllocationsBody> {
  const owner = { project_id: spec.project_id ?? '', user_id: (spec.objIsSet('user_id') && spec.user_id) || (ctx.userId ?? '') }
  const current = await placement.getAllocations(ctx, instanceUuid, { signal })
  const before = Object.entries(current.allocations).map(([uuid, { resources }]) => [uuid, { resources }] as const)
  if (before.length === 0) return { allocations, mappings, ...owner, consumer_generation: null }
  const kept = Object.fromEntries(before)
  const added = Object.entries(allocations).filter(([uuid]) => kept[uuid] === undefined)
  return { allocations: { ...kept, ...Object.fromEntries(added) }, ...owner, consumer_generation: current.consumer_generation ?? null }
}

/** Give back what instances of a request got that cannot be placed as a whole. */
export async function unclaim(ctx: RequestContext, instanceUuids: readonly string[], { placement, log }: ClaimDeps): Promise<void> {
  for (const uuid of instanceUuids)
    try {
      await placement.deleteAllocations(ctx, uuid)
      log.info(`Deleted allocations for instance ${uuid}`)
    } catch (err) {
      if (isClientError(err, 'not_found')) continue
      if (!isClientError(err)) throw err
      log.warning(`Unable to delete allocation for instance ${uuid}: ${err.message}`)
      throw novaError('AllocationDeleteFailed', { consumer_uuid: uuid, error: err.detail ?? err.message }, { cause: err })
    }
}
