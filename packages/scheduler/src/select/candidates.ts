import {
  type AllocationCandidates,
  type AllocationRequest,
  isClientError,
  type PlacementClient,
  type ResourceRequest,
} from '@micronova/clients'
import { novaError, type RequestContext, type RequestSpec } from '@micronova/model'
import { type ResourcesOfDeps, resourcesOf } from './resources-of.js'

/** Of the query and of the claims that are made of its answer. @see nova 26.2.2, `scheduler/client/report.py`, `SAME_SUBTREE_VERSION` */
export const candidatesMicroversion = '1.36'

/** What Placement could give, by the uuid of each provider that has a part in it. */
export interface Candidates {
  readonly byProvider: ReadonlyMap<string, readonly AllocationRequest[]>
  /** Of all providers in the answer; compute nodes are among them. */
  readonly providers: readonly string[]
}

export interface CandidatesDeps extends ResourcesOfDeps {
  readonly placement: Pick<PlacementClient, 'getAllocationCandidates'>
  /** `[workarounds] disable_fallback_pcpu_query` */
  readonly disablePinningFallback: boolean
}

/**
 * Ask Placement. For dedicated CPUs it is asked again for shared ones: computes of before Train report no others.
 *
 * @throws NovaError `NoValidHost` if there are none, or Placement does not answer
 */
export async function candidatesFor(
  ctx: RequestContext,
  spec: RequestSpec,
  deps: CandidatesDeps,
  signal: AbortSignal,
): Promise<Candidates> {
  const request = await resourcesOf(ctx, spec, deps, true)
  const answers = [await ask(ctx, request, deps, signal)]
  if (request.wantsPinning && !deps.disablePinningFallback) {
    deps.log.debug('Requesting fallback allocation candidates with VCPU instead of PCPU')
    answers.push(await ask(ctx, await resourcesOf(ctx, spec, deps, false), deps, signal))
  }
  const found = answers.filter((answer) => answer !== null)
  const byProvider = new Map<string, AllocationRequest[]>()
  for (const { allocation_requests: requests } of found)
    for (const request of requests)
      for (const uuid in request.allocations) {
        const known = byProvider.get(uuid)
        if (known === undefined) byProvider.set(uuid, [request])
        else known.push(request)
      }
  if (byProvider.size === 0) {
    deps.log.info(
      'Got no allocation candidates from the Placement API: there are not enough resources, or compute nodes are just starting up.',
    )
    throw novaError('NoValidHost', { reason: '' })
  }
  const [first, ...others] = found.map((answer) => Object.keys(answer.provider_summaries))
  return { byProvider, providers: others.length === 0 ? first! : [...new Set([first!, ...others].flat())] }
}

/** null if it could not be asked, which is logged. */
async function ask(
  ctx: RequestContext,
  request: ResourceRequest,
  { placement, log }: CandidatesDeps,
  signal: AbortSignal,
): Promise<AllocationCandidates | null> {
  try {
    return await placement.getAllocationCandidates(ctx, request.toQuery(), { microversion: candidatesMicroversion, signal })
  } catch (err) {
    if (!isClientError(err)) throw err
    log.error(`Failed to retrieve allocation candidates from placement API: ${err.message}`)
    return null
  }
}
